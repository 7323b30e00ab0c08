import { expect, test } from 'vitest';
import type { Day } from './preferences.svelte';
import { isQuiet } from './quiet';

/** A Friday is 27 November 2026; Bucharest is two hours ahead of UTC then. */
const at = (day: number, time: string): Date => new Date(`2026-11-${day}T${time}:00+02:00`);
const quiet = (from: string, to: string, ...days: Day[]) => ({ from, to, days });

// The same cases as in the server's `crates/domain/src/preferences.rs`: both must agree.
const night = quiet('22:00', '07:00', 'friday');
test.each([
  [night, at(27, '21:59'), false],
  [night, at(27, '22:00'), true],
  [night, at(28, '06:59'), true],
  [night, at(28, '07:00'), false],
  [night, at(28, '23:00'), false],
  [night, at(27, '06:00'), false],
  [quiet('23:00', '01:00', 'sunday'), at(30, '00:30'), true],
  [quiet('12:00', '13:00', 'monday'), at(30, '12:30'), true],
  [quiet('12:00', '13:00', 'monday'), at(24, '12:30'), false],
  [null, at(27, '22:00'), false],
])('%j at %s: %s', (hours, moment, expected) => {
  expect(isQuiet(hours, moment, 'Europe/Bucharest')).toBe(expected);
});

test('the hours are those of the workspace, wherever the computer is', () => {
  expect(isQuiet(night, at(27, '22:30'), 'Europe/London')).toBe(false);
});
