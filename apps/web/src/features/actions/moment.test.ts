import { expect, test } from 'vitest';
import { momentOf } from './moment';
import { writeLocal } from './snooze';

const ZONE = 'Europe/Bucharest';
/** A Sunday, 12:00 in Bucharest. */
const NOW = new Date('2026-11-22T10:00:00Z');
const read = (text: string, now = NOW): string | undefined => {
  const moment = momentOf(text, now, ZONE);
  return moment && writeLocal(moment, ZONE);
};

test.each([
  ['tomorrow', '2026-11-23T09:00'],
  ['Tomorrow at 9', '2026-11-23T09:00'],
  ['mâine la 9', '2026-11-23T09:00'],
  ['maine la 14:30', '2026-11-23T14:30'],
  ['mâine la 9.30', '2026-11-23T09:30'],
  ['mâine dimineață', '2026-11-23T09:00'],
  ['mâine după-amiază', '2026-11-23T14:00'],
  ['mâine după amiază', '2026-11-23T14:00'],
  ['poimâine la prânz', '2026-11-24T12:00'],
  ['day after tomorrow 8am', '2026-11-24T08:00'],
  ['in 2 hours', '2026-11-22T14:00'],
  ['peste 2 ore', '2026-11-22T14:00'],
  ['peste o oră', '2026-11-22T13:00'],
  ['peste 20 de minute', '2026-11-22T12:20'],
  ['30 min', '2026-11-22T12:30'],
  ['1h 30m', '2026-11-22T13:30'],
  ['in 3 days', '2026-11-25T09:00'],
  ['peste o săptămână', '2026-11-29T09:00'],
  ['a week', '2026-11-29T09:00'],
  ['monday', '2026-11-23T09:00'],
  ['vineri la 16', '2026-11-27T16:00'],
  ['friday 4 pm', '2026-11-27T16:00'],
  ['Friday 4:15pm', '2026-11-27T16:15'],
  ['duminică', '2026-11-29T09:00'],
  ['sâmbătă seara', '2026-11-28T18:00'],
  ['tonight', '2026-11-22T20:00'],
  ['diseară la 21', '2026-11-22T21:00'],
  ['diseară la 8', '2026-11-22T20:00'],
  ['mâine dimineață la 8', '2026-11-23T08:00'],
  ['Friday evening at 7', '2026-11-27T19:00'],
  ['today 17:00', '2026-11-22T17:00'],
  ['17:30', '2026-11-22T17:30'],
  ['la 9', '2026-11-23T09:00'],
  ['24.12', '2026-12-24T09:00'],
  ['24.12 la 8', '2026-12-24T08:00'],
  ['5 ianuarie', '2027-01-05T09:00'],
  ['Jan 5 at 10', '2027-01-05T10:00'],
  ['pe 1 decembrie ora 11', '2026-12-01T11:00'],
  ['2027-03-01', '2027-03-01T09:00'],
])('%s is %s', (text, wanted) => {
  expect(read(text)).toBe(wanted);
});

test.each([
  '',
  'soon',
  'tomorrow maybe',
  'azi la 9',
  '31.02',
  'la 25',
  '13 pm',
  'mâine la',
  '12:75',
  'in hours',
  '2020-01-01',
])('%j is no moment to come', (text) => {
  expect(read(text)).toBeUndefined();
});

test('nine in the morning stays nine where the clocks change', () => {
  expect(read('in 1 day', new Date('2027-03-27T10:00:00Z'))).toBe('2027-03-28T09:00');
  expect(momentOf('mâine la 9', new Date('2027-03-27T10:00:00Z'), ZONE)?.toISOString()).toBe(
    '2027-03-28T06:00:00.000Z',
  );
});
