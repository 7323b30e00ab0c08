// The service worker: the shell of the app without a connection, and notifications. It keeps no data of customers:
// the push carries ids only, and whatever is shown is fetched with the session.

/* eslint no-restricted-globals: "off" -- a service worker passes requests on */
/// <reference lib="webworker" />

/** Files of the build, and a name that changes with any of them; put in by the build. */
declare const __PRECACHE__: { version: string; files: readonly string[] };

// The page's own types call it a window.
const worker = globalThis.self as unknown as ServiceWorkerGlobalScope;
const { version, files } = __PRECACHE__;
const PREFIX = 'centrala-shell-';
const CACHE = PREFIX + version;
const SHELL = '/index.html';
/** Paths that are the server's own. */
const SERVER = /^\/(api|webhooks|problems|healthz|readyz)(\/|$)/;

worker.addEventListener('install', (event) => {
  // `reload`: not from the browser's own cache, which may hold the previous build.
  const requests = files.map((file) => new Request(file, { cache: 'reload' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
});

worker.addEventListener('activate', (event) => {
  const tidy = async (): Promise<void> => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await worker.clients.claim();
  };
  event.waitUntil(tidy());
});

// A new build waits until the page says so: never in the middle of a sentence.
worker.addEventListener('message', (event) => {
  if ((event.data as { type?: string } | null)?.type === 'take_over') void worker.skipWaiting();
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin || SERVER.test(url.pathname)) return;
  if (request.mode === 'navigate') {
    // The network first: the server puts a fresh nonce into each page.
    event.respondWith(fetch(request).catch(async () => (await caches.match(SHELL)) ?? Response.error()));
  } else if (files.includes(url.pathname)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  }
});

interface Push {
  conversation?: string;
  title?: string;
  body?: string;
}

worker.addEventListener('push', (event) => {
  const push = (event.data?.json() ?? {}) as Push;
  const tag = push.conversation ?? 'centrala';
  const show = async (): Promise<void> => {
    const windows = await worker.clients.matchAll({ type: 'window' });
    for (const window of windows) window.postMessage({ type: 'push', conversation: push.conversation ?? null });
    await worker.registration.showNotification(push.title ?? 'Centrala', {
      body: push.body ?? '',
      tag,
      data: { conversation: push.conversation ?? null },
    });
  };
  event.waitUntil(show());
});

worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { conversation } = (event.notification.data ?? {}) as { conversation?: string | null };
  const path = conversation ? `/inbox/${encodeURIComponent(conversation)}` : '/inbox';
  const go = async (): Promise<void> => {
    const [window] = await worker.clients.matchAll({ type: 'window' });
    if (window === undefined) {
      await worker.clients.openWindow(path);
      return;
    }
    window.postMessage({ type: 'open', path });
    await window.focus();
  };
  event.waitUntil(go());
});

export {};
