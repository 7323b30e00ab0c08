// The usual lists: which conversations each shows, and its number.

import type { Schema } from '$api/index';
import type { Filter } from '$state/index';

export const VIEWS = ['mine', 'unassigned', 'all', 'snoozed', 'resolved'] as const;
export type View = (typeof VIEWS)[number];

/** What narrows a view. */
export interface Narrowing {
  readonly inbox?: string | undefined;
  readonly label?: string | undefined;
  readonly isUnread?: boolean;
}

const BASE: Record<View, Filter> = {
  mine: { statuses: ['open'], assignee: 'me' },
  unassigned: { statuses: ['open'], assignee: 'none' },
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

/** Its number as the server counts it; resolved ones are not counted. */
export function countOf(view: View, counts: Schema<'ConversationCountsOut'> | null): number | undefined {
  if (counts === null) return undefined;
  const { mine, unassigned, open, waiting, snoozed } = counts;
  return { mine, unassigned, all: open + waiting, snoozed, resolved: undefined }[view];
}
