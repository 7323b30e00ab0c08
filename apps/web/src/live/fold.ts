// Facts applied to state: `fold(events, before) = after`. The same reducers as `crates/domain/src/fold.rs`; fixtures
// written by the command tests are replayed by both.
// Not here: what a screen shows beside it (`row.ts`, `message.ts`), and what must be fetched (`needs.ts`).

import type { DeliveryStatus, KnownEvent, Schema } from '$api/index';
import { compareAt, micros } from './instant';

/** A conversation as the domain keeps it. */
export interface ConversationFacts {
  id: string;
  inbox: string;
  contact: string;
  identity: string;
  status: Schema<'ConversationStatus'>;
  assignee: string | null;
  snoozed_until: string | null;
  unread: number;
  last_message: string | null;
  last_message_at: string;
  last_inbound_at: string | null;
  created_at: string;
  resolved_at: string | null;
  merged_into: string | null;
}

/** The delivery of one message of ours. */
export interface DeliveryFacts {
  message: string;
  status: DeliveryStatus;
  error_code: number | null;
}

/** The conversation that a fact is about. Unknown kinds may name one too. */
export function conversationOf(event: KnownEvent): string | null {
  return 'conversation' in event ? event.conversation : null;
}

export function isNewest(it: ConversationFacts, message: string, position: string): boolean {
  return it.last_message === null || compareAt(position, message, it.last_message_at, it.last_message) > 0;
}

function withNewest(it: ConversationFacts, message: string, position: string): ConversationFacts {
  return isNewest(it, message, position) ? { ...it, last_message: message, last_message_at: position } : it;
}

/** The conversation after a fact; the same object when nothing changes. */
export function foldConversation(it: ConversationFacts, event: KnownEvent): ConversationFacts {
  if (event.kind === 'identities_merged') {
    return event.from === it.identity ? { ...it, identity: event.into, contact: event.contact } : it;
  }
  if (conversationOf(event) !== it.id) return it;
  switch (event.kind) {
    case 'conversation_reopened':
      return { ...it, status: 'open', snoozed_until: null, resolved_at: null };
    case 'conversation_waiting':
      return { ...it, status: 'waiting', snoozed_until: null, resolved_at: null };
    case 'conversation_assigned':
      return { ...it, assignee: event.to };
    case 'conversation_unassigned':
      return { ...it, assignee: null };
    case 'conversation_snoozed':
      return { ...it, status: 'snoozed', snoozed_until: event.until };
    case 'conversation_resolved':
      return { ...it, status: 'resolved', snoozed_until: null, resolved_at: event.at, unread: 0 };
    case 'conversation_read':
      return { ...it, unread: 0 };
    case 'conversation_marked_unread':
      return { ...it, unread: 1 };
    case 'conversation_merged':
      return { ...it, merged_into: event.into };
    case 'message_received': {
      const isLater = it.last_inbound_at === null || micros(event.sent_at) > micros(it.last_inbound_at);
      const heard = { ...it, last_inbound_at: isLater ? event.sent_at : it.last_inbound_at };
      if (!event.is_listed) return heard;
      return withNewest({ ...heard, unread: it.unread + 1 }, event.message, event.position);
    }
    case 'message_queued':
      if (event.attempt !== 1 || !event.is_listed) return it;
      return withNewest({ ...it, unread: 0 }, event.message, event.position);
    case 'message_echoed':
      if (!isNewest(it, event.message, event.position)) return it;
      return withNewest({ ...it, unread: 0 }, event.message, event.position);
    default:
      // The rest changes other things; so may kinds that this build does not know.
      return it;
  }
}

/** The delivery after a fact; the same object when nothing changes. */
export function foldDelivery(it: DeliveryFacts, event: KnownEvent): DeliveryFacts {
  if (event.kind === 'message_status_changed' && event.message === it.message) {
    return { ...it, status: event.status, error_code: event.error_code };
  }
  if (event.kind === 'message_queued' && event.message === it.message) {
    return { ...it, status: 'queued', error_code: null };
  }
  return it;
}
