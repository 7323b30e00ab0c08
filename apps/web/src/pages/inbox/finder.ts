// Customers and messages in the palette.

import Message from '@lucide/svelte/icons/message-circle';
import Person from '@lucide/svelte/icons/user-round';
import type { Api } from '$api/index';
import type { Translate } from '$i18n/i18n.svelte';
import type { PaletteItem, PaletteProvider } from '$ui/keyboard/palette.svelte';

const SHORTEST = 2;
const MOST = 8;

export interface FinderOptions {
  readonly api: Api;
  readonly t: Translate;
  readonly title: () => string;
  readonly open: (conversation: string) => void;
}

export function finder({ api, t, title, open }: FinderOptions): PaletteProvider {
  const items = async (query: string, signal: AbortSignal): Promise<readonly PaletteItem[]> => {
    const q = query.trim();
    if (q.length < SHORTEST) return [];
    const params = { query: { q, limit: MOST } };
    const found = await api.ask((client) => client.GET('/api/v1/search', { params, signal }));
    const people = found.contacts.flatMap(({ id, name, snippet, conversation }) =>
      conversation
        ? [
            {
              id: `found.${id}`,
              title: name ?? snippet ?? t('inbox.unknown'),
              detail: t('inbox.contact'),
              icon: Person,
              run: () => open(conversation),
            },
          ]
        : [],
    );
    const messages = found.messages.map(({ id, snippet, contact_name, conversation }) => ({
      id: `found.${id}`,
      title: snippet,
      detail: contact_name ?? t('inbox.unknown'),
      icon: Message,
      run: () => open(conversation),
    }));
    return [...people, ...messages];
  };
  return { id: 'found', title, items, searches: true };
}
