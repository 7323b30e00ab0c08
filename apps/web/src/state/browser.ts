// The app in a browser: everything that the rest takes as an argument.

import { Api, newId } from '$api/index';
import { openSocket, systemClock } from '$live/index';
import { App } from './app.svelte';
import { LocalDrafts } from './drafts.svelte';
import { openKeep } from './keep';

const LAST_AGENT = 'centrala/agent';
const UNTOLD_END = 'centrala/untold_end';

/** Makes the app of this page. `main` calls `start`, and `attend` for what the browser tells. */
export function browserApp(origin = location.origin): App {
  return new App({
    api: new Api({ baseUrl: origin }),
    clock: systemClock,
    openSocket: (after, hearing) => openSocket(origin, after, hearing),
    openKeep: (agent) => openKeep(agent, indexedDB),
    draftsOf: (agent) => new LocalDrafts(localStorage, agent),
    lastAgent: {
      get: () => localStorage.getItem(LAST_AGENT),
      set: (agent) => (agent === null ? localStorage.removeItem(LAST_AGENT) : localStorage.setItem(LAST_AGENT, agent)),
    },
    untoldEnd: {
      get: () => localStorage.getItem(UNTOLD_END) !== null,
      set: (is) => (is ? localStorage.setItem(UNTOLD_END, '') : localStorage.removeItem(UNTOLD_END)),
    },
    newId,
    isSeen: () => document.visibilityState === 'visible',
  });
}

/** Passes on what the browser tells of network and page; returns the way to stop that. */
export function attend(app: App): () => void {
  const until = new AbortController();
  const { signal } = until;
  window.addEventListener('online', () => app.wake(), { signal });
  window.addEventListener('offline', () => app.desk?.sleep(), { signal });
  window.addEventListener(
    'storage',
    ({ key, newValue }) => {
      if (key === LAST_AGENT && newValue === null) app.leftElsewhere();
    },
    { signal },
  );
  window.addEventListener('pagehide', () => void app.desk?.save(), { signal });
  document.addEventListener(
    'visibilitychange',
    () => {
      app.desk?.presence.turn();
      if (document.visibilityState === 'visible') app.wake();
      else void app.desk?.save();
    },
    { signal },
  );
  return () => until.abort();
}
