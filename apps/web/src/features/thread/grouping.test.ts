import { expect, test } from 'vitest';
import type { Activity, Message } from '$api/index';
import type { Item } from '$state/index';
import { countAfter, dayByQuarters, linesOf } from './grouping';

const minute = 60_000_000;
const start = Date.parse('2026-11-22T12:00:00Z') * 1000;
const said = (id: string, minutes: number, who: string): Item => {
  const author: Message['author'] = who === 'con' ? { kind: 'contact', id: who } : { kind: 'agent', id: who };
  return { type: 'message', key: id, at: start + minutes * minute, message: { id, author } as Message };
};
const event = (seq: number, kind: string): Item => ({
  type: 'activity',
  key: `fact_${seq}`,
  at: start + seq * minute,
  activity: { seq, kind } as Activity,
});
const around = { firstUnread: null, dayOf: (at: Date) => at.toISOString().slice(0, 10), me: 'me' };

test('runs of one author hold together until time, day or another author ends them', () => {
  const lines = linesOf([said('a', 0, 'con'), said('b', 2, 'con'), said('c', 20, 'con'), said('d', 21, 'me')], around);
  expect(lines.map((line) => ('isFirst' in line ? [line.key, line.isFirst, line.isLast] : line.type))).toEqual([
    'day',
    ['a', true, false],
    ['b', false, true],
    ['c', true, true],
    ['d', true, true],
  ]);
});

test('the unread line ends a run; events stand together and unknown ones are left out', () => {
  const items = [
    said('a', 0, 'con'),
    event(1, 'conversation_assigned'),
    event(2, 'conversation_levitated'),
    event(3, 'conversation_labelled'),
    said('b', 4, 'con'),
    said('c', 5, 'con'),
  ];
  const lines = linesOf(items, { ...around, firstUnread: 'c' });
  expect(lines.map((line) => line.type)).toEqual(['day', 'message', 'events', 'message', 'unread', 'message']);
  expect(lines.flatMap((line) => (line.type === 'events' ? line.events.map(({ seq }) => seq) : []))).toEqual([1, 3]);
});

test('what came after the last seen one is counted without what I wrote', () => {
  const lines = linesOf([said('a', 0, 'con'), said('b', 1, 'me'), said('c', 2, 'con'), said('d', 3, 'other')], around);
  expect(countAfter(lines, 'a', 'me')).toBe(2);
  expect(countAfter(lines, 'd', 'me')).toBe(0);
  expect(countAfter(lines, 'gone', 'me')).toBe(0);
});

test('a day is asked for once in a quarter of an hour', () => {
  let asked = 0;
  const dayOf = dayByQuarters((at) => {
    asked += 1;
    return at.toISOString().slice(0, 10);
  });
  const at = (time: string): string => dayOf(new Date(`2026-11-22T${time}Z`));
  expect([at('23:44:59'), at('23:45:00'), at('23:59:59'), asked]).toEqual([
    '2026-11-22',
    '2026-11-22',
    '2026-11-22',
    2,
  ]);
  expect([dayOf(new Date('2026-11-23T00:00:00Z')), asked]).toEqual(['2026-11-23', 3]);
});
