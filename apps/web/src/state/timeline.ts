// A thread as one sequence: messages, notes, what happened, and what is on its way. Pure.

import type { Activity, Message, Note } from '$api/index';
import { micros } from '$live/index';
import type { Entry } from './outbox.svelte';

/** `key` stays when an echo becomes a message, so that nothing blinks. */
export type Item =
  | { type: 'message'; key: string; at: number; message: Message }
  | { type: 'note'; key: string; at: number; note: Note }
  | { type: 'activity'; key: string; at: number; activity: Activity }
  | { type: 'pending'; key: string; at: number; entry: Entry };

export interface Parts {
  /** In any order. */
  messages: Iterable<Message>;
  notes: Iterable<Note>;
  activity: Iterable<Activity>;
  entries: readonly Entry[];
  /** Whether older messages exist: notes and activity before the first message wait for them. */
  hasOlder: boolean;
  /** Whether newer messages exist that are not here: what came after the last one waits for them. */
  hasNewer: boolean;
}

const RANK = { activity: 0, message: 1, note: 2, pending: 3 } as const;

export function timelineOf(parts: Parts): Item[] {
  const reactions = parts.entries.filter((entry) => entry.written.kind === 'reaction' && entry.state !== 'refused');
  const messages = [...parts.messages].map((message) => messageItem(withReactions(message, reactions)));
  const oldest = parts.hasOlder ? messages.reduce((at, item) => Math.min(at, item.at), Infinity) : -Infinity;
  const newest = parts.hasNewer ? messages.reduce((at, item) => Math.max(at, item.at), -Infinity) : Infinity;
  const items: Item[] = [...messages];
  const arrived = new Set<string>();
  for (const { message } of messages) if (message.client_id) arrived.add(message.client_id);
  for (const note of parts.notes) {
    if (note.client_id) arrived.add(note.client_id);
    const at = micros(note.created_at);
    if (at >= oldest && at <= newest) items.push({ type: 'note', key: note.client_id ?? note.id, at, note });
  }
  for (const activity of parts.activity) {
    const at = micros(activity.position);
    if (at >= oldest && at <= newest) items.push({ type: 'activity', key: `fact_${activity.seq}`, at, activity });
  }
  items.sort(compare);
  if (parts.hasNewer) return items;
  // What is not at the server yet stands at the end, whatever this computer's clock says.
  for (const entry of parts.entries) {
    if (entry.written.kind === 'reaction' || arrived.has(entry.client_id)) continue;
    items.push({ type: 'pending', key: entry.client_id, at: entry.at * 1000, entry });
  }
  return items;
}

type MessageItem = Extract<Item, { type: 'message' }>;

/** A message is never changed in place: what was made of it serves again, and long threads stay quick. */
const made = new WeakMap<Message, MessageItem>();

function messageItem(message: Message): MessageItem {
  const known = made.get(message);
  if (known !== undefined) return known;
  const item: MessageItem = {
    type: 'message',
    key: message.client_id ?? message.id,
    at: micros(message.position),
    message,
  };
  made.set(message, item);
  return item;
}

function withReactions(message: Message, entries: readonly Entry[]): Message {
  const entry = entries.findLast(({ written }) => written.kind === 'reaction' && written.message === message.id);
  if (entry?.written.kind !== 'reaction') return message;
  const { emoji } = entry.written;
  const others = message.reactions.filter((reaction) => reaction.direction !== 'out');
  const at = new Date(entry.at).toISOString();
  return { ...message, reactions: emoji === null ? others : [...others, { direction: 'out', emoji, at }] };
}

function idOf(item: Item): string {
  return item.type === 'message' ? item.message.id : item.type === 'note' ? item.note.id : item.key;
}

function compare(a: Item, b: Item): number {
  if (a.at !== b.at) return a.at - b.at;
  if (RANK[a.type] !== RANK[b.type]) return RANK[a.type] - RANK[b.type];
  if (a.type === 'activity' && b.type === 'activity') return a.activity.seq - b.activity.seq;
  return idOf(a) < idOf(b) ? -1 : 1;
}
