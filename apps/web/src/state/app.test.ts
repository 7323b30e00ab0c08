import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, expect, test } from 'vitest';
import { settle, TestClock, TestSockets } from '$live/testing';
import { App } from './app.svelte';
import { LocalDrafts } from './drafts.svelte';
import { openKeep } from './keep';
import { conversation, fact, json, memoryStorage, received, TestServer } from './testing';

let server: TestServer;
let clock: TestClock;
let sockets: TestSockets;
let factory: IDBFactory;
let last: string | null;
let isUntold: boolean;
let isSignedIn: boolean;
let asOf: number;
let storage: Storage;

const page = (items: unknown[]) => () => ({ items, as_of: asOf });
const me = {
  agent: { id: 'agt_1', name: 'Ana', email: 'a@x', role: 'agent', language: 'ro', created_at: '2026-11-01T00:00:00Z' },
  permissions: ['work_conversations'],
  workspace: { id: 'ws_1', name: 'x', created_at: '', settings: { language: 'ro', time_zone: 'Europe/Bucharest' } },
};

function app(): App {
  return new App({
    api: server.api,
    clock,
    openSocket: sockets.open,
    openKeep: (agent) => openKeep(agent, factory),
    draftsOf: (agent) => new LocalDrafts(storage, agent),
    lastAgent: { get: () => last, set: (agent) => (last = agent) },
    untoldEnd: { get: () => isUntold, set: (is) => (isUntold = is) },
    newId: () => 'c-1',
    isSeen: () => true,
  });
}

async function started(): Promise<App> {
  const it = app();
  await it.start();
  sockets.frame({ type: 'events', items: [], seq: asOf });
  return it;
}

beforeEach(() => {
  storage = memoryStorage();
  clock = new TestClock();
  sockets = new TestSockets();
  factory = new IDBFactory();
  [last, isUntold, isSignedIn, asOf] = [null, false, true, 10];
  const unauthenticated = () => json(401, { type: '/problems/unauthenticated', title: 'x', status: 401 });
  server = new TestServer()
    .on('GET', /\/me$/, () => (isSignedIn ? me : unauthenticated()))
    .on('DELETE', /\/session$/, () => new Response(null, { status: 204 }))
    .on('GET', /\/(agents|inboxes|labels|channels)$/, page([]))
    .on('GET', /\/counts$/, () => ({ mine: 1, unassigned: 0, open: 1, waiting: 0, snoozed: 0, unread: 0, as_of: asOf }))
    .on('GET', /\/conversations$/, () => page([conversation('conv_1', 10)])());
});

test('whoever is not signed in has no desk', async () => {
  isSignedIn = false;
  const it = app();
  await it.start();
  expect([it.session.standing, it.desk]).toEqual(['signed_out', null]);
});

test('permissions, connection and the age of the data are told', async () => {
  const it = await started();
  expect([it.session.may('work_conversations'), it.session.may('manage_agents')]).toEqual([true, false]);
  expect(it.desk?.live).toEqual({ mode: 'live', freshAt: clock.now() });
  expect(it.desk?.counts.now?.mine).toBe(1);
});

test('the next start shows what was there at once, also without a connection, and catches up when it is back', async () => {
  const first = await started();
  await first.desk?.list({ statuses: ['open'] }).load();
  await first.desk?.save();
  first.desk?.close();
  server.isOnline = false;
  const it = app();
  await it.start();
  const list = it.desk?.list({ statuses: ['open'] });
  expect([list?.ids, it.session.agent?.name, it.problem]).toEqual([['conv_1'], 'Ana', null]);
  expect(it.desk?.live).toEqual({ mode: 'offline', freshAt: 1_000_000 });
  server.isOnline = true;
  asOf = 11;
  await clock.advance(6_000);
  expect(sockets.last.after).toBe(10);
  sockets.frame({ type: 'events', items: [received(11, 'conv_1', 'msg_1', 20)], seq: 11 });
  expect(list?.row('conv_1')?.unread).toBe(1);
});

test('signing out leaves nothing on this computer', async () => {
  const it = await started();
  it.desk?.drafts.set('conv_1', { mode: 'reply', text: 'secret', reply_to: null, media: [] });
  it.desk?.drafts.flush();
  expect(storage.length).toBe(1);
  await it.desk?.save();
  await it.signOut();
  expect([storage.length, (await factory.databases()).length, last, it.desk]).toEqual([0, 0, null, null]);
});

test('whoever signs out without a connection is let in again by nobody, and the server hears of it later', async () => {
  const it = await started();
  await it.desk?.save();
  server.isOnline = false;
  await expect(it.signOut()).rejects.toMatchObject({ slug: 'offline' });
  expect([it.session.standing, it.desk, last, (await factory.databases()).length]).toEqual([
    'signed_out',
    null,
    null,
    0,
  ]);
  const again = app();
  await again.start();
  expect(again.session.standing).toBe('signed_out');
  server.isOnline = true;
  const before = server.count('GET', /\/me$/);
  await clock.advance(6_000);
  expect([server.count('DELETE', /\/session$/), isUntold, again.session.standing]).toEqual([1, false, 'signed_out']);
  expect(server.count('GET', /\/me$/)).toBe(before);
});

test('signing out in one tab shuts the others', async () => {
  const it = await started();
  await it.desk?.save();
  it.leftElsewhere();
  await settle();
  expect([it.session.standing, it.desk]).toEqual(['signed_out', null]);
});

test('a session that ended elsewhere keeps what was not sent, for the same agent', async () => {
  const it = await started();
  await it.desk?.outbox.send('conv_1', { kind: 'note', body: 'x' }, 60_000);
  await it.desk?.save();
  sockets.last.hearing.closed(4401);
  await settle();
  expect([it.session.standing, it.desk, last]).toEqual(['signed_out', null, null]);
  expect(await (await openKeep('agt_1', factory)).get('snapshot', 'desk')).toBe(undefined);
  server.on('POST', /\/session$/, () => ({ agent: me.agent, expires_at: '' }));
  await it.signIn('a@x', 'p');
  expect(it.desk?.outbox.unsent).toBe(1);
});

test('too much missed loads everything that is shown anew', async () => {
  const it = await started();
  const list = it.desk?.list({ statuses: ['open'] });
  await list?.load();
  list?.watch();
  server.on('GET', /\/conversations$/, () => page([conversation('conv_2', 20)])());
  asOf = 9_000;
  sockets.frame({ type: 'resync', seq: 9_000 });
  await settle();
  expect(list?.ids).toEqual(['conv_2']);
});

test('drafts are kept for each conversation and survive a reload', async () => {
  const it = await started();
  const draft = { mode: 'note' as const, text: 'de sunat', reply_to: null, media: [] };
  it.desk?.drafts.set('conv_1', draft);
  await clock.advance(400);
  const again = await started();
  expect(again.desk?.drafts.get('conv_1')?.text).toBe('de sunat');
  again.desk?.drafts.set('conv_1', { ...draft, text: ' ' });
  expect(again.desk?.drafts.get('conv_1')).toBe(null);
  // That it is gone is kept until the server knows.
  server.on('DELETE', /\/conv_1\/draft$/, () => new Response(null, { status: 204 }));
  await clock.advance(60_000);
  expect(storage.length).toBe(0);
});

test('a membership that changes loads anew what may be seen', async () => {
  const it = await started();
  const list = it.desk?.list({});
  await list?.load();
  list?.watch();
  server.on('GET', /\/conversations$/, () => page([])());
  asOf = 11;
  sockets.frame({ type: 'events', items: [fact(11, { kind: 'inbox_members_changed', inbox: 'inb_1' })], seq: 11 });
  await settle();
  expect(list?.ids).toEqual([]);
});
