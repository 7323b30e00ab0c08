// A list row followed by facts: the row as the server writes it, seen as the domain's conversation, folded, and
// written back with names that the screen knows.

import type { Conversation, KnownEvent, Schema } from '$api/index';
import { foldConversation, type ConversationFacts } from './fold';
import { instant, micros } from './instant';

/** What facts do not carry: names, colours, hours. */
export interface Names {
  agent: (id: string) => Schema<'AgentRefOut'> | null;
  label: (id: string) => Schema<'LabelRefOut'> | null;
  windowHours: (channel: Schema<'ChannelKind'>) => number;
}

export function factsOf(row: Conversation, names: Names): ConversationFacts {
  const hours = names.windowHours(row.inbox.channel);
  const until = row.window.until ?? null;
  return {
    id: row.id,
    inbox: row.inbox.id,
    contact: row.contact.id,
    identity: row.identity.id,
    status: row.status,
    assignee: row.assignee?.id ?? null,
    snoozed_until: row.snoozed_until ?? null,
    unread: row.unread,
    last_message: row.last_message?.id ?? null,
    last_message_at: row.last_message_at,
    last_inbound_at: until === null ? null : instant(micros(until) - hours * 3_600_000_000),
    created_at: row.created_at,
    resolved_at: row.resolved_at ?? null,
    merged_into: row.merged_into ?? null,
  };
}

/** Column of the board: follows from state and owner. */
export function columnOf(status: Schema<'ConversationStatus'>, assignee: string | null): Schema<'BoardColumn'> | null {
  if (status === 'open') return assignee === null ? 'new' : 'assigned';
  return status === 'waiting' ? 'waiting' : null;
}

/** The row after a fact; the same object when nothing changes. `now` in milliseconds decides about the window. */
export function foldRow(row: Conversation, event: KnownEvent, names: Names, now: number): Conversation {
  const before = factsOf(row, names);
  const after = foldConversation(before, event);
  const changed = after === before ? row : written(row, after, names, now);
  return foldLabels(foldPreview(changed, event), event, names);
}

function written(row: Conversation, it: ConversationFacts, names: Names, now: number): Conversation {
  const hours = names.windowHours(row.inbox.channel);
  const until = it.last_inbound_at === null ? null : instant(micros(it.last_inbound_at) + hours * 3_600_000_000);
  const kept = row.assignee?.id === it.assignee ? (row.assignee ?? null) : null;
  return {
    ...row,
    contact: row.contact.id === it.contact ? row.contact : { ...row.contact, id: it.contact },
    identity: row.identity.id === it.identity ? row.identity : { ...row.identity, id: it.identity },
    status: it.status,
    column: columnOf(it.status, it.assignee),
    // A colleague who joined a moment ago has no name here yet; the row is fetched then.
    assignee: it.assignee === null ? null : (kept ?? names.agent(it.assignee) ?? { id: it.assignee, name: '' }),
    unread: it.unread,
    last_message: (it.last_message === row.last_message?.id ? row.last_message : coming(row, it)) ?? null,
    last_message_at: it.last_message_at,
    window: { is_open: until !== null && now * 1000 < micros(until), until },
    snoozed_until: it.snoozed_until,
    resolved_at: it.resolved_at,
    merged_into: it.merged_into,
  };
}

/** A message that is known by its id only, until it is fetched. */
function coming(row: Conversation, it: ConversationFacts): Schema<'PreviewOut'> | null {
  if (it.last_message === null) return null;
  const isInbound = it.unread > row.unread;
  return {
    id: it.last_message,
    direction: isInbound ? 'in' : 'out',
    kind: 'coming',
    text: null,
    status: isInbound ? 'received' : 'queued',
    sent_at: it.last_message_at,
    is_revoked: false,
  };
}

function foldPreview(row: Conversation, event: KnownEvent): Conversation {
  const preview = row.last_message;
  if (!preview || !('message' in event) || event.message !== preview.id) return row;
  switch (event.kind) {
    case 'message_status_changed':
      return { ...row, last_message: { ...preview, status: event.status } };
    case 'message_queued':
      return { ...row, last_message: { ...preview, kind: named(preview.kind, event.content_kind), status: 'queued' } };
    case 'message_received':
    case 'message_echoed':
      return { ...row, last_message: { ...preview, kind: named(preview.kind, event.content_kind) } };
    case 'message_revoked':
      return { ...row, last_message: { ...preview, is_revoked: true, text: null } };
    default:
      return row;
  }
}

const named = (known: string, told: string): string => (known === 'coming' ? told : known);

function foldLabels(row: Conversation, event: KnownEvent, names: Names): Conversation {
  switch (event.kind) {
    case 'conversation_labelled': {
      if (event.conversation !== row.id || row.labels.some((label) => label.id === event.label)) return row;
      const label = names.label(event.label);
      if (label === null) return row;
      // Ids are made in order of time, and labels stand in the order they were made.
      return { ...row, labels: [...row.labels, label].sort((a, b) => (a.id < b.id ? -1 : 1)) };
    }
    case 'conversation_unlabelled':
      return event.conversation === row.id ? withoutLabel(row, event.label) : row;
    case 'label_deleted':
      return withoutLabel(row, event.label);
    default:
      return row;
  }
}

function withoutLabel(row: Conversation, label: string): Conversation {
  if (!row.labels.some((one) => one.id === label)) return row;
  return { ...row, labels: row.labels.filter((one) => one.id !== label) };
}
