import { beforeEach, expect, test } from 'vitest';
import { forgetHere, renewHere, subscribeHere, subscriptionHere, unsubscribeHere } from '$app/frame/push';
import type { Push, Storage } from '$shell/shell';
import type { PushDevices } from '$state/index';

let kept: Map<string, string>;
let endpoint: string | null;
let atServer: string[];
let devices: PushDevices;
let here: { storage: Storage; push: Push };

beforeEach(() => {
  [kept, endpoint, atServer] = [new Map<string, string>(), null, []];
  const address = () => ({ endpoint: endpoint ?? '', keys: { p256dh: 'p', auth: 'a' } });
  here = {
    storage: {
      get: (key) => kept.get(key),
      set: (key, value) => void kept.set(key, value),
      remove: (key) => void kept.delete(key),
      keys: () => [...kept.keys()],
    },
    push: {
      isPossible: () => true,
      current: () => Promise.resolve(endpoint === null ? undefined : address()),
      subscribe: () => {
        endpoint ??= 'https://push.example/1';
        return Promise.resolve(address());
      },
      unsubscribe: () => {
        endpoint = null;
        return Promise.resolve();
      },
    },
  };
  const fake: Pick<PushDevices, 'key' | 'add' | 'remove'> = {
    key: () => Promise.resolve('key'),
    add: (_, device) => {
      atServer = ['psh_1'];
      return Promise.resolve({ id: 'psh_1', device, is_current: true, created_at: '' });
    },
    remove: (id) => {
      atServer = atServer.filter((one) => one !== id);
      return Promise.resolve();
    },
  };
  devices = fake as PushDevices;
});

const known = (agent: string): string | undefined => subscriptionHere(here, agent);

test('a device is subscribed for one agent, and taken out on both sides', async () => {
  await subscribeHere(here, devices, 'agt_1', 'Firefox');
  expect([known('agt_1'), known('agt_2'), endpoint, atServer]).toEqual([
    'psh_1',
    undefined,
    'https://push.example/1',
    ['psh_1'],
  ]);
  await unsubscribeHere(here, devices, 'agt_1');
  expect([known('agt_1'), endpoint, atServer]).toEqual([undefined, null, []]);
});

test('without the server it ends here all the same', async () => {
  await subscribeHere(here, devices, 'agt_1', 'Firefox');
  devices.remove = () => Promise.reject(new Error('offline'));
  await expect(unsubscribeHere(here, devices, 'agt_1')).rejects.toThrow('offline');
  expect([known('agt_1'), endpoint]).toEqual([undefined, null]);
});

test('whoever comes back is subscribed again, who never was is not, and what another left is taken away', async () => {
  await renewHere(here, devices, 'agt_1', 'Firefox');
  expect([endpoint, atServer]).toEqual([null, []]);
  await subscribeHere(here, devices, 'agt_1', 'Firefox');
  atServer = [];
  await renewHere(here, devices, 'agt_1', 'Firefox');
  expect(atServer).toEqual(['psh_1']);
  await renewHere(here, devices, 'agt_2', 'Firefox');
  expect([known('agt_1'), known('agt_2'), endpoint]).toEqual([undefined, undefined, null]);
});

test('signing out leaves no subscription in the browser', async () => {
  await subscribeHere(here, devices, 'agt_1', 'Firefox');
  await forgetHere(here);
  expect([known('agt_1'), endpoint]).toEqual([undefined, null]);
});
