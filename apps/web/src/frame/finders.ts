// What the palette finds beside commands, on every page: conversations, customers, messages, settings.

import Message from '@lucide/svelte/icons/message-circle';
import Person from '@lucide/svelte/icons/user-round';
import Chat from '@lucide/svelte/icons/messages-square';
import type { Api } from '$api/index';
import { nameOf } from '$features/list/words';
import type { Translate } from '$i18n/i18n.svelte';
import type { Desk, Session } from '$state/index';
import { score } from '$ui/fold';
import type { PaletteItem, PaletteProvider } from '$ui/keyboard/palette.svelte';

const SHORTEST = 2;
const MOST = 8;
/** Whoever types on asks only once. */
const PAUSE_MS = 120;

/** Those that were looked at lately; they are found without asking anybody, and without a connection. */
export function opened(desk: Desk, t: Translate, open: (conversation: string) => void): PaletteProvider {
  return {
    id: 'conversations',
    title: () => t('palette.conversations'),
    items: () =>
      desk.opened.flatMap((id) => {
        const it = desk.rows.peek(id)?.it;
        if (it === undefined) return [];
        const said = it.last_message?.text ?? undefined;
        return [
          {
            id: `conversation.${id}`,
            title: nameOf(it, t),
            icon: Chat,
            ...(said !== undefined && { detail: said }),
            run: () => open(id),
          },
        ];
      }),
  };
}

/** Customers and messages, as the server finds them. */
export function found(api: Api, t: Translate, open: (conversation: string, message?: string) => void): PaletteProvider {
  const ask = async (q: string, signal: AbortSignal): Promise<readonly PaletteItem[]> => {
    await pause(signal);
    if (signal.aborted) return [];
    const params = { query: { q, limit: MOST } };
    const { contacts, messages } = await api.ask((client) => client.GET('/api/v1/search', { params, signal }));
    const people = contacts.flatMap(({ id, name, snippet, conversation }) =>
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
    const said = messages.map(({ id, snippet, contact_name, conversation }) => ({
      id: `found.${id}`,
      title: snippet,
      detail: contact_name ?? t('inbox.unknown'),
      icon: Message,
      run: () => open(conversation, id),
    }));
    // Whoever is called what was typed comes before whoever has it somewhere.
    people.sort((one, other) => score(other.title, q) - score(one.title, q));
    return [...people, ...said];
  };
  return {
    id: 'found',
    title: () => t('inbox.conversations'),
    items: (query, signal) => {
      const q = query.trim();
      return q.length < SHORTEST ? [] : ask(q, signal);
    },
    searches: true,
  };
}

/** Every section of the settings that is there for this agent. */
export function settings(session: Session, t: Translate, open: (section: string) => void): PaletteProvider {
  return {
    id: 'settings',
    title: () => t('palette.settings'),
    items: async () => {
      const { SECTIONS } = await import('$pages/settings/sections');
      return SECTIONS.filter(({ permission }) => permission === undefined || session.may(permission)).map(
        ({ name, title, icon }) => ({
          id: `settings.${name}`,
          title: t(title),
          detail: t('settings.title'),
          icon,
          run: () => open(name),
        }),
      );
    },
  };
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PAUSE_MS);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
