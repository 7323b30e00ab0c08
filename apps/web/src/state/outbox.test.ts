import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, expect, test } from 'vitest';
import { settle, TestClock } from '$live/testing';
import { openKeep, type Keep } from './keep';
import { Outbox, type Entry, type Written } from './outbox.svelte';
import { json, message, TestServer } from './testing';

let server: TestServer;
let clock: TestClock;
let keep: Keep;
let factory: IDBFactory;
let sent: string[];
let atServer: Map<string, string>;
let n: number;

const text = (body: string): Written => ({ kind: 'message', content: { type: 'text', body }, reply_to: null });
const bodies = (): string[] => [...atServer.values()];

function outbox(): Outbox {
  const made = new Outbox({
    api: server.api,
    keep,
    clock,
    newId: () => `c-${++n}`,
    onSent: (entry) => sent.push(entry.client_id),
  });
  made.wake();
  return made;
}

beforeEach(async () => {
  clock = new TestClock();
  factory = new IDBFactory();
  keep = await openKeep('agt_1', factory);
  [sent, atServer, n] = [[], new Map(), 0];
  server = new TestServer().on('POST', /\/messages$/, async (request) => {
    const body = (await request.json()) as { client_id: string; content: { body: string } };
    const isNew = !atServer.has(body.client_id);
    atServer.set(body.client_id, body.content.body);
    return json(isNew ? 201 : 200, message(`msg_${body.client_id}`, 1, { client_id: body.client_id }));
  });
});

test('what is written goes out and leaves nothing behind', async () => {
  const box = outbox();
  await box.send('conv_1', text('Da'));
  await settle();
  expect([bodies(), sent, box.entries.length]).toEqual([['Da'], ['c-1'], 0]);
  expect(await keep.all('outbox')).toEqual([]);
});

test('offline it waits, in order, and survives a reload; online everything goes out once', async () => {
  server.isOnline = false;
  const before = outbox();
  await before.send('conv_1', text('unu'));
  await before.send('conv_1', text('doi'));
  await before.send('conv_2', text('trei'));
  await settle();
  expect(before.unsent).toBe(3);
  before.stop();
  const box = outbox();
  await box.load();
  await clock.advance(10_000);
  expect(box.unsent).toBe(3);
  server.isOnline = true;
  box.wake();
  await settle();
  expect(bodies().filter((body) => body !== 'trei')).toEqual(['unu', 'doi']);
  expect([atServer.size, box.unsent]).toEqual([3, 0]);
});

test('an answer that was lost is asked for again with the same client id: one message', async () => {
  let isFirst = true;
  const box = outbox();
  server.on('POST', /\/messages$/, async (request) => {
    const body = (await request.json()) as { client_id: string; content: { body: string } };
    atServer.set(body.client_id, body.content.body);
    if (!isFirst) return json(200, message('msg_1', 1, { client_id: body.client_id }));
    isFirst = false;
    throw new TypeError('connection reset');
  });
  await box.send('conv_1', text('Da'));
  await clock.advance(10_000);
  expect([atServer.size, sent]).toEqual([1, ['c-1']]);
  expect(server.count('POST', /\/messages$/)).toBe(2);
});

test('until its hold ends it can be taken back', async () => {
  const box = outbox();
  const first = await box.send('conv_1', text('pripit'), 5_000);
  await box.send('conv_1', text('bun'), 5_000);
  await clock.advance(3_000);
  expect(atServer.size).toBe(0);
  expect(await box.undo(first.client_id)).toEqual(text('pripit'));
  await clock.advance(3_000);
  expect(bodies()).toEqual(['bun']);
  expect(await box.undo('c-2')).toBe(null);
});

test('without a connection what was held becomes what waits, also after a reload', async () => {
  const made = new Outbox({ api: server.api, keep, clock, newId: () => 'c-1', onSent: () => undefined });
  await made.send('conv_1', text('Da'), 5_000);
  expect(made.entries[0]?.state).toBe('held');
  const again = new Outbox({ api: server.api, keep, clock, newId: () => 'c-2', onSent: () => undefined });
  await again.load();
  await clock.advance(5_000);
  expect([made.entries[0]?.state, again.entries[0]?.state, atServer.size]).toEqual(['waiting', 'waiting', 0]);
});

test('a refusal stays with its reason, and does not hold up the next', async () => {
  const box = outbox();
  server.on('POST', /conv_1\/messages$/, () =>
    json(422, { type: '/problems/window-closed', title: 'x', status: 422, instance: 'trc_1' }),
  );
  await box.send('conv_1', text('prea târziu'));
  await box.send('conv_2', text('bine'));
  await settle();
  expect(bodies()).toEqual(['bine']);
  expect(box.of('conv_1')).toMatchObject([{ state: 'refused', problem: { slug: 'window-closed' } }]);
  expect(await keep.all<Entry>('outbox')).toMatchObject([{ state: 'refused' }]);
});

test('too many requests wait as long as the server says', async () => {
  let refusals = 1;
  const box = outbox();
  server.on('POST', /conv_9\/messages$/, () =>
    refusals-- > 0
      ? json(429, { type: '/problems/too-many-requests', title: 'x', status: 429 }, { 'retry-after': '20' })
      : message('msg_9', 1),
  );
  await box.send('conv_9', text('Da'));
  await clock.advance(19_000);
  expect(sent).toEqual([]);
  await clock.advance(2_000);
  expect(sent).toEqual(['c-1']);
});

test('what another tab took back or sent is not sent again', async () => {
  server.isOnline = false;
  const here = outbox();
  const entry = await here.send('conv_1', text('Da'));
  const there = outbox();
  await there.load();
  await settle();
  await there.undo(entry.client_id);
  server.isOnline = true;
  here.wake();
  await settle();
  expect([atServer.size, here.unsent]).toEqual([0, 0]);
});

test('nothing goes out before it is certain who is signed in', async () => {
  const box = new Outbox({ api: server.api, keep, clock, newId: () => 'c-1', onSent: () => undefined });
  await box.send('conv_1', text('Da'));
  await clock.advance(60_000);
  expect(atServer.size).toBe(0);
  box.wake();
  await settle();
  expect(atServer.size).toBe(1);
});

test('wiping deletes the database', async () => {
  const box = outbox();
  await box.send('conv_1', text('Da'), 60_000);
  await keep.wipe();
  expect((await factory.databases()).length).toBe(0);
});
