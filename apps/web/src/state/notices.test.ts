import { beforeEach, expect, test } from 'vitest';
import type { Conversation, KnownEvent, Recorded } from '$api/index';
import { TestClock } from '$live/testing';
import { Notices, type News } from './notices';
import { USUAL_PREFERENCES, type NotificationPreferences } from './preferences.svelte';
import { conversation, fact, json, message, received, TestServer } from './testing';

let server: TestServer;
let clock: TestClock;
let rows: Map<string, Conversation>;
let wants: NotificationPreferences;
let mayTell: boolean;
let told: News[];
let read: string[];
let notices: Notices;

const mine = { id: 'agt_me', name: 'Ana' };
const other = { id: 'agt_other', name: 'Ion' };
const byAgent = (agent: string, event: KnownEvent): Recorded => ({
  ...fact(1, event),
  actor: { kind: 'agent', id: agent },
});
const given = (by: string, to: string): Recorded =>
  byAgent(by, { kind: 'conversation_assigned', conversation: 'conv_1', to, from: null });

beforeEach(() => {
  clock = new TestClock();
  rows = new Map([['conv_1', conversation('conv_1', 1)]]);
  [wants, mayTell, told, read] = [USUAL_PREFERENCES.notifications, true, [], []];
  server = new TestServer().on('GET', /\/messages\/(.+)$/, (_, match) => message(match[1] ?? '', 1));
  notices = new Notices({
    api: server.api,
    clock,
    row: (id) => rows.get(id) ?? null,
    wants: () => wants,
    me: () => mine.id,
    zone: () => 'UTC',
    mayTell: () => Promise.resolve(mayTell),
    tell: (news) => told.push(news),
    onRead: (id) => read.push(id),
  });
});

async function happens(...facts: Recorded[]): Promise<readonly News[]> {
  told = [];
  notices.fold(facts);
  await clock.advance(1_000);
  return told;
}

test('a message is told once, with its text', async () => {
  const news = await happens(received(1, 'conv_1', 'msg_1', 1));
  expect(news).toMatchObject([{ kind: 'message', conversation: { id: 'conv_1' }, message: { id: 'msg_1' } }]);
});

test.each([
  ['all', [true, true, true]],
  ['mine_and_unassigned', [true, true, false]],
  ['mine', [true, false, false]],
  ['none', [false, false, false]],
] as const)('about %s', async (about, expected) => {
  wants = { ...wants, about };
  const heard: boolean[] = [];
  for (const assignee of [mine, null, other]) {
    rows.set('conv_1', conversation('conv_1', 1, { assignee }));
    heard.push((await happens(received(1, 'conv_1', 'msg_1', 1))).length === 1);
  }
  expect(heard).toEqual(expected);
});

test('nothing is told in quiet hours, and nothing by a window that may not', async () => {
  // The clock of the test stands at 00:16 on a Thursday.
  wants = { ...wants, quiet_hours: { from: '22:00', to: '07:00', days: ['wednesday'] } };
  expect(await happens(received(1, 'conv_1', 'msg_1', 1))).toEqual([]);
  wants = { ...wants, quiet_hours: { from: '22:00', to: '07:00', days: ['thursday'] } };
  expect(await happens(received(1, 'conv_1', 'msg_1', 1))).toHaveLength(1);
  mayTell = false;
  expect(await happens(received(1, 'conv_1', 'msg_1', 1))).toEqual([]);
});

test('being given a conversation is told, taking one is not', async () => {
  expect(await happens(given(other.id, mine.id))).toMatchObject([{ kind: 'assigned', by: other.id }]);
  expect(await happens(given(mine.id, mine.id))).toEqual([]);
  expect(await happens(given(other.id, other.id))).toEqual([]);
});

test('several messages of one conversation are one notice, of the last', async () => {
  const news = await happens(received(1, 'conv_1', 'msg_1', 1), received(2, 'conv_1', 'msg_2', 2));
  expect(news).toMatchObject([{ message: { id: 'msg_2' } }]);
});

test('what was read at once is not told, and its notice goes away', async () => {
  const readIt = byAgent(other.id, { kind: 'conversation_read', conversation: 'conv_1' });
  expect(await happens(received(1, 'conv_1', 'msg_1', 1), readIt)).toEqual([]);
  expect(read).toEqual(['conv_1']);
});

test('many at once, as after a sleep, are one notice with their number', async () => {
  const ids = ['conv_1', 'conv_2', 'conv_3', 'conv_4'];
  for (const id of ids) rows.set(id, conversation(id, 1));
  rows.set('conv_9', conversation('conv_9', 1, { assignee: other }));
  const facts = [...ids, 'conv_1', 'conv_9'].map((id, n) => received(n, id, `msg_${n}`, n));
  expect(await happens(...facts)).toEqual([{ kind: 'many', messages: 5, conversations: 4 }]);
});

test('what cannot be seen any more is not told', async () => {
  server.on('GET', /\/conversations\/conv_2$/, () =>
    json(404, { type: '/problems/not-found', title: 'x', status: 404 }),
  );
  expect(await happens(received(1, 'conv_2', 'msg_1', 1))).toEqual([]);
  server.on('GET', /\/conversations\/conv_2$/, () => conversation('conv_2', 1));
  expect(await happens(received(1, 'conv_2', 'msg_1', 1))).toHaveLength(1);
});
