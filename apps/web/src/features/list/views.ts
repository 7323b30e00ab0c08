// The usual lists: which conversations each shows, and its number.
//
// "Mine" holds what is mine and not put away: open ones, and below them, quieter, those that wait for their customer,
// so that an answer takes nothing out of it. Its number is that of the open ones, as that is the work. "Waiting" shows
// everything that waits for a customer, whoever answered. docs/guide tells the same to people (inbox.md).

import type { Schema } from '$api/index';
import type { Filter } from '$state/index';

export const VIEWS = ['mine', 'unassigned', 'waiting', 'all', 'snoozed', 'resolved'] as const;
export type View = (typeof VIEWS)[number];

/** What narrows a view. */
export interface Narrowing {
  readonly inbox?: string | undefined;
  readonly label?: string | undefined;
  readonly isUnread?: boolean;
}

const BASE: Record<View, Filter> = {
  mine: { statuses: ['open', 'waiting'], assignee: 'me', isWaitingBelow: true },
  unassigned: { statuses: ['open'], assignee: 'none' },
  waiting: { statuses: ['waiting'] },
  all: { statuses: ['open', 'waiting'] },
  snoozed: { statuses: ['snoozed'] },
  resolved: { statuses: ['resolved'] },
};

export function viewOf(name: string | undefined): View {
  return VIEWS.find((view) => view === name) ?? 'mine';
}

export function filterOf(view: View, { inbox, label, isUnread }: Narrowing): Filter {
  return {
    ...BASE[view],
    ...(inbox !== undefined && { inboxes: [inbox] }),
    ...(label !== undefined && { label }),
    ...(isUnread === true && { isUnread }),
  };
}

/** Where the server stops counting: the number then means this many or more. */
export const COUNTED_TO = 1000;

export interface Count {
  readonly number: number;
  /** There may be more of them. */
  readonly isCapped: boolean;
}

/** Its number as the server counts it; nothing while it is not known. */
export function countOf(view: View, counts: Schema<'ConversationCountsOut'> | null): Count | undefined {
  if (counts === null) return undefined;
  const { mine, unassigned, open, waiting, snoozed, resolved } = counts;
  const parts = { mine: [mine], unassigned: [unassigned], waiting: [waiting], all: [open, waiting] };
  const of = { ...parts, snoozed: [snoozed], resolved: [resolved] }[view];
  const number = of.reduce((sum, part) => sum + part, 0);
  return {
    number: Math.min(number, COUNTED_TO),
    isCapped: of.some((part) => part >= COUNTED_TO) || number >= COUNTED_TO,
  };
}
