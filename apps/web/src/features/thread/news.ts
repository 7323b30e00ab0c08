// What was written by others since one began to write. Pure.

import type { Item } from '$state/index';

export interface News {
  readonly who: 'customer' | 'phone' | 'agent';
  /** The colleague. */
  readonly agent: string | null;
  readonly isNote: boolean;
  /** Microseconds of the server's clock: the newest of them. */
  readonly at: number;
  readonly count: number;
}

/** Where a thread ends, in microseconds of the server's clock. */
export function endOf(items: readonly Item[]): number {
  return items.findLast(({ type }) => type === 'message' || type === 'note')?.at ?? -Infinity;
}

/** The newest thing that others wrote after a moment. */
export function newsSince(items: readonly Item[], since: number, me: string | null): News | null {
  const fresh = items.filter((item) => item.at > since && isOfOthers(item, me));
  const last = fresh.at(-1);
  if (last === undefined) return null;
  const rest = { at: last.at, count: fresh.length };
  if (last.type === 'note') return { who: 'agent', agent: last.note.author, isNote: true, ...rest };
  if (last.type !== 'message') return null;
  const { author } = last.message;
  if (author.kind === 'agent') return { who: 'agent', agent: author.id ?? null, isNote: false, ...rest };
  return { who: author.kind === 'phone' ? 'phone' : 'customer', agent: null, isNote: false, ...rest };
}

function isOfOthers(item: Item, me: string | null): boolean {
  if (item.type === 'note') return item.note.author !== me;
  if (item.type !== 'message') return false;
  const { author } = item.message;
  return author.kind !== 'agent' || author.id !== me;
}
