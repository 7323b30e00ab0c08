import { beforeEach, describe, expect, test } from 'vitest';
import { TestClock } from '$live/testing';
import { ConversationList } from './conversation_list.svelte';
import { Directory } from './directory.svelte';
import { Feed } from './feed';
import type { Filter } from './filter';
import { comparePlaces, reordered } from './order';
import { Rows } from './rows.svelte';
import { conversation, fact, received, TestServer } from './testing';
import type { Conversation } from '$api/index';

let server: TestServer;
let clock: TestClock;
let rows: Rows;
let feed: Feed;
let stored: Conversation[];
let asOf: number;

const sorted = (): Conversation[] => [...stored].sort((a, b) => (a.last_message_at < b.last_message_at ? 1 : -1));
const open: Filter = { statuses: ['open'] };

beforeEach(() => {
  clock = new TestClock();
  asOf = 10;
  stored = ['a', 'b', 'c'].map((id, n) => conversation(`conv_${id}`, 30 - n * 10));
  server = new TestServer()
    .on('GET', /\/conversations$/, () => ({ items: sorted(), as_of: asOf }))
    .on('GET', /\/conversations\/(conv_\w+)$/, (_, [, id]) => stored.find((it) => it.id === id));
  rows = new Rows(server.api, new Directory(server.api), clock, () => asOf);
  feed = new Feed(clock);
  feed.follow(rows);
});

async function loaded(filter: Filter = open): Promise<ConversationList> {
  const list = new ConversationList(server.api, rows, filter, () => 'agt_me');
  feed.follow(list);
  await list.load();
  return list;
}

test('a message moves its conversation to the top, and is fetched once however many came', async () => {
  const list = await loaded();
  expect(list.ids).toEqual(['conv_a', 'conv_b', 'conv_c']);
  feed.take([received(11, 'conv_c', 'msg_1', 50), received(12, 'conv_c', 'msg_2', 51)]);
  expect(list.ids).toEqual(['conv_c', 'conv_a', 'conv_b']);
  expect(list.row('conv_c')).toMatchObject({ unread: 2, last_message: { id: 'msg_2', kind: 'text' } });
  asOf = 12;
  await clock.advance(100);
  expect(server.count('GET', /\/conversations\/conv_c$/)).toBe(1);
});

test('many conversations are fetched with one request', async () => {
  const list = await loaded();
  feed.take(['a', 'b', 'c'].map((id, n) => received(11 + n, `conv_${id}`, `msg_${id}`, 60 + n)));
  asOf = 13;
  const before = server.asked.length;
  await clock.advance(100);
  expect(server.asked.length - before).toBe(1);
  expect(list.ids).toEqual(['conv_a', 'conv_b', 'conv_c']);
});

test('a fact that a fetched row already knows is not applied twice', async () => {
  const list = await loaded();
  rows.put([conversation('conv_a', 30, { unread: 1 })], 11);
  feed.take([received(11, 'conv_a', 'msg_1', 30)]);
  expect(list.row('conv_a')?.unread).toBe(1);
});

test('a row that was fetched before the newest fact does not undo it', async () => {
  const list = await loaded();
  feed.take([fact(12, { kind: 'conversation_assigned', conversation: 'conv_a', to: 'agt_x', from: null })]);
  expect(rows.put([conversation('conv_a', 30)], 11)).toEqual([{ what: 'row', id: 'conv_a', isNew: false }]);
  expect(list.row('conv_a')?.assignee?.id).toBe('agt_x');
});

test('conversations come and go as they match', async () => {
  const mine = await loaded({ statuses: ['open'], assignee: 'me' });
  const free = await loaded({ statuses: ['open'], assignee: 'none' });
  feed.take([fact(11, { kind: 'conversation_assigned', conversation: 'conv_b', to: 'agt_me', from: null })]);
  expect(mine.ids).toEqual(['conv_b']);
  expect(free.ids).toEqual(['conv_a', 'conv_c']);
  feed.take([fact(12, { kind: 'conversation_resolved', conversation: 'conv_b', at: '2026-11-02T09:01:00Z' })]);
  expect(mine.ids).toEqual([]);
});

test('while somebody is in the list nothing moves, and what is new is counted', async () => {
  const list = await loaded();
  list.hold();
  stored = [stored[0], stored[1], conversation('conv_c', 60), conversation('conv_d', 70)].flatMap((it) => it ?? []);
  feed.take([received(11, 'conv_c', 'msg_1', 60), received(12, 'conv_d', 'msg_2', 70)]);
  feed.take([fact(13, { kind: 'conversation_resolved', conversation: 'conv_a', at: '2026-11-02T09:01:00Z' })]);
  asOf = 13;
  await clock.advance(200);
  expect(list.ids).toEqual(['conv_a', 'conv_b', 'conv_c']);
  expect(list.newCount).toBe(2);
  list.release();
  expect(list.newCount).toBe(0);
  expect(list.ids.slice(0, 2)).toEqual(['conv_d', 'conv_c']);
});

test('a row that left stays in a held list, marked', async () => {
  const list = await loaded();
  list.hold();
  feed.take([fact(11, { kind: 'conversation_resolved', conversation: 'conv_a', at: '2026-11-02T09:01:00Z' })]);
  expect([list.ids[0], list.isGone('conv_a')]).toEqual(['conv_a', true]);
  list.showNew();
  expect(list.ids).toEqual(['conv_b', 'conv_c']);
});

test('what stands below the loaded part waits for paging', async () => {
  server.on('GET', /\/conversations$/, ({ url }) =>
    new URL(url).searchParams.has('after')
      ? { items: sorted().slice(2), as_of: asOf }
      : { items: sorted().slice(0, 2), as_of: asOf, next: 'cursor' },
  );
  const list = await loaded();
  expect([list.ids, list.hasMore]).toEqual([['conv_a', 'conv_b'], true]);
  rows.put([conversation('conv_z', 1)], 10);
  expect(list.ids).toEqual(['conv_a', 'conv_b']);
  await list.loadMore();
  expect([list.ids, list.hasMore]).toEqual([['conv_a', 'conv_b', 'conv_c'], false]);
});

test('after facts were lost the list is loaded anew', async () => {
  const list = await loaded();
  stored = [conversation('conv_n', 90)];
  asOf = 5000;
  await feed.reload();
  expect(list.ids).toEqual(['conv_n']);
});

test('a fetch that fails for now is repeated', async () => {
  await loaded();
  feed.take([received(11, 'conv_c', 'msg_1', 50)]);
  server.isOnline = false;
  await clock.advance(100);
  server.isOnline = true;
  asOf = 11;
  await clock.advance(5_000);
  expect(server.count('GET', /\/conversations\/conv_c$/)).toBe(1);
});

describe('order', () => {
  test('many and few changes give the same order', () => {
    const places = new Map(Array.from({ length: 500 }, (_, n) => [`c${n}`, { id: `c${n}`, at: (n * 7919) % 500 }]));
    const place = (id: string) => places.get(id) ?? { id, at: 0 };
    const whole = [...places.values()].sort(comparePlaces).map(({ id }) => id);
    for (const size of [3, 200]) {
      const changed = whole.filter((_, n) => n % Math.floor(500 / size) === 0);
      expect(reordered(whole, new Set(changed), changed, place)).toEqual(whole);
    }
  });

  test('100,000 rows', async () => {
    const list = await loaded();
    const all = Array.from({ length: 100_000 }, (_, n) => conversation(`conv_${n}`, n));
    const started = performance.now();
    rows.put(all, 10);
    const put = performance.now();
    for (let n = 0; n < 100; n++) feed.take([received(100 + n, `conv_${n * 997}`, `msg_${n}`, 200_000 + n)]);
    const folded = performance.now();
    // A number to look at, not a limit: machines differ.
    // eslint-disable-next-line no-console -- it is what this test is for
    console.info(
      `100,000 rows: ${Math.round(put - started)} ms to put, ${((folded - put) / 100).toFixed(2)} ms for each fact`,
    );
    expect(list.ids.length).toBe(100_003);
    expect(list.ids[0]).toBe('conv_98703');
  });
});
