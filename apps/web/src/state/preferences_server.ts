// Where preferences are kept: `/me/preferences`.

import type { Api } from '$api/index';
import type { Preferences, PreferencesServer } from './preferences.svelte';

/** The operations as long as the generated client does not name them. */
interface Client {
  GET: (path: string) => Promise<{ data?: Preferences; error?: unknown; response: Response }>;
  PATCH: (
    path: string,
    init: { body: Partial<Preferences> },
  ) => Promise<{ data?: Preferences; error?: unknown; response: Response }>;
}

const PATH = '/api/v1/me/preferences';

export function preferencesServer(api: Api): PreferencesServer {
  const client = api.client as unknown as Client;
  return {
    load: () => api.ask(() => client.GET(PATH)),
    change: (change) => api.ask(() => client.PATCH(PATH, { body: change })),
  };
}
