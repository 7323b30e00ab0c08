import { beforeEach, expect, test } from 'vitest';
import type { Telling } from '$live/index';
import { TestClock } from '$live/testing';
import { Presence } from './presence.svelte';

let clock: TestClock;
let told: Telling[];
let presence: Presence;
let isSeen: boolean;

const doings = (): string[] => told.map(({ conversation, doing }) => `${conversation ?? '-'} ${doing}`);

beforeEach(() => {
  clock = new TestClock();
  told = [];
  isSeen = true;
  presence = new Presence({
    clock,
    me: () => 'agt_me',
    isSeen: () => isSeen,
    tell: (frame) => told.push(frame),
  });
});

test('the others are shown, those who write first, and never oneself', () => {
  const agents = [
    { agent: 'agt_a', doing: 'looking' },
    { agent: 'agt_me', doing: 'replying' },
    { agent: 'agt_b', doing: 'noting' },
    { agent: 'agt_c', doing: 'replying' },
  ] as const;
  presence.take({ type: 'presence', conversation: 'conv_1', agents });
  expect(presence.of('conv_1').map(({ agent }) => agent)).toEqual(['agt_c', 'agt_b', 'agt_a']);
  expect(presence.of('conv_2')).toEqual([]);
  presence.take({ type: 'presence', conversation: 'conv_1', agents: [] });
  expect(presence.of('conv_1')).toEqual([]);
});

test('without a socket nobody is shown anywhere', () => {
  presence.take({ type: 'presence', conversation: 'conv_1', agents: [{ agent: 'agt_a', doing: 'replying' }] });
  presence.forget();
  expect(presence.of('conv_1')).toEqual([]);
});

test('where one looks is told on change, and again to a new socket; whoever passes by was not there', async () => {
  presence.look('conv_1');
  await clock.advance(1_000);
  presence.look('conv_1');
  await clock.advance(1_000);
  presence.look('conv_2');
  presence.leave('conv_2');
  presence.look('conv_3');
  presence.leave('conv_2');
  await clock.advance(1_000);
  presence.resume();
  presence.leave('conv_3');
  await clock.advance(1_000);
  presence.resume();
  expect(doings()).toEqual(['conv_1 looking', 'conv_3 looking', 'conv_3 looking', '- looking', '- looking']);
});

test('writing is told at once, repeated every five seconds, and is over after twelve without a key', async () => {
  presence.look('conv_1');
  await clock.advance(1_000);
  for (let key = 0; key < 16; key++) {
    presence.write('replying');
    await clock.advance(500);
  }
  expect(doings()).toEqual(['conv_1 looking', 'conv_1 replying', 'conv_1 replying']);
  await clock.advance(11_000);
  expect(told).toHaveLength(3);
  await clock.advance(1_000);
  expect(doings().at(-1)).toBe('conv_1 looking');
});

test('a note is told as a note, what went out as looking, and somebody elsewhere writes nowhere', async () => {
  presence.write('replying');
  expect(told).toEqual([]);
  presence.look('conv_1');
  await clock.advance(1_000);
  presence.write('replying');
  presence.write('noting');
  presence.rest();
  presence.rest();
  expect(doings()).toEqual(['conv_1 looking', 'conv_1 replying', 'conv_1 noting', 'conv_1 looking']);
  presence.write('replying');
  presence.look('conv_2');
  await clock.advance(40_000);
  expect(doings().slice(4)).toEqual(['conv_1 replying', 'conv_2 looking']);
});

test('while the page is in sight that is said again within a minute, and that it went out of sight at once', async () => {
  presence.resume();
  await clock.advance(100_000);
  presence.look('conv_1');
  await clock.advance(60_000);
  expect(doings()).toEqual(['- looking', '- looking', '- looking', 'conv_1 looking', 'conv_1 looking']);
  isSeen = false;
  presence.turn();
  presence.leave('conv_1');
  await clock.advance(600_000);
  presence.resume();
  expect(told.slice(5)).toEqual([
    { type: 'presence', conversation: null, doing: 'looking', is_away: true },
    { type: 'presence', conversation: null, doing: 'looking', is_away: true },
  ]);
  isSeen = true;
  presence.turn();
  presence.stop();
  await clock.advance(600_000);
  expect(doings().slice(7)).toEqual(['- looking']);
});
