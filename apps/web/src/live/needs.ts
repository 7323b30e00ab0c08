// What a fact makes stale, so that it is fetched: facts carry ids, never texts. A kind that this build does not know
// makes everything stale that it names.

import type { KnownEvent } from '$api/index';

/** Things to fetch. `row` is a list row; `message` one of a thread; the others a list each. */
export type Need =
  | { what: 'row'; id: string; isNew: boolean }
  | { what: 'messages'; conversation: string }
  | { what: 'message'; conversation: string; id: string }
  | { what: 'notes'; conversation: string }
  | { what: 'activity'; conversation: string }
  | { what: 'contact'; id: string }
  | { what: 'counts' }
  | { what: 'agents' }
  | { what: 'inboxes' }
  | { what: 'labels' }
  | { what: 'me' }
  | { what: 'receipts' }
  | { what: 'tokens' }
  | { what: 'sessions' };

export function needsOf(event: KnownEvent): Need[] {
  switch (event.kind) {
    case 'workspace_created':
    case 'workspace_changed':
      return [{ what: 'me' }];
    case 'agent_added':
    case 'agent_changed':
      return [{ what: 'agents' }, { what: 'me' }];
    case 'agent_disabled':
    case 'agent_enabled':
      return [];
    case 'password_changed':
    case 'signed_in':
    case 'signed_out':
      return [{ what: 'sessions' }];
    case 'api_token_created':
    case 'api_token_revoked':
      return [{ what: 'tokens' }];
    case 'inbox_created':
    case 'inbox_changed':
    case 'inbox_credential_changed':
    case 'inbox_notice_received':
      return [{ what: 'inboxes' }];
    case 'inbox_members_changed':
      // Who sees what changed; the app reloads.
      return [{ what: 'inboxes' }, { what: 'counts' }];
    case 'receipt_rejected':
      return [{ what: 'receipts' }];
    case 'contact_created':
      return [];
    case 'contact_changed':
      return [{ what: 'contact', id: event.contact }];
    case 'identities_merged':
      return [{ what: 'contact', id: event.contact }];
    case 'conversation_opened':
      return [{ what: 'row', id: event.conversation, isNew: true }, { what: 'counts' }, activity(event.conversation)];
    case 'conversation_reopened':
    case 'conversation_assigned':
    case 'conversation_unassigned':
    case 'conversation_snoozed':
    case 'conversation_resolved':
      return [{ what: 'counts' }, activity(event.conversation)];
    case 'conversation_waiting':
    case 'conversation_read':
    case 'conversation_marked_unread':
      return [{ what: 'counts' }];
    case 'conversation_merged':
      return [
        { what: 'row', id: event.into, isNew: false },
        { what: 'messages', conversation: event.into },
        { what: 'counts' },
        activity(event.conversation),
      ];
    case 'conversation_labelled':
    case 'conversation_unlabelled':
      return [activity(event.conversation)];
    case 'message_received':
    case 'message_queued':
    case 'message_echoed': {
      if (event.kind !== 'message_echoed' && !event.is_listed) return [];
      const wanted: Need[] = [{ what: 'row', id: event.conversation, isNew: false }, { what: 'counts' }];
      if (event.kind === 'message_queued' && event.attempt > 1) return wanted;
      return [...wanted, { what: 'messages', conversation: event.conversation }];
    }
    case 'message_status_changed':
    case 'message_reacted':
      return [];
    case 'message_needs_decision':
      return [activity(event.conversation)];
    case 'message_edited':
    case 'message_revoked':
      return [
        { what: 'message', conversation: event.conversation, id: event.message },
        { what: 'row', id: event.conversation, isNew: false },
      ];
    case 'media_changed':
      return [{ what: 'message', conversation: event.conversation, id: event.message }];
    case 'note_added':
    case 'note_deleted':
      return [
        { what: 'notes', conversation: event.conversation },
        ...(event.kind === 'note_deleted' ? [activity(event.conversation)] : []),
      ];
    case 'label_created':
    case 'label_changed':
      return [{ what: 'labels' }];
    case 'label_deleted':
      return [];
    default:
      return named(event satisfies never);
  }
}

const activity = (conversation: string): Need => ({ what: 'activity', conversation });

/** Everything that an unknown fact names, by the prefix of its ids. */
function named(event: unknown): Need[] {
  const members = Object.entries(event as Record<string, unknown>);
  const ids = members.map(([, value]) => value).filter((value) => typeof value === 'string');
  const conversation = ids.find((id) => id.startsWith('conv_'));
  const needs = ids.flatMap((id): Need[] => {
    switch (id.slice(0, id.indexOf('_') + 1)) {
      case 'conv_':
        return [
          { what: 'row', id, isNew: false },
          { what: 'messages', conversation: id },
          { what: 'notes', conversation: id },
          activity(id),
          { what: 'counts' },
        ];
      case 'msg_':
        return conversation === undefined ? [] : [{ what: 'message', conversation, id }];
      case 'con_':
      case 'idn_':
        return id.startsWith('con_') ? [{ what: 'contact', id }] : [];
      case 'agt_':
        return [{ what: 'agents' }, { what: 'me' }];
      case 'inb_':
        return [{ what: 'inboxes' }];
      case 'lbl_':
        return [{ what: 'labels' }];
      case 'rcp_':
        return [{ what: 'receipts' }];
      default:
        return [];
    }
  });
  return needs;
}
