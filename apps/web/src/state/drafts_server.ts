// Drafts at the server: an agent's own, on all of his devices.

import type { Api, Schema } from '$api/index';
import type { Draft } from './drafts.svelte';

export interface DraftServer {
  list: () => Promise<Schema<'DraftsOut'>>;
  save: (conversation: string, draft: Draft) => Promise<Schema<'DraftOut'>>;
  remove: (conversation: string) => Promise<unknown>;
}

/** A browser carries so many characters to their end after the page was left. */
const PARTING_CHARACTERS = 10_000;

export function draftServer(api: Api): DraftServer {
  return {
    list: () => api.ask((client) => client.GET('/api/v1/drafts')),
    save: (conversation, { mode, text, reply_to, media }) => {
      const params = { path: { conversation } };
      const body = { mode, text, reply_to, media: media.map(({ id }) => id) };
      const keepalive = text.length <= PARTING_CHARACTERS;
      return api.ask((client) => client.PUT('/api/v1/conversations/{conversation}/draft', { params, body, keepalive }));
    },
    remove: (conversation) => {
      const params = { path: { conversation } };
      return api.ask((client) =>
        client.DELETE('/api/v1/conversations/{conversation}/draft', { params, keepalive: true }),
      );
    },
  };
}
