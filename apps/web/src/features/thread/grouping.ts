// What stands in a thread, line by line: days, the unread line, messages with their neighbours, folded events. Pure.

import type { Activity, Message } from '$api/index';
import type { Item } from '$state/index';

type Of<T extends Item['type']> = Extract<Item, { type: T }>;
/** Whether it begins and ends a run of the same author. */
interface Run {
  isFirst: boolean;
  isLast: boolean;
}

export type Line =
  | { type: 'day'; key: string; at: Date }
  | { type: 'unread'; key: string }
  | { type: 'events'; key: string; events: readonly Activity[] }
  | ({ type: 'message'; key: string; item: Of<'message'> } & Run)
  | ({ type: 'pending'; key: string; item: Of<'pending'> } & Run)
  | { type: 'note'; key: string; item: Of<'note'> };

/** Facts that are worth a line; the rest shows elsewhere or is of a newer server. */
export const TOLD = [
  'conversation_opened',
  'conversation_reopened',
  'conversation_waiting',
  'conversation_assigned',
  'conversation_unassigned',
  'conversation_snoozed',
  'conversation_resolved',
  'conversation_merged',
  'conversation_labelled',
  'conversation_unlabelled',
] as const;
export type Told = (typeof TOLD)[number];

const TOGETHER_MICROS = 5 * 60 * 1_000_000;

export interface Around {
  /** Id of the message that the unread line stands over. */
  firstUnread: string | null;
  /** Two instants of the same day have the same one. */
  dayOf: (at: Date) => string;
  /** The agent who reads. */
  me: string | null;
}

const QUARTER_MS = 15 * 60_000;

/** Days by quarters of an hour, on which every zone of the world changes its day: asking for a date is slow. */
export function dayByQuarters(dayOf: (at: Date) => string): (at: Date) => string {
  const known = new Map<number, string>();
  return (at) => {
    const quarter = Math.floor(at.getTime() / QUARTER_MS);
    const day = known.get(quarter) ?? dayOf(at);
    known.set(quarter, day);
    return day;
  };
}

export function linesOf(items: readonly Item[], { firstUnread, dayOf, me }: Around): Line[] {
  const lines: Line[] = [];
  let day = '';
  /** Author and time of the run that may go on. */
  let run: { author: string; at: number } | null = null;
  for (const item of items) {
    if (item.type === 'activity' && !isTold(item.activity.kind)) continue;
    const at = new Date(item.at / 1000);
    const today = dayOf(at);
    if (today !== day) {
      lines.push({ type: 'day', key: `day_${today}`, at });
      [day, run] = [today, null];
    }
    if (item.type === 'message' && item.message.id === firstUnread) {
      lines.push({ type: 'unread', key: 'unread' });
      run = null;
    }
    if (item.type === 'message' || item.type === 'pending') {
      const author = item.type === 'message' ? authorOf(item.message) : `agent ${me}`;
      const goesOn: boolean = run?.author === author && item.at - run.at < TOGETHER_MICROS;
      const last = lines.at(-1);
      if (goesOn && (last?.type === 'message' || last?.type === 'pending')) last.isLast = false;
      const rest = { key: item.key, isFirst: !goesOn, isLast: true };
      lines.push(item.type === 'message' ? { type: 'message', item, ...rest } : { type: 'pending', item, ...rest });
      run = { author, at: item.at };
      continue;
    }
    run = null;
    const last = lines.at(-1);
    if (item.type === 'note') lines.push({ type: 'note', key: item.key, item });
    else if (last?.type === 'events') last.events = [...last.events, item.activity];
    else lines.push({ type: 'events', key: item.key, events: [item.activity] });
  }
  return lines;
}

function isTold(kind: string): kind is Told {
  return (TOLD as readonly string[]).includes(kind);
}

function authorOf({ author }: Message): string {
  return author.kind === 'phone' ? 'phone' : `${author.kind} ${author.id}`;
}

/** How many came after the last one that was seen, from others. */
export function countAfter(lines: readonly Line[], seen: string | null, me: string | null): number {
  const from = seen === null ? -1 : lines.findIndex((line) => line.key === seen);
  if (seen !== null && from < 0) return 0;
  return lines.slice(from + 1).filter((line) => {
    if (line.type === 'note') return line.item.note.author !== me;
    if (line.type !== 'message') return false;
    const { author } = line.item.message;
    return author.kind !== 'agent' || author.id !== me;
  }).length;
}
