// A message of a thread followed by facts. Texts and files are fetched; states, ticks and reactions need not be.

import type { ChannelError, KnownEvent, Message } from '$api/index';
import { foldDelivery } from './fold';

/** Explains an error code of the message's inbox. */
export type Explain = (inbox: string, code: number) => ChannelError;

/** The message after a fact; the same object when nothing changes. */
export function foldMessage(it: Message, event: KnownEvent, explain: Explain): Message {
  if (!('message' in event) || event.message !== it.id) return it;
  switch (event.kind) {
    case 'message_queued':
    case 'message_status_changed': {
      const before = { message: it.id, status: it.status, error_code: it.error?.code ?? null };
      const after = foldDelivery(before, event);
      const error = after.error_code === null ? null : explain(it.inbox, after.error_code);
      return { ...it, status: after.status, error, attempt: event.attempt, needs_decision: false };
    }
    case 'message_needs_decision':
      return { ...it, needs_decision: true };
    case 'message_reacted':
      return { ...it, reactions: foldReactions(it.reactions, event) };
    case 'message_edited':
      return { ...it, edited_at: event.at };
    case 'message_revoked':
      return { ...it, revoked_at: event.at };
    case 'media_changed':
      return it.media?.id === event.media ? { ...it, media: { ...it.media, state: event.state } } : it;
    default:
      return it;
  }
}

type Reacted = Extract<KnownEvent, { kind: 'message_reacted' }>;

/** Each side has one reaction at most; none takes it back. */
export function foldReactions(reactions: Message['reactions'], event: Reacted): Message['reactions'] {
  const others = reactions.filter((reaction) => reaction.direction !== event.direction);
  if (event.emoji === null) return others;
  return [...others, { direction: event.direction, emoji: event.emoji, at: event.at }];
}
