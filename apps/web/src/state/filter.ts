// Which conversations a list shows: the same question for the server and for a fact that has just come.

import type { Conversation, Schema } from '$api/index';

export interface Filter {
  statuses?: readonly Schema<'ConversationStatus'>[];
  /** `me`, `none`, or an agent's id. */
  assignee?: string;
  inboxes?: readonly string[];
  contact?: string;
  label?: string;
  isUnread?: boolean;
  /** What waits for an answer of ours stands above what waits for the customer. */
  isWaitingBelow?: boolean;
}

/** The parts that stand one below the other, each in the order of messages. */
export function partsOf(filter: Filter): readonly Filter[] {
  const { isWaitingBelow, ...all } = filter;
  const statuses = filter.statuses ?? [];
  if (isWaitingBelow !== true || !statuses.includes('waiting')) return [all];
  return [
    { ...all, statuses: statuses.filter((status) => status !== 'waiting') },
    { ...all, statuses: ['waiting'] },
  ];
}

/** One name for one list. */
export function keyOf(filter: Filter): string {
  const sorted = Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, Array.isArray(value) ? [...(value as string[])].sort() : (value as unknown)])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return JSON.stringify(sorted);
}

export function matches(filter: Filter, it: Conversation, me: string | null): boolean {
  const { statuses = [], assignee, inboxes = [], contact, label, isUnread } = filter;
  const owner = it.assignee?.id ?? null;
  return (
    !it.merged_into &&
    (statuses.length === 0 || statuses.includes(it.status)) &&
    (assignee === undefined || owner === (assignee === 'me' ? me : assignee === 'none' ? null : assignee)) &&
    (inboxes.length === 0 || inboxes.includes(it.inbox.id)) &&
    (contact === undefined || it.contact.id === contact) &&
    (label === undefined || it.labels.some((one) => one.id === label)) &&
    (isUnread !== true || it.unread > 0)
  );
}

/** As the parameters of the list. */
export function queryOf(filter: Filter) {
  return {
    status: [...(filter.statuses ?? [])],
    inbox: [...(filter.inboxes ?? [])],
    ...(filter.assignee === undefined ? {} : { assignee: filter.assignee }),
    ...(filter.contact === undefined ? {} : { contact: filter.contact }),
    ...(filter.label === undefined ? {} : { label: filter.label }),
    ...(filter.isUnread === true ? { unread: true } : {}),
  };
}
