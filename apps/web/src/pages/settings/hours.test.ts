import { describe, expect, test } from 'vitest';
import { areSame, copied, minutesOf, nextSpan, OFFICE_HOURS, problemOf, tidy, tidyTime, WEEK, WORKDAYS } from './hours';

describe('times as people type them', () => {
  test.each([
    ['9', '09:00'],
    ['09', '09:00'],
    ['930', '09:30'],
    ['1830', '18:30'],
    ['9:30', '09:30'],
    ['9.30', '09:30'],
    ['9h30', '09:30'],
    [' 18 : 05 ', '18:05'],
    ['0', '00:00'],
    ['24', '24:00'],
    ['24:00', '24:00'],
  ])('%s is %s', (typed, time) => expect(tidyTime(typed)).toBe(time));

  test.each(['', 'nine', '25', '24:01', '9:60', '960', '9:5', '-1', '12:30:00', '99999'])('%s is no time', (typed) => {
    expect(minutesOf(typed)).toBeUndefined();
    expect(tidyTime(typed)).toBe(typed);
  });
});

describe('a day', () => {
  const spans = (...all: readonly (readonly [string, string])[]): { from: string; to: string }[] =>
    all.map(([from, to]) => ({ from, to }));

  test.each([
    [spans(), undefined],
    [spans(['9', '13'], ['14', '18']), undefined],
    [spans(['14', '18'], ['9', '14']), undefined],
    [spans(['9', '']), { span: 0, problem: 'noTime' }],
    [spans(['9', '18'], ['19', 'late']), { span: 1, problem: 'noTime' }],
    [spans(['18', '9']), { span: 0, problem: 'backwards' }],
    [spans(['9', '9']), { span: 0, problem: 'backwards' }],
    [spans(['9', '13'], ['12:59', '18']), { span: 1, problem: 'overlap' }],
    [spans(['12', '18'], ['9', '13']), { span: 0, problem: 'overlap' }],
  ] as const)('%j has %j', (given, problem) => expect(problemOf(given)).toEqual(problem));

  test('gets another span after those that it has, until midnight', () => {
    expect(nextSpan([])).toEqual({ from: '09:00', to: '18:00' });
    expect(nextSpan(spans(['9', '13']))).toEqual({ from: '14:00', to: '17:00' });
    expect(nextSpan(spans(['9', '22:30']))).toEqual({ from: '23:00', to: '24:00' });
  });
});

test('hours of one day are copied to others, closed as well as open', () => {
  const hours = { ...OFFICE_HOURS, monday: [{ from: '08:00', to: '12:00' }] };
  const same = copied(hours, 'monday', WORKDAYS);
  expect(WORKDAYS.map((day) => same[day])).toEqual(WORKDAYS.map(() => hours.monday));
  expect(same.saturday).toBeUndefined();
  expect(tidy(copied(hours, 'sunday', WEEK))).toEqual({});
});

test('what looks alike is the same', () => {
  expect(areSame(OFFICE_HOURS, { ...OFFICE_HOURS, sunday: [], monday: [{ from: '9', to: '1800' }] })).toBe(true);
  const split = {
    monday: [
      { from: '14:00', to: '18:00' },
      { from: '9', to: '12' },
    ],
  };
  expect(tidy(split)).toEqual({
    monday: [
      { from: '09:00', to: '12:00' },
      { from: '14:00', to: '18:00' },
    ],
  });
  expect(areSame(OFFICE_HOURS, split)).toBe(false);
});
