// The service worker: the shell of the app without a connection, and notifications. It keeps no data of customers:
// the push carries ids only, and whatever is shown is fetched with the session.

/* eslint no-restricted-globals: "off" -- a service worker passes requests on */
/// <reference lib="webworker" />

import type { Answer, Asked, KeptWords, Open } from '$shell/worker';

/** Files of the build, and a name that changes with any of them; put in by the build. */
declare const __PRECACHE__: { version: string; files: readonly string[] };

// The page's own types call it a window.
const worker = globalThis.self as unknown as ServiceWorkerGlobalScope;
const { version, files } = __PRECACHE__;
const PREFIX = 'centrala-shell-';
const CACHE = PREFIX + version;
/** Where pages leave their language; as in `shell/worker.ts`. */
const WORDS = 'centrala-words';
const SHELL = '/index.html';
/** Paths that are the server's own. */
const SERVER = /^\/(api|webhooks|problems|healthz|readyz)(\/|$)/;
/** Longer than this nobody looks at a white page. */
const PATIENCE_MS = 4_000;
/** A notification without its text is better than one that comes late. */
const TEXT_MS = 8_000;

worker.addEventListener('install', (event) => {
  // `reload`: not from the browser's own cache, which may hold the previous build.
  const requests = files.map((file) => new Request(file, { cache: 'reload' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
});

worker.addEventListener('activate', (event) => {
  const tidy = async (): Promise<void> => {
    // In the order in which they were made. The build before this one stays: a tab that still runs it may come to a
    // part that it has not fetched.
    const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
    await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
    await worker.clients.claim();
  };
  event.waitUntil(tidy());
});

worker.addEventListener('message', (event) => {
  const asked = event.data as Asked | null;
  // A new build waits until the page says so: never in the middle of a sentence.
  if (asked?.type === 'take_over') void worker.skipWaiting();
  if (asked?.type !== 'knows') return;
  const answer = async (): Promise<void> => {
    const windows = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
    event.ports[0]?.postMessage({ knows: files.includes(asked.path), isAlone: windows.length <= 1 } satisfies Answer);
  };
  event.waitUntil(answer());
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin || SERVER.test(pathname)) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (files.includes(pathname)) event.respondWith(kept(request));
  else if (pathname.startsWith('/assets/')) event.respondWith(kept(request, {}));
});

/** The network first: the server puts a fresh nonce into each page. The kept one when it does not come soon. */
async function page(request: Request): Promise<Response> {
  const shell = await caches.match(SHELL, { cacheName: CACHE });
  if (shell === undefined) return fetch(request);
  const patience = new Promise<Response>((resolve) => setTimeout(() => resolve(shell), PATIENCE_MS));
  const asked = fetch(request).then(
    // What stands before a stopped server answers with these.
    (answer) => (answer.status >= 502 && answer.status <= 504 ? shell : answer),
    () => shell,
  );
  return Promise.race([asked, patience]);
}

/** A file of this build, or without a name of a cache of whatever build has it. */
async function kept(request: Request, where: CacheQueryOptions & { cacheName?: string } = { cacheName: CACHE }) {
  return (await caches.match(request, where)) ?? fetch(request);
}

/** What a push says: ids, never texts. */
type Push = { kind: 'message'; conversation: string; message: string } | { kind: 'test' };

interface Shown {
  title: string;
  body: string;
  tag: string;
  conversation: string | null;
  message: string | null;
}

worker.addEventListener('push', (event) => {
  event.waitUntil(tell(readPush(event.data)));
});

function readPush(data: PushMessageData | null): Push | null {
  try {
    return data?.json() as Push | null;
  } catch {
    return null;
  }
}

async function tell(push: Push | null): Promise<void> {
  const words = await readWords();
  if (push?.kind === 'message') {
    const windows = await worker.clients.matchAll({ type: 'window' });
    // Whoever looks at the app sees it there.
    if (windows.some((window) => window.focused && window.visibilityState === 'visible')) return;
    await show(await aboutMessage(push.conversation, push.message, words), words);
    return;
  }
  const [title, body] = push?.kind === 'test' ? [words.testTitle, words.testBody] : ['Centrala', words.message];
  await show({ title, body, tag: 'centrala', conversation: null, message: null }, words);
}

async function show(it: Shown, words: KeptWords): Promise<void> {
  const { title, body, tag, conversation, message } = it;
  const shown = await worker.registration.getNotifications({ tag });
  // A tab that is open was quicker: the same once more, without a sound, because browsers want one for each push.
  const isKnown = message !== null && shown.some((one) => (one.data as Partial<Shown> | null)?.message === message);
  const isSilent = words.isSilent || isKnown;
  const options = {
    body,
    tag,
    lang: words.locale,
    icon: '/icon-192.png',
    badge: '/badge-96.png',
    data: { conversation, message },
    silent: isSilent,
    // Another message of the same conversation takes the place of the first, and is heard. Not known to TypeScript.
    ...(!isSilent && { renotify: true }),
  };
  await worker.registration.showNotification(title, options);
}

/** The name and the text, if the session still allows to see them; without it only that there is something. */
async function aboutMessage(conversation: string, message: string, words: KeptWords): Promise<Shown> {
  const nothing = { title: 'Centrala', body: words.message, tag: conversation, conversation, message };
  try {
    const [{ contact, identity }, { content }] = await Promise.all([
      ask<{ contact: { name?: string | null }; identity: { phone?: string | null; username?: string | null } }>(
        `/api/v1/conversations/${encodeURIComponent(conversation)}`,
      ),
      ask<{ content: { type: string; body?: unknown; caption?: unknown } }>(
        `/api/v1/messages/${encodeURIComponent(message)}`,
      ),
    ]);
    const text = [content.body, content.caption].find((one) => typeof one === 'string' && one.trim() !== '');
    return {
      ...nothing,
      title: contact.name ?? identity.phone ?? identity.username ?? words.unknown,
      body: typeof text === 'string' ? text : (words.kinds[content.type] ?? words.message),
    };
  } catch {
    return nothing;
  }
}

async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(path, { credentials: 'same-origin', signal: AbortSignal.timeout(TEXT_MS) });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as T;
}

/** The words in the language of whoever was here last. */
async function readWords(): Promise<KeptWords> {
  const kept = await caches.match('/words', { cacheName: WORDS }).catch(() => undefined);
  const none = { locale: 'en', isSilent: false, message: 'New message', unknown: '', testTitle: '', testBody: '' };
  return kept === undefined ? { ...none, kinds: {} } : ((await kept.json()) as KeptWords);
}

worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { conversation } = (event.notification.data ?? {}) as Partial<Shown>;
  const path = conversation ? `/inbox/all/${encodeURIComponent(conversation)}` : '/inbox';
  const go = async (): Promise<void> => {
    const windows = await worker.clients.matchAll({ type: 'window' });
    const window = windows.find(({ focused }) => focused) ?? windows[0];
    if (window === undefined) {
      await worker.clients.openWindow(path);
      return;
    }
    window.postMessage({ type: 'open', path } satisfies Open);
    await window.focus();
  };
  event.waitUntil(go());
});

// The browser's push service gave it another address: the server must know, or nothing arrives any more.
worker.addEventListener('pushsubscriptionchange', (event) => {
  const anew = async (): Promise<void> => {
    const { applicationServerKey } = event.oldSubscription?.options ?? {};
    if (!applicationServerKey) return;
    const made =
      event.newSubscription ??
      (await worker.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }));
    const { endpoint, keys } = made.toJSON();
    await fetch('/api/v1/me/push_subscriptions', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ endpoint, keys, device: worker.navigator.userAgent }),
    });
  };
  event.waitUntil(anew());
});

export {};
