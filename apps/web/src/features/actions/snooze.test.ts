import { expect, test } from 'vitest';
import { instantOf, presets, readLocal, writeLocal } from './snooze';

const ZONE = 'Europe/Bucharest';

test('tomorrow at nine is nine by the clocks of the zone, also across a change of the clocks', () => {
  expect(presets(new Date('2026-11-22T21:30:00Z'), ZONE).tomorrow.toISOString()).toBe('2026-11-23T07:00:00.000Z');
  // It is already tomorrow there.
  expect(presets(new Date('2026-11-22T22:30:00Z'), ZONE).tomorrow.toISOString()).toBe('2026-11-24T07:00:00.000Z');
  expect(presets(new Date('2027-03-27T12:00:00Z'), ZONE).tomorrow.toISOString()).toBe('2027-03-28T06:00:00.000Z');
  expect(presets(new Date('2026-10-24T12:00:00Z'), ZONE).tomorrow.toISOString()).toBe('2026-10-25T07:00:00.000Z');
});

test('later today is on a half hour some three hours on, as long as it is today', () => {
  const today = (now: string): string | undefined => presets(new Date(now), ZONE).today?.toISOString();
  expect(today('2026-11-22T07:10:00Z')).toBe('2026-11-22T10:30:00.000Z');
  expect(today('2026-11-22T16:10:00Z')).toBe('2026-11-22T19:30:00.000Z');
  expect(today('2026-11-22T18:10:00Z')).toBeUndefined();
  expect(today('2026-11-22T20:30:00Z')).toBeUndefined();
});

test('Monday is the next one, and never today', () => {
  const monday = (now: string): string => presets(new Date(now), ZONE).monday.toISOString();
  expect(monday('2026-11-22T12:00:00Z')).toBe('2026-11-23T07:00:00.000Z');
  expect(monday('2026-11-23T05:00:00Z')).toBe('2026-11-30T07:00:00.000Z');
  expect(monday('2026-11-25T12:00:00Z')).toBe('2026-11-30T07:00:00.000Z');
});

test('a date and time are read in the zone, and written back the same', () => {
  expect(readLocal('2026-07-01T10:15', ZONE)?.toISOString()).toBe('2026-07-01T07:15:00.000Z');
  expect(readLocal('2026-07-01', ZONE)).toBeUndefined();
  expect(writeLocal(new Date('2026-07-01T07:15:00Z'), ZONE)).toBe('2026-07-01T10:15');
});

test('an hour that the clocks skip becomes one that exists', () => {
  const at = instantOf({ year: 2027, month: 3, day: 28, hour: 3, minute: 30 }, ZONE);
  expect(Math.abs(at.getTime() - Date.parse('2027-03-28T01:30:00Z'))).toBeLessThanOrEqual(3_600_000);
});
