import { beforeEach, expect, test } from 'vitest';
import { Problem } from '$api/index';
import { settle } from '$live/testing';
import { PreferencesStore, USUAL_PREFERENCES, type Preferences } from './preferences.svelte';

/** A server that keeps one agent's preferences, and may be away or refuse. */
let kept: Preferences;
let asked: Partial<Preferences>[];
let failure: Problem | null;
let hold: Promise<void>;
let store: PreferencesStore;

const offline = new Problem({ slug: 'offline' });
const quiet = { about: 'mine', sound: false, quiet_hours: null } as const;
const gmail = { preset: 'gmail', single_letters: true, send: 'mod_enter', keys: {} } as const;

beforeEach(() => {
  kept = USUAL_PREFERENCES;
  asked = [];
  failure = null;
  hold = Promise.resolve();
  store = new PreferencesStore({
    load: () => (failure === null ? Promise.resolve(kept) : Promise.reject(failure)),
    change: async (change) => {
      asked.push(change);
      const answer = failure;
      await hold;
      if (answer !== null) throw answer;
      kept = { ...kept, ...change };
      return kept;
    },
  });
});

test('the usual ones hold until they are loaded', async () => {
  expect([store.isLoaded, store.now]).toEqual([false, USUAL_PREFERENCES]);
  kept = { ...kept, keyboard: gmail };
  await store.load();
  expect([store.isLoaded, store.now.keyboard.preset]).toEqual([true, 'gmail']);
});

test('a change counts before the server has heard of it, and only what changed is told', async () => {
  let answer = (): void => undefined;
  hold = new Promise((resolve) => (answer = resolve));
  const changing = store.change({ notifications: quiet });
  expect(store.now.notifications).toEqual(quiet);
  await settle();
  expect(asked).toEqual([{ notifications: quiet }]);
  answer();
  await changing;
  expect([kept.notifications, store.snapshot().untold]).toEqual([quiet, {}]);
});

test('of two quick changes the last one stays, also at the server', async () => {
  const first = store.change({ notifications: quiet });
  const second = store.change({ notifications: { ...quiet, about: 'none' } });
  await Promise.all([first, second]);
  expect([kept.notifications.about, store.now.notifications.about]).toEqual(['none', 'none']);
});

test('without a connection a change waits and is told when it is back, also after a new start', async () => {
  await store.load();
  failure = offline;
  await store.change({ keyboard: gmail });
  expect([store.now.keyboard.preset, kept.keyboard.preset]).toEqual(['gmail', 'centrala']);
  const next = new PreferencesStore({
    load: () => Promise.resolve(kept),
    change: (change) => Promise.resolve((kept = { ...kept, ...change })),
  });
  next.restore(store.snapshot());
  expect(next.now.keyboard.preset).toBe('gmail');
  await next.wake();
  expect([kept.keyboard.preset, next.snapshot().untold]).toEqual(['gmail', {}]);
});

test('what the server refuses is taken back and said', async () => {
  await store.load();
  failure = new Problem({ slug: 'invalid', status: 422 });
  await expect(store.change({ keyboard: gmail })).rejects.toThrow(failure);
  expect(store.now.keyboard.preset).toBe('centrala');
});

test('what another device chose holds here, but not over what this one has yet to tell', async () => {
  await store.load();
  failure = offline;
  await store.change({ keyboard: gmail });
  store.take({ ...USUAL_PREFERENCES, notifications: quiet });
  expect([store.now.keyboard.preset, store.now.notifications.about]).toEqual(['gmail', 'mine']);
});
