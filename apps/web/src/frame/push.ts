// This device among those that are told while no page is open: subscribed here, and known to the server.
import type { Push, Storage } from '$shell/shell';
import type { PushDevices } from '$state/index';

/** Whose notifications come to this device, and by which subscription: `agent subscription`. */
const KEY = 'push';

interface Here {
  readonly storage: Storage;
  readonly push: Push;
}

/** The subscription of an agent on this device, if there is one. */
export function subscriptionHere({ storage }: Here, agent: string): string | undefined {
  const [owner, subscription] = storage.get(KEY)?.split(' ') ?? [];
  return owner === agent ? subscription : undefined;
}

/** Subscribes this device. Rejects with a `Problem` of the server, or an exception of the browser. */
export async function subscribeHere(here: Here, devices: PushDevices, agent: string, name: string): Promise<string> {
  const address = await here.push.subscribe(await devices.key());
  const { id } = await devices.add(address, name);
  here.storage.set(KEY, `${agent} ${id}`);
  return id;
}

/** Takes this device out. What the browser holds ends also where the server cannot be told. */
export async function unsubscribeHere(here: Here, devices: PushDevices, agent: string): Promise<void> {
  const subscription = subscriptionHere(here, agent);
  here.storage.remove(KEY);
  await here.push.unsubscribe();
  if (subscription !== undefined) await devices.remove(subscription);
}

/** Nobody is signed in any more: the server forgets by itself. */
export async function forgetHere({ storage, push }: Here): Promise<void> {
  if (storage.get(KEY) === undefined) return;
  storage.remove(KEY);
  await push.unsubscribe();
}

/**
 * A subscription ends with the session at the server, and by the browser's will at any time: whoever wanted it here
 * gets it again when he comes back. What another agent left is taken away.
 */
export async function renewHere(here: Here, devices: PushDevices, agent: string, name: string): Promise<void> {
  if (here.storage.get(KEY) === undefined || !here.push.isPossible()) return;
  if (subscriptionHere(here, agent) === undefined) await forgetHere(here);
  else await subscribeHere(here, devices, agent, name);
}
