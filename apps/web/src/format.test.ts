import { describe, expect, it } from 'vitest';
import { formats, regional } from '$app/format';

const ro = formats('ro', 'Europe/Bucharest');
const en = formats('en', 'Europe/Bucharest');
const now = new Date('2026-11-22T12:05:00Z');
const before = (milliseconds: number): Date => new Date(now.getTime() - milliseconds);
const HOUR = 3_600_000;
const plain = (text: string): string => text.replaceAll(/\s/g, ' ');

describe('times', () => {
  it('are in the zone of the person', () => {
    expect(ro.time(now)).toBe('14:05');
    expect(formats('ro', 'UTC').time(now)).toBe('12:05');
  });

  it('are relative while that tells something', () => {
    expect(en.relative(before(20_000), now)).toBe('now');
    expect(ro.ago(before(20_000), now)).toBe('acum 20 sec.');
    expect(en.ago(before(-300), now)).toBe('1 sec ago');
    expect(en.ago(before(5 * 60_000), now)).toBe('5 min ago');
    expect(en.relative(before(5 * 60_000), now)).toBe('5 min ago');
    expect(ro.relative(before(3 * HOUR), now)).toBe('acum 3 h');
    expect(ro.relative(before(20 * HOUR), now)).toBe('ieri');
    expect(ro.relative(new Date('2026-03-01T10:00:00Z'), now)).toBe('1 mar.');
  });

  it('change day at midnight of the zone, not of Greenwich', () => {
    const late = new Date('2026-11-21T22:30:00Z');
    expect(en.day(late, now)).toBe('today');
    expect(formats('en', 'UTC').day(late, now)).toBe('yesterday');
  });

  it('keep the count of days when the clocks change', () => {
    expect(en.day(new Date('2026-10-24T20:00:00Z'), new Date('2026-10-25T20:00:00Z'))).toBe('yesterday');
  });

  it('are exact where somebody looks closely', () => {
    expect(ro.moment(before(9_000), now)).toBe('14:04:51');
    expect(en.moment(before(24 * HOUR), now)).toBe('21 Nov, 14:05:00');
    expect(ro.moment(new Date('2025-03-01T10:00:00Z'), now)).toBe('1 mar. 2025, 12:00:00');
  });

  it('are brief in a list', () => {
    expect(en.brief(before(HOUR), now)).toBe('13:05');
    expect(en.brief(before(3 * 24 * HOUR), now)).toBe('Thu');
    expect(ro.brief(new Date('2025-03-01T10:00:00Z'), now)).toBe('01.03.25');
  });
});

describe('amounts', () => {
  it('have the signs of the language', () => {
    expect(ro.number(1234567.5)).toBe('1.234.567,5');
    expect(ro.list(['Ana', 'Ion', 'Mia'])).toBe('Ana, Ion și Mia');
  });

  it('of bytes are rounded to what a person compares', () => {
    expect(plain(en.bytes(999))).toBe('999 bytes');
    expect(plain(en.bytes(1_500))).toBe('1.5 kB');
    expect(plain(ro.bytes(16_400_000))).toBe('16 MB');
  });

  it('of time have at most two units', () => {
    expect(plain(en.duration(65 * 60_000))).toBe('1 hr 5 mins');
    expect(plain(ro.duration(2 * 24 * HOUR + 30_000))).toBe('2 zile');
    expect(plain(en.duration(-400))).toBe('0 secs');
  });
});

describe('a language', () => {
  it('is that of the place where the person is, and never American by accident', () => {
    expect(regional('en', ['ro-RO', 'en-IE', 'en-US'])).toBe('en-IE');
    expect(regional('en', ['ro-RO', 'en'])).toBe('en-GB');
    expect(regional('ro', ['en-US'])).toBe('ro-RO');
    expect(regional('ro', ['ro-MD'])).toBe('ro-MD');
    expect(plain(en.date(now))).toBe('22 Nov 2026');
    expect(plain(en.full(now))).toBe('Sunday, 22 November 2026 at 14:05');
  });
});
