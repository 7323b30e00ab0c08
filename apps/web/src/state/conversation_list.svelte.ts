// One list of conversations: pages from the server, order and membership by facts. While somebody points at it,
// nothing moves under his hand; what is new waits behind a number.
/* eslint svelte/prefer-svelte-reactivity: "off" -- plain maps behind raw state: reactive ones cost seconds in big lists */

import { toProblem, type Api, type Conversation, type Problem } from '$api/index';
import { micros } from '$live/index';
import type { Follower } from './feed';
import { matches, queryOf, type Filter } from './filter';
import { comparePlaces, reordered, type Place } from './order';
import { Turn } from './pages';
import type { Rows } from './rows.svelte';

export interface ListSnapshot {
  filter: Filter;
  rows: Conversation[];
  next: string | null;
}

const PAGE = 50;
const SNAPSHOT_ROWS = 100;

export class ConversationList implements Follower {
  readonly filter: Filter;
  /** What is shown, in order. */
  ids = $state.raw<readonly string[]>([]);
  isLoading = $state(false);
  /** Whether it was ever loaded; before that, an empty list means nothing. */
  isLoaded = $state(false);
  problem = $state.raw<Problem | null>(null);
  #next = $state.raw<string | null>(null);
  #isHeld = $state(false);
  #waiting = $state.raw<ReadonlySet<string>>(new Set<string>());
  #gone = $state.raw<ReadonlySet<string>>(new Set<string>());
  /** How many came or moved up since the list is held. */
  readonly newCount = $derived(this.#waiting.size);
  readonly hasMore = $derived(this.#next !== null);
  readonly rows: Rows;
  readonly #api: Api;
  readonly #me: () => string | null;
  readonly #turn = new Turn();
  #order: readonly string[] = [];
  /** The ids of the order; kept beside it, as it may be long. */
  #members = new Set<string>();
  /** Rows further down are not loaded yet, unless there are no more. */
  #floor: Place | null = null;
  readonly #stop: () => void;

  constructor(api: Api, rows: Rows, filter: Filter, me: () => string | null) {
    this.#api = api;
    this.rows = rows;
    this.filter = filter;
    this.#me = me;
    this.#stop = rows.listen((changed) => this.#follow(changed));
  }

  row(id: string): Conversation | null {
    return this.rows.get(id);
  }

  /** A row that no longer belongs here, and stays until the list may move. */
  isGone(id: string): boolean {
    return this.#gone.has(id);
  }

  /** Loads from the top; gives the number of the last fact that the answer knows. */
  async load(): Promise<number | null> {
    return this.#read(null, (page, asOf) => {
      const loaded = new Set(page);
      // What a fact has put on top since the answer was made stays.
      const isNewer = (id: string): boolean => (this.rows.peek(id)?.seq ?? 0) > asOf && this.#isAbove(id, page[0]);
      const above = this.#order.filter((id) => !loaded.has(id) && this.#belongs(id) && isNewer(id));
      this.#setOrder([...above, ...page]);
    });
  }

  /** Loads the part that follows. */
  async loadMore(): Promise<void> {
    if (this.#next === null || this.isLoading) return;
    await this.#read(this.#next, (page) => {
      this.#setOrder(reordered(this.#order, new Set(page), page, (id) => this.#place(id)));
      if (this.#isHeld) {
        const shown = new Set(this.ids);
        this.ids = [...this.ids, ...page.filter((id) => !shown.has(id))];
      }
    });
  }

  /** Pointer or keyboard is in the list: nothing moves from now on. */
  hold(): void {
    this.#isHeld = true;
  }

  /** They left: everything takes its place. */
  release(): void {
    this.#isHeld = false;
    this.#show();
  }

  /** Shows what waits, and goes on holding. */
  showNew(): void {
    this.#show();
  }

  /** The next or previous one, for keyboards and "resolve and next". */
  beside(id: string, step: 1 | -1): string | null {
    const at = this.ids.indexOf(id);
    return at === -1 ? null : (this.ids[at + step] ?? null);
  }

  snapshot(): ListSnapshot {
    const ids = this.#order.slice(0, SNAPSHOT_ROWS);
    const rows = ids.flatMap((id) => this.rows.peek(id)?.it ?? []);
    // A cursor belongs to the last row of its page.
    return { filter: this.filter, rows, next: this.#order.length > ids.length ? null : this.#next };
  }

  restore(it: ListSnapshot, seq: number): void {
    if (this.isLoaded) return;
    this.rows.put(it.rows, seq);
    this.#setOrder(it.rows.map((row) => row.id));
    this.#setNext(it.next);
    const last = it.rows.at(-1);
    // Without a cursor it is not known whether there is more: as if there were.
    this.#floor = last === undefined ? null : { at: micros(last.last_message_at), id: last.id };
    this.#show();
  }

  async reload(): Promise<void> {
    if (this.isLoaded || this.ids.length > 0) await this.load();
  }

  close(): void {
    this.#stop();
  }

  async #read(after: string | null, take: (page: string[], asOf: number) => void): Promise<number | null> {
    const isLatest = this.#turn.take();
    this.isLoading = true;
    try {
      const query = { ...queryOf(this.filter), limit: PAGE, ...(after === null ? {} : { after }) };
      const page = await this.#api.ask((client) => client.GET('/api/v1/conversations', { params: { query } }));
      if (!isLatest()) return null;
      this.rows.put(page.items, page.as_of);
      this.#setNext(page.next ?? null);
      const last = page.items.at(-1);
      this.#floor = page.next && last ? { at: micros(last.last_message_at), id: last.id } : null;
      // Facts may have moved on while it was under way.
      const ids = page.items.map((it) => it.id).filter((id) => this.#belongs(id));
      take(ids, page.as_of);
      this.isLoaded = true;
      this.problem = null;
      if (!this.#isHeld || after === null) this.#show();
      return page.as_of;
    } catch (thrown) {
      if (isLatest()) this.problem = toProblem(thrown);
      return null;
    } finally {
      if (isLatest()) this.isLoading = false;
    }
  }

  #follow(changed: ReadonlySet<string>): void {
    const present = [...changed].filter((id) => this.#belongs(id) && this.#isLoadedPart(id));
    if (present.length === 0 && ![...changed].some((id) => this.#members.has(id))) return;
    const before = this.#order;
    this.#order = reordered(before, changed, present, (id) => this.#place(id));
    for (const id of changed) this.#members.delete(id);
    for (const id of present) this.#members.add(id);
    if (!this.#isHeld) return this.#show();
    this.#wait(changed, present, before);
  }

  /** Keeps account of what would have moved. */
  #wait(changed: ReadonlySet<string>, present: readonly string[], before: readonly string[]): void {
    const waiting = new Set(this.#waiting);
    const gone = new Set(this.#gone);
    const shown = new Set(this.ids);
    const here = new Set(present);
    for (const id of changed) {
      if (here.has(id)) {
        gone.delete(id);
        const hasMovedUp = this.#order.indexOf(id) < before.indexOf(id);
        if (!shown.has(id) || hasMovedUp) waiting.add(id);
      } else {
        waiting.delete(id);
        if (shown.has(id)) gone.add(id);
      }
    }
    this.#waiting = waiting;
    this.#gone = gone;
  }

  #show(): void {
    this.ids = this.#order;
    if (this.#waiting.size > 0) this.#waiting = new Set();
    if (this.#gone.size > 0) this.#gone = new Set();
  }

  #setOrder(order: readonly string[]): void {
    this.#order = order;
    this.#members = new Set(order);
  }

  #setNext(next: string | null): void {
    this.#next = next;
  }

  #belongs(id: string): boolean {
    const row = this.rows.peek(id);
    return row !== undefined && matches(this.filter, row.it, this.#me());
  }

  #isLoadedPart(id: string): boolean {
    return this.#floor === null ? this.isLoaded : comparePlaces(this.#place(id), this.#floor) <= 0;
  }

  #isAbove(id: string, first: string | undefined): boolean {
    return first === undefined || comparePlaces(this.#place(id), this.#place(first)) < 0;
  }

  #place(id: string): Place {
    return { at: this.rows.peek(id)?.at ?? 0, id };
  }
}
