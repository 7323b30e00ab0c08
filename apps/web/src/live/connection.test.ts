import { beforeEach, expect, test } from 'vitest';
import { Problem, type Recorded } from '$api/index';
import { Connection, type FactsPage, type LiveState } from './connection';
import { TestClock, TestSockets } from './testing';

let clock: TestClock;
let sockets: TestSockets;
let connection: Connection;
let seen: number[];
let resyncs: number[];
let told: unknown[];
let state: LiveState;
let hasEnded: boolean;
let page: (after: number) => Promise<FactsPage>;
let asked: number[];

const fact = (seq: number): Recorded => ({
  seq,
  id: `evt_${seq}`,
  at: '2026-11-02T09:00:00Z',
  actor: { kind: 'system' },
  depth: 0,
  trace: 'trc_1',
  event: { kind: 'workspace_changed' },
});

beforeEach(() => {
  clock = new TestClock();
  sockets = new TestSockets();
  [seen, resyncs, asked, hasEnded] = [[], [], [], false];
  told = [];
  state = { mode: 'connecting', freshAt: null };
  page = (after) => Promise.resolve({ items: [], next: after, as_of: after });
  connection = new Connection({
    open: sockets.open,
    page: (after) => {
      asked.push(after);
      return page(after);
    },
    clock,
    onFacts: (facts) => seen.push(...facts.map(({ seq }) => seq)),
    onResync: (seq) => resyncs.push(seq),
    onTold: (one) => told.push(one),
    onState: (now) => (state = now),
    onEnded: () => (hasEnded = true),
  });
});

/** The socket fails without a word; gives how long it takes until there is another. */
async function failOnce(): Promise<number> {
  const before = sockets.opened.length;
  const at = clock.now();
  sockets.last.hearing.closed(1006);
  while (sockets.opened.length === before) await clock.advance(100);
  return clock.now() - at;
}

test('facts come once and in order, also when a new socket repeats them', async () => {
  connection.start(10);
  expect(sockets.last.after).toBe(10);
  sockets.frame({ type: 'events', items: [fact(11), fact(13)], seq: 14 });
  expect(state.mode).toBe('live');
  sockets.last.hearing.closed(1006);
  await clock.advance(1_000);
  expect(sockets.last.after).toBe(14);
  sockets.frame({ type: 'events', items: [fact(13), fact(15)], seq: 15 });
  expect(seen).toEqual([11, 13, 15]);
});

test('too much missed: what is shown is loaded anew, and facts go on from there', () => {
  connection.start(10);
  sockets.frame({ type: 'resync', seq: 5_000 });
  expect(resyncs).toEqual([5_000]);
  sockets.frame({ type: 'events', items: [fact(5_001)], seq: 5_001 });
  expect(seen).toEqual([5_001]);
});

test('reconnecting waits longer each time, and not at all when the network comes back', async () => {
  connection.start(0);
  page = () => Promise.reject(new Problem({ slug: 'offline' }));
  const waits: number[] = [];
  for (let n = 0; n < 8; n++) waits.push(await failOnce());
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  expect([waits[0], waits.at(-1)]).toEqual([800, 22_500]);
  expect(sockets.opened.length).toBe(9);
  expect(state.mode).toBe('offline');
  sockets.last.hearing.closed(1006);
  connection.wake();
  await clock.advance(0);
  expect(sockets.opened.length).toBe(10);
  sockets.frame({ type: 'events', items: [], seq: 0 });
  expect(state.mode).toBe('live');
});

test('without sockets facts are polled, page by page, and a socket that opens takes over', async () => {
  const pages: FactsPage[] = [
    { items: [fact(1)], next: 2, as_of: 3 },
    { items: [fact(3)], next: 3, as_of: 3 },
  ];
  page = (after) => Promise.resolve(pages.shift() ?? { items: [], next: after, as_of: after });
  connection.start(0);
  await failOnce();
  await failOnce();
  expect(state.mode).toBe('polling');
  expect(seen).toEqual([1, 3]);
  expect(connection.seq).toBe(3);
  await failOnce();
  sockets.frame({ type: 'events', items: [fact(1), fact(4)], seq: 4 });
  expect(state.mode).toBe('live');
  expect(seen).toEqual([1, 3, 4]);
  expect(resyncs).toEqual([]);
  const before = asked.length;
  await clock.advance(20_000);
  expect(asked.length).toBe(before);
});

test('a log that runs backwards is another one: everything is loaded anew', async () => {
  connection.start(100);
  page = () => Promise.resolve({ items: [], next: 7, as_of: 7 });
  await failOnce();
  await failOnce();
  expect(resyncs).toEqual([7]);
  expect(connection.seq).toBe(7);
});

test('a silent socket is given up within 45 seconds, also before its first beat', async () => {
  for (const frame of [
    { type: 'events', items: [], seq: 4 },
    { type: 'beat', seq: 4 },
  ]) {
    connection.start(0);
    sockets.frame(frame);
    expect([connection.seq, state]).toEqual([4, { mode: 'live', freshAt: clock.now() }]);
    const [silent, opened] = [clock.now(), sockets.opened.length];
    while (state.mode === 'live') await clock.advance(500);
    expect(clock.now() - silent).toBeLessThan(40_000);
    await clock.advance(1_000);
    expect([asked, sockets.opened.length, sockets.last.after]).toEqual([[], opened + 1, 4]);
    expect(sockets.opened[opened - 1]?.isClosed).toBe(true);
  }
});

test('whoever comes back asks, and replaces a socket that did not tell', async () => {
  connection.start(0);
  sockets.frame({ type: 'events', items: [], seq: 0 });
  connection.wake();
  await clock.advance(1_000);
  expect([asked, sockets.opened.length]).toEqual([[0], 1]);
  page = () => Promise.resolve({ items: [fact(1)], next: 1, as_of: 1 });
  connection.wake();
  await clock.advance(1_000);
  expect(sockets.opened.length).toBe(2);
  expect(sockets.opened[0]?.isClosed).toBe(true);
});

test('as long as it beats nothing is asked', async () => {
  connection.start(0);
  for (let n = 0; n < 10; n++) {
    sockets.frame({ type: 'beat', seq: 0 });
    await clock.advance(20_000);
  }
  expect([asked, sockets.opened.length, state.mode]).toEqual([[], 1, 'live']);
});

test('a list that knows far more than the socket told uncovers a gap', async () => {
  connection.start(0);
  sockets.frame({ type: 'events', items: [], seq: 0 });
  page = () => Promise.resolve({ items: [fact(900)], next: 900, as_of: 900 });
  connection.saw(900);
  await clock.advance(2_000);
  expect(sockets.opened.length).toBe(2);
  expect(sockets.last.after).toBe(0);
});

test('the end of the session ends the connection', async () => {
  connection.start(0);
  sockets.last.hearing.closed(4401);
  await clock.advance(60_000);
  expect([hasEnded, state.mode, sockets.opened.length]).toEqual([true, 'ended', 1]);
});

test('what is no fact is told as it came, and moves the place of the facts not at all', () => {
  connection.start(10);
  sockets.frame({ type: 'events', items: [], seq: 12 });
  sockets.frame({ type: 'preferences', preferences: { sound: false } });
  expect([told, connection.seq, seen]).toEqual([[{ type: 'preferences', preferences: { sound: false } }], 12, []]);
});

test('frames that cannot be read change nothing', () => {
  connection.start(0);
  sockets.last.hearing.frame('{');
  sockets.last.hearing.frame('null');
  sockets.frame({ news: true });
  expect([seen, told]).toEqual([[], []]);
});

test('what the page says goes out through the socket that there is', () => {
  const looking = { type: 'presence', conversation: 'conv_1', doing: 'looking', is_away: false } as const;
  const replying = { ...looking, doing: 'replying' } as const;
  connection.tell(looking);
  connection.start(10);
  connection.tell(replying);
  connection.stop();
  connection.tell(looking);
  expect(sockets.told).toEqual([replying]);
});
