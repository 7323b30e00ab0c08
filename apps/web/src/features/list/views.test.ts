import { expect, test } from 'vitest';
import type { Schema } from '$api/index';
import { matches } from '$state/filter';
import { conversation } from '$state/testing';
import { countOf, filterOf, VIEWS, type View } from './views';

const counts = (more: Partial<Schema<'ConversationCountsOut'>>): Schema<'ConversationCountsOut'> => ({
  mine: 0,
  unassigned: 0,
  open: 0,
  waiting: 0,
  snoozed: 0,
  resolved: 0,
  unread: 0,
  unread_mine: 0,
  unread_unassigned: 0,
  as_of: 1,
  ...more,
});
const me = { id: 'agt_me', name: 'Eu' };

test.each<[string, Parameters<typeof conversation>[2], readonly View[]]>([
  ['mine, to be answered', { status: 'open', assignee: me }, ['mine', 'all']],
  ['mine, answered', { status: 'waiting', assignee: me }, ['mine', 'waiting', 'all']],
  ['mine, put away', { status: 'snoozed', assignee: me }, ['snoozed']],
  ['mine, done', { status: 'resolved', assignee: me }, ['resolved']],
  ["nobody's", { status: 'open' }, ['unassigned', 'all']],
  ["a colleague's, answered", { status: 'waiting', assignee: { id: 'agt_x', name: 'Ana' } }, ['waiting', 'all']],
])('%s stands in its views', (_, it, wanted) => {
  const row = conversation('conv_a', 1, it);
  expect(VIEWS.filter((view) => matches(filterOf(view, {}), row, 'agt_me'))).toEqual(wanted);
});

test('a number that the server stopped counting says that there may be more', () => {
  expect(countOf('mine', null)).toBeUndefined();
  expect(countOf('mine', counts({ mine: 3, waiting: 8 }))).toEqual({ number: 3, isCapped: false });
  expect(countOf('all', counts({ open: 3, waiting: 8 }))).toEqual({ number: 11, isCapped: false });
  expect(countOf('all', counts({ open: 1000, waiting: 8 }))).toEqual({ number: 1000, isCapped: true });
  expect(countOf('all', counts({ open: 600, waiting: 700 }))).toEqual({ number: 1000, isCapped: true });
  expect(countOf('resolved', counts({ resolved: 1000 }))).toEqual({ number: 1000, isCapped: true });
});
