// What a row says of a conversation.

import type { Conversation } from '$api/index';
import type { Translate } from '$i18n/i18n.svelte';
import { textOf } from '$app/markup';

const HOUR_MS = 3_600_000;
/** From here on a row warns that the service window closes. */
const SOON_MS = 4 * HOUR_MS;

export function nameOf(it: Conversation, t: Translate): string {
  return it.contact.name ?? it.identity.phone ?? it.identity.username ?? t('inbox.unknown');
}

/** Messages without a text have a word of their own. */
export const KINDS = [
  'image',
  'video',
  'audio',
  'document',
  'sticker',
  'location',
  'contacts',
  'reaction',
  'choice',
  'order',
] as const;

export function kindOf(kind: string, t: Translate): string {
  const known = KINDS.find((one) => one === kind);
  return t(`inbox.kind.${known ?? 'other'}`);
}

/** The text of the newest message, or what it is where it has none. */
export function previewOf(last: Conversation['last_message'], t: Translate): { text: string; isKind: boolean } {
  if (!last) return { text: t('inbox.noMessage'), isKind: true };
  if (last.is_revoked) return { text: t('inbox.kind.revoked'), isKind: true };
  if (last.text) return { text: textOf(last.text) || last.text, isKind: false };
  if (last.kind === 'coming') return { text: '…', isKind: true };
  return { text: kindOf(last.kind, t), isKind: true };
}

export type Tick = 'wait' | 'sent' | 'delivered' | 'read' | 'failed' | 'unsure';

/** How far our own message got; nothing for one of the customer. */
export function tickOf(last: Conversation['last_message']): Tick | undefined {
  if (last?.direction !== 'out') return undefined;
  switch (last.status) {
    case 'queued':
    case 'sending':
      return 'wait';
    case 'failed':
      return 'failed';
    case 'uncertain':
      return 'unsure';
    case 'delivered':
      return 'delivered';
    case 'read':
    case 'played':
      return 'read';
    default:
      return 'sent';
  }
}

/** Somebody waits for an answer, and only a template may be sent. */
export function isPastWindow(it: Conversation, now: Date): boolean {
  if (it.status !== 'open') return false;
  return !it.window.until || Date.parse(it.window.until) <= now.getTime();
}

/** How long an answer is still free, where that ends soon and somebody waits for one. */
export function closesIn(it: Conversation, now: Date): number | undefined {
  if (it.status !== 'open' || !it.window.is_open || !it.window.until) return undefined;
  const left = Date.parse(it.window.until) - now.getTime();
  return left > 0 && left <= SOON_MS ? left : undefined;
}
