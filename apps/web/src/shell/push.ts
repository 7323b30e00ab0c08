// Notifications that come while no page is open: what the browser's push service gives us for the server.
import type { Push } from '$shell/shell';
import { container } from '$shell/worker';

export const browserPush: Push = {
  // `ready` would wait for ever where the worker could not be registered.
  isPossible: () => 'PushManager' in window && container() !== undefined,
  async current() {
    const found = await (await registration())?.pushManager.getSubscription();
    return found ? addressOf(found) : undefined;
  },
  async subscribe(key) {
    const worker = await registration();
    if (worker === undefined) throw new DOMException('no service worker', 'InvalidStateError');
    const applicationServerKey = bytesOf(key);
    const old = await worker.pushManager.getSubscription();
    // Another key is another server, or this one with a new database: the browser refuses to change it.
    if (old && !equal(old.options.applicationServerKey, applicationServerKey)) await old.unsubscribe();
    return addressOf(await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }));
  },
  async unsubscribe() {
    await (await (await registration())?.pushManager.getSubscription())?.unsubscribe();
  },
};

async function registration(): Promise<ServiceWorkerRegistration | undefined> {
  return (await container()?.getRegistration()) ?? undefined;
}

function addressOf(subscription: PushSubscription): { endpoint: string; keys: { p256dh: string; auth: string } } {
  const { keys } = subscription.toJSON();
  return { endpoint: subscription.endpoint, keys: { p256dh: keys?.['p256dh'] ?? '', auth: keys?.['auth'] ?? '' } };
}

/** From base64url without padding (RFC 4648 section 5). */
function bytesOf(key: string): Uint8Array<ArrayBuffer> {
  const text = atob(key.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function equal(a: ArrayBuffer | null, b: Uint8Array): boolean {
  const bytes = new Uint8Array(a ?? new ArrayBuffer(0));
  return bytes.length === b.length && bytes.every((byte, at) => byte === b[at]);
}
