import { beforeEach, expect, test } from 'vitest';
import { settle, TestClock } from '$live/testing';
import type { Message, Note } from '$api/index';
import { Directory } from './directory.svelte';
import { Feed } from './feed';
import { memoryKeep } from './keep';
import { Outbox } from './outbox.svelte';
import { Rows } from './rows.svelte';
import { at, conversation, fact, json, message, received, TestServer } from './testing';
import { Thread } from './thread.svelte';

let server: TestServer;
let clock: TestClock;
let feed: Feed;
let rows: Rows;
let outbox: Outbox;
let thread: Thread;
let stored: Message[];
let notes: Note[];
let asOf: number;

/** Cursors of this server are seconds. */
function page(request: Request) {
  const query = new URL(request.url).searchParams;
  const limit = Number(query.get('limit'));
  const around = query.get('around');
  const place = (it: Message): string => String(Date.parse(it.position));
  const after = query.get('after');
  const before = query.get('before');
  const sorted = [...stored].sort((a, b) => Number(place(a)) - Number(place(b)));
  const range = sorted.filter(
    (it) =>
      (after === null || Number(place(it)) > Number(after)) && (before === null || Number(place(it)) < Number(before)),
  );
  const middle = sorted.findIndex(({ id }) => id === around);
  if (around !== null && middle < 0) return json(404, { type: '/problems/not-found', title: 'Not found', status: 404 });
  const start = Math.max(0, Math.min(middle - limit / 2, sorted.length - limit));
  const items =
    around !== null ? sorted.slice(start, start + limit) : after === null ? range.slice(-limit) : range.slice(0, limit);
  const [first, last] = [items[0], items.at(-1)];
  const hasMore = items.length < range.length;
  return {
    items,
    as_of: asOf,
    before: first ? place(first) : before,
    after: last ? place(last) : after,
    has_older: sorted.indexOf(items[0] as Message) > 0,
    has_newer: items.length > 0 && items.at(-1) !== sorted.at(-1),
    ...(hasMore && around === null ? { next: after === null ? first && place(first) : last && place(last) } : {}),
  };
}

beforeEach(() => {
  clock = new TestClock();
  asOf = 100;
  stored = Array.from({ length: 100 }, (_, n) => message(`msg_${n}`, n * 10));
  notes = [{ id: 'note_1', author: 'agt_1', body: 'fără zahăr', conversation: 'conv_1', created_at: at(995) }];
  server = new TestServer()
    .on('GET', /\/conv_1\/messages$/, page)
    .on('GET', /\/conv_1\/notes$/, () => ({ items: notes, as_of: asOf }))
    .on('GET', /\/conv_1\/activity$/, () => ({
      items: [{ seq: 3, at: at(5), position: at(5), kind: 'conversation_opened', actor: { kind: 'system' } }],
      as_of: asOf,
    }))
    .on('GET', /\/messages\/(msg_\w+)$/, (_, [, id]) => stored.find((it) => it.id === id))
    .on('GET', /\/conversations\/conv_1$/, () => conversation('conv_1', 990))
    .on('POST', /\/conv_1\/messages$/, async (request) => {
      const { client_id } = (await request.json()) as { client_id: string };
      const made = message('msg_new', 2000, { client_id, direction: 'out', status: 'queued' });
      stored.push(made);
      return json(201, made);
    });
  const directory = new Directory(server.api);
  feed = new Feed(clock);
  rows = new Rows(server.api, directory, clock, () => asOf);
  const onSent = (_: unknown, made: Message | Note) => thread.arrive(made);
  outbox = new Outbox({ api: server.api, keep: memoryKeep(), clock, newId: () => 'c-1', onSent });
  outbox.wake();
  thread = new Thread('conv_1', {
    api: server.api,
    rows,
    outbox,
    explain: (inbox, code) => directory.explain(inbox, code),
    seq: () => asOf,
  });
  feed.follow(rows);
  feed.follow(thread);
});

const keys = (): string[] => thread.items.map((item) => item.key);

test('the newest part comes first, with its notes; what is older waits until one scrolls there', async () => {
  rows.put([conversation('conv_1', 990, { unread: 2 })], 100);
  await thread.enter();
  expect(keys()).toEqual([...stored.slice(70).map(({ id }) => id), 'note_1']);
  expect([thread.hasOlder, thread.firstUnread]).toEqual([true, 'msg_98']);
  const loading = thread.loadOlder();
  expect(thread.isLoadingOlder).toBe(true);
  await loading;
  expect(keys()[0]).toBe('msg_20');
  await thread.loadOlder();
  expect([keys().slice(0, 3), thread.hasOlder]).toEqual([['msg_0', 'fact_3', 'msg_1'], false]);
  expect(new Set(keys()).size).toBe(102);
});

test('a message that comes is fetched with all others of its tick; ticks need no fetch', async () => {
  await thread.load();
  const asked = server.asked.length;
  stored.push(message('msg_x', 1000), message('msg_y', 1001));
  asOf = 102;
  feed.take([received(101, 'conv_1', 'msg_x', 1000), received(102, 'conv_1', 'msg_y', 1001)]);
  await clock.advance(100);
  expect(keys().slice(-2)).toEqual(['msg_x', 'msg_y']);
  expect(server.asked.slice(asked).filter(({ path }) => path.endsWith('/messages')).length).toBe(1);
  const of = { conversation: 'conv_1', message: 'msg_y', attempt: 1, at: at(1002), error_code: null };
  feed.take([fact(103, { kind: 'message_status_changed', ...of, status: 'read' })]);
  const last = thread.items.at(-1);
  expect(last?.type === 'message' && last.message.status).toBe('read');
});

test('a message that comes late takes its place in the middle', async () => {
  await thread.load();
  stored.push(message('msg_late', 805));
  asOf = 101;
  feed.take([received(101, 'conv_1', 'msg_late', 805)]);
  await clock.advance(100);
  expect(keys().indexOf('msg_late')).toBe(keys().indexOf('msg_80') + 1);
});

test('what one writes shows at once and keeps its key when it becomes a message', async () => {
  await thread.load();
  server.isOnline = false;
  await outbox.send('conv_1', { kind: 'message', content: { type: 'text', body: 'Da' }, reply_to: null });
  await settle();
  expect(thread.items.at(-1)).toMatchObject({ type: 'pending', key: 'c-1' });
  server.isOnline = true;
  outbox.wake();
  await settle();
  expect(thread.items.filter(({ key }) => key === 'c-1')).toMatchObject([{ type: 'message' }]);
  // The fact of it comes too, and doubles nothing.
  asOf = 101;
  const queued = { conversation: 'conv_1', message: 'msg_new', content_kind: 'text', position: at(2000) };
  feed.take([fact(101, { kind: 'message_queued', ...queued, attempt: 1, is_listed: true })]);
  await clock.advance(100);
  expect(keys().filter((key) => key === 'c-1' || key === 'msg_new')).toEqual(['c-1']);
});

test('a message whose fate nobody knows is listed until somebody decides', async () => {
  await thread.load();
  const of = { conversation: 'conv_1', message: 'msg_99', attempt: 1 };
  feed.take([fact(101, { kind: 'message_needs_decision', ...of })]);
  expect(thread.needsDecision.map(({ id }) => id)).toEqual(['msg_99']);
  server.on('POST', /\/msg_99\/retry$/, () => message('msg_99', 990, { status: 'queued', attempt: 2 }));
  asOf = 101;
  await thread.retry('msg_99');
  expect(thread.needsDecision).toEqual([]);
});

test('whoever knows what became of a message says so, and it is not sent again', async () => {
  await thread.load();
  const of = { conversation: 'conv_1', message: 'msg_99', attempt: 1 };
  feed.take([fact(101, { kind: 'message_needs_decision', ...of })]);
  server.on('POST', /\/msg_99\/settle$/, () => message('msg_99', 990, { status: 'sent', attempt: 1 }));
  asOf = 101;
  await thread.settle('msg_99', 'sent');
  expect(server.asked.at(-1)?.body).toEqual({ as: 'sent' });
  expect(thread.needsDecision).toEqual([]);
});

test('notes come and go by facts', async () => {
  await thread.load();
  notes = [{ id: 'note_2', author: 'agt_1', body: 'x', conversation: 'conv_1', created_at: at(3000) }, ...notes];
  feed.take([fact(101, { kind: 'note_added', conversation: 'conv_1', note: 'note_2' })]);
  await clock.advance(100);
  expect(keys().at(-1)).toBe('note_2');
  feed.take([fact(102, { kind: 'note_deleted', conversation: 'conv_1', note: 'note_1' })]);
  expect(keys()).not.toContain('note_1');
});

test('the line of what nobody has read is put anew each time, and found above what is loaded', async () => {
  rows.put([conversation('conv_1', 990, { unread: 2 })], 100);
  await thread.enter();
  rows.put([conversation('conv_1', 990, { unread: 0 })], 101);
  await thread.enter();
  expect(thread.firstUnread).toBe(null);
  rows.put([conversation('conv_1', 990, { unread: 60 })], 102);
  await thread.enter();
  expect([thread.firstUnread, keys().includes('msg_40')]).toEqual(['msg_40', true]);
});

test('a message far above is shown with its neighbours, and one reads on either way to the end', async () => {
  await thread.load();
  expect(await thread.goTo('msg_30')).toBe('msg_30');
  expect(keys().filter((key) => key.startsWith('msg_'))).toEqual(stored.slice(0, 60).map(({ id }) => id));
  expect(thread.hasNewer).toBe(true);
  // The note stands after the newest message, which is not here.
  expect(keys()).not.toContain('note_1');
  await thread.loadOlder();
  expect(thread.hasOlder).toBe(false);
  await thread.loadNewer();
  expect([thread.hasNewer, keys().length]).toEqual([false, 102]);
});

test('what comes while one reads far above is counted, and shown when one goes to the newest', async () => {
  await thread.load();
  await thread.goTo('msg_30');
  const before = keys();
  stored.push(message('msg_x', 1000));
  asOf = 101;
  feed.take([received(101, 'conv_1', 'msg_x', 1000)]);
  await clock.advance(100);
  expect([keys(), thread.beyond]).toEqual([before, 1]);
  await outbox.send('conv_1', { kind: 'message', content: { type: 'text', body: 'Da' }, reply_to: null });
  await settle();
  expect(keys()).toEqual(before);
  expect(thread.snapshot()).toBe(null);
  await thread.load();
  expect([keys().slice(-2), thread.beyond]).toEqual([['msg_x', 'c-1'], 0]);
});

test('a message that came while the last part below was read is there too', async () => {
  await thread.load();
  await thread.goTo('msg_30');
  server.on('GET', /\/conv_1\/messages$/, (request) => {
    const answer = page(request);
    if (stored.length > 100) return answer;
    stored.push(message('msg_x', 1000));
    feed.take([received(101, 'conv_1', 'msg_x', 1000)]);
    return answer;
  });
  await thread.loadNewer();
  expect(keys().slice(-2)).toEqual(['note_1', 'msg_x']);
});

test('whoever reads far above stays there when everything is loaded anew', async () => {
  await thread.load();
  await thread.goTo('msg_30');
  thread.reading = 'msg_20';
  await thread.reload();
  expect([keys().includes('msg_20'), thread.hasNewer]).toEqual([true, true]);
});

test('a message that is gone is not found, and without a connection that is said', async () => {
  await thread.load();
  const before = keys();
  expect(await thread.goTo('msg_nowhere')).toBe(null);
  expect([keys(), thread.problem?.slug]).toEqual([before, 'not-found']);
  server.isOnline = false;
  expect(await thread.goTo('msg_3')).toBe(null);
  expect([keys(), thread.problem?.isPassing]).toEqual([before, true]);
});

test('a snapshot shows the thread at once, and the first load goes on from it', async () => {
  await thread.load();
  const kept = thread.snapshot();
  if (kept === null) throw new Error('nothing was kept');
  const again = new Thread('conv_1', {
    api: server.api,
    rows,
    outbox,
    explain: (_, code) => ({ code }),
    seq: () => asOf,
  });
  again.restore(structuredClone(kept), 100);
  expect(again.items.map(({ key }) => key)).toEqual(keys());
  await again.load();
  expect(again.items.length).toBe(thread.items.length);
});
