import { beforeEach, expect, test } from 'vitest';
import { Api } from '$api/index';
import type { KnownEvent, Recorded } from '$api/index';
import { settle, TestClock } from '$live/testing';
import { FirstMinutes, stepOf } from './first_minutes.svelte';
import { PreferencesStore, USUAL_PREFERENCES, type Preferences } from './preferences.svelte';
import { Session, type Me } from './session.svelte';
import { fact } from './testing';

let kept: Preferences;
let clock: TestClock;
let session: Session;
let preferences: PreferencesStore;
let first: FirstMinutes;

const by = (agent: string, event: KnownEvent): Recorded => ({ ...fact(1, event), actor: { kind: 'agent', id: agent } });
const claimed: KnownEvent = { kind: 'conversation_assigned', conversation: 'conv_1', to: 'agt_1', from: null };
const queued: KnownEvent = {
  kind: 'message_queued',
  conversation: 'conv_1',
  message: 'msg_1',
  content_kind: 'text',
  position: '',
  attempt: 1,
  is_listed: true,
};
const noted: KnownEvent = { kind: 'note_added', conversation: 'conv_1', note: 'note_1' };
const snoozed: KnownEvent = { kind: 'conversation_snoozed', conversation: 'conv_1', until: '' };

function signIn(permissions: readonly string[], created: number): void {
  session.restore({
    agent: { id: 'agt_1', name: 'Ana', role: 'agent', created_at: new Date(created).toISOString() },
    permissions,
  } as unknown as Me);
}

beforeEach(async () => {
  kept = USUAL_PREFERENCES;
  clock = new TestClock();
  session = new Session(new Api({ baseUrl: 'http://localhost' }));
  signIn(['work_conversations'], clock.now() - 1000);
  preferences = new PreferencesStore({
    load: () => Promise.resolve(kept),
    change: (change) => Promise.resolve((kept = { ...kept, ...change })),
  });
  first = new FirstMinutes({ preferences, session, clock });
  await preferences.load();
});

test('somebody new sees it, whoever has been here for months does not, and who may not answer never', () => {
  expect(first.isShown).toBe(true);
  signIn(['work_conversations'], clock.now() - 90 * 86_400_000);
  expect(first.isShown).toBe(false);
  first.resume();
  expect(first.isShown).toBe(true);
  signIn([], clock.now());
  expect(first.isShown).toBe(false);
});

test.each([
  ['claim', claimed],
  ['answer', queued],
  ['note', noted],
  ['snooze', snoozed],
] as const)('%s is ticked by doing it oneself', (step, event) => {
  first.fold([by('agt_2', event)]);
  expect(first.done).toEqual([]);
  first.fold([by('agt_1', event)]);
  expect([first.done, first.latest, kept.first_minutes.done]).toEqual([[step], step, [step]]);
});

test('what only looks like a step is none', () => {
  const given: KnownEvent = { ...claimed, to: 'agt_2' };
  const reaction: KnownEvent = { ...queued, is_listed: false };
  const all = [by('agt_1', given), by('agt_1', reaction), fact(1, noted)];
  expect(all.map((one) => stepOf(one, 'agt_1'))).toEqual([null, null, null]);
});

test('all done, it says so until it is closed, and comes back only when it is asked for', async () => {
  for (const event of [claimed, queued, noted, snoozed]) first.fold([by('agt_1', event)]);
  first.tick('palette');
  expect([first.isFinished, first.isShown]).toEqual([true, true]);
  first.dismiss();
  await settle();
  expect([first.isShown, kept.first_minutes.dismissed]).toEqual([false, true]);
  first.resume();
  expect([first.isShown, first.done]).toEqual([true, []]);
});

test('put away half-way it goes on from there, and ticks nothing meanwhile', () => {
  first.fold([by('agt_1', claimed)]);
  first.dismiss();
  first.fold([by('agt_1', noted)]);
  first.resume();
  expect([first.done, first.isShown]).toEqual([['claim'], true]);
});

test('once finished, a new start does not show it again', async () => {
  kept = { ...kept, first_minutes: { done: ['claim', 'answer', 'note', 'snooze', 'palette'], dismissed: false } };
  await preferences.load();
  expect(first.isShown).toBe(false);
});
