import { beforeEach, expect, test } from 'vitest';
import { Problem, type Schema } from '$api/index';
import { settle, TestClock } from '$live/testing';
import { Drafts, LocalDrafts, type Draft } from './drafts.svelte';
import { memoryStorage } from './testing';

/** One server, and as many devices of one agent as a test wants. */
let atServer: Map<string, Schema<'DraftOut'>>;
let clock: TestClock;
let isOnline: boolean;
let saves: string[];
let refusal: Problem | null;
let onItsWay: Set<string>;

const problem = (slug: Problem['slug'], status: number): Problem => new Problem({ slug, status });

const out = (conversation: string, text: string): Schema<'DraftOut'> => ({
  conversation,
  mode: 'reply',
  text,
  reply_to: null,
  media: [],
  updated_at: new Date(clock.now()).toISOString(),
});

function device(storage = memoryStorage()): Drafts {
  const asked = async (): Promise<void> => {
    await Promise.resolve();
    if (!isOnline) throw problem('offline', 0);
    if (refusal !== null) throw refusal;
  };
  return new Drafts({
    store: new LocalDrafts(storage, 'agt_1'),
    clock,
    isOnItsWay: (conversation) => onItsWay.has(conversation),
    server: {
      list: async () => {
        await asked();
        return { items: [...atServer.values()], as_of: 1 };
      },
      save: async (conversation, { text }) => {
        await asked();
        saves.push(text);
        atServer.set(conversation, out(conversation, text));
        return out(conversation, text);
      },
      remove: async (conversation) => {
        await asked();
        saves.push('-');
        atServer.delete(conversation);
      },
    },
  });
}

const written = (text: string): Omit<Draft, 'at'> => ({ mode: 'reply', text, reply_to: null, media: [] });

beforeEach(() => {
  clock = new TestClock();
  [atServer, isOnline, saves, refusal, onItsWay] = [new Map(), true, [], null, new Set()];
});

test('what is typed goes to the server once it rests, and the other device shows it', async () => {
  const [here, there] = [device(), device()];
  await Promise.all([here.reload(), there.reload()]);
  for (const text of ['B', 'Bu', 'Bun']) {
    here.set('conv_1', written(text));
    await clock.advance(200);
  }
  await clock.advance(1_000);
  expect(saves).toEqual(['Bun']);
  there.take('conv_1', atServer.get('conv_1') ?? null);
  expect(there.get('conv_1')?.text).toBe('Bun');
  there.take('conv_1', null);
  expect(there.get('conv_1')).toBe(null);
});

test('the same again is nothing new', async () => {
  const here = device();
  await here.reload();
  here.set('conv_1', written('Bun'));
  await clock.advance(1_000);
  here.set('conv_1', written('Bun'));
  here.flush();
  await clock.advance(10_000);
  expect(saves).toEqual(['Bun']);
});

test('whoever types is not disturbed by what another device wrote before', async () => {
  const here = device();
  await here.reload();
  here.set('conv_1', written('Bună'));
  here.take('conv_1', out('conv_1', 'Salut'));
  expect(here.get('conv_1')?.text).toBe('Bună');
  await clock.advance(1_000);
  expect(atServer.get('conv_1')?.text).toBe('Bună');
});

test('leaving sends at once what rests, and what is typed during a request goes out after it', async () => {
  const here = device();
  await here.reload();
  here.set('conv_1', written('Bun'));
  here.flush();
  here.set('conv_1', written('Bună'));
  await settle();
  expect(saves).toEqual(['Bun']);
  await clock.advance(1_000);
  expect(saves).toEqual(['Bun', 'Bună']);
});

test('without a connection it stays here, over a reload, and goes out when there is one', async () => {
  const storage = memoryStorage();
  const here = device(storage);
  await here.reload();
  isOnline = false;
  here.set('conv_1', written('Bun'));
  await clock.advance(5_000);
  here.stop();
  const again = device(storage);
  await again.load();
  expect(again.get('conv_1')?.text).toBe('Bun');
  isOnline = true;
  await again.reload();
  await settle();
  expect(saves).toEqual(['Bun']);
});

test('of two versions the newer one counts, also after both were written without the other', async () => {
  const [one, two] = [memoryStorage(), memoryStorage()];
  for (const storage of [one, two]) {
    const offline = device(storage);
    offline.set('conv_1', written(storage === one ? 'mine' : 'mine again'));
    await clock.advance(400);
    offline.stop();
    if (storage === one) atServer.set('conv_1', out('conv_1', 'theirs'));
    await clock.advance(1_000);
  }
  const older = device(one);
  await older.load();
  await older.reload();
  await settle();
  expect([older.get('conv_1')?.text, saves]).toEqual(['theirs', []]);
  const newer = device(two);
  await newer.load();
  await newer.reload();
  await settle();
  expect([newer.get('conv_1')?.text, saves]).toEqual(['mine again', ['mine again']]);
});

test('what was deleted elsewhere is gone here too, unless something was written since', async () => {
  const storage = memoryStorage();
  const here = device(storage);
  await here.reload();
  here.set('conv_1', written('a'));
  here.set('conv_2', written('b'));
  await clock.advance(1_000);
  here.stop();
  atServer.clear();
  const again = device(storage);
  await again.load();
  again.set('conv_2', written('b and more'));
  await again.reload();
  await settle();
  expect([again.get('conv_1'), again.get('conv_2')?.text]).toEqual([null, 'b and more']);
  expect([...atServer.keys()]).toEqual(['conv_2']);
});

test('the draft of something that was sent is deleted after it has arrived, not before', async () => {
  const here = device();
  await here.reload();
  here.set('conv_1', written('Da'));
  await clock.advance(1_000);
  onItsWay.add('conv_1');
  here.clear('conv_1');
  here.flush();
  await clock.advance(60_000);
  expect([here.get('conv_1'), atServer.has('conv_1')]).toEqual([null, true]);
  onItsWay.clear();
  here.settled('conv_1');
  await settle();
  expect([atServer.has('conv_1'), saves]).toEqual([false, ['Da', '-']]);
});

test('what the server does not take stays here and is not asked again and again', async () => {
  const here = device();
  await here.reload();
  refusal = problem('invalid-input', 422);
  here.set('conv_1', written('x'.repeat(20_000)));
  await clock.advance(600_000);
  refusal = null;
  await clock.advance(600_000);
  expect([here.get('conv_1')?.text.length, saves]).toEqual([20_000, []]);
  here.set('conv_1', written('x'));
  await clock.advance(1_000);
  expect(saves).toEqual(['x']);
});

test('nothing goes out for a session that has ended', async () => {
  const here = device();
  here.set('conv_1', written('x'));
  await clock.advance(60_000);
  expect(saves).toEqual([]);
});
