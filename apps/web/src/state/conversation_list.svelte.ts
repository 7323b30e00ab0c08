// One list of conversations. The first rows come at once; then the order of all of them, however many, so that the
// list is as long as it is and every place in it can be reached; rows follow when they come into sight. Facts move and
// remove what they are about. While somebody points at it, nothing moves under his hand; what is new waits behind a
// number. What is open neither moves nor goes until the next one is opened.
/* eslint svelte/prefer-svelte-reactivity: "off" -- plain maps behind raw state: reactive ones cost seconds in big lists */

import { toProblem, type Api, type Conversation, type Problem, type Schema } from '$api/index';
import type { Follower } from './feed';
import { matches, partsOf, queryOf, type Filter } from './filter';
import { comparePlaces, reordered, type Place } from './order';
import { Turn } from './pages';
import type { Rows } from './rows.svelte';

export interface ListSnapshot {
  filter: Filter;
  rows: Conversation[];
  /** There were no others. */
  isWhole: boolean;
}

/** What was read of the server so far. */
interface Reading {
  readonly ids: string[];
  /** The oldest of its parts. */
  asOf: number;
  /** Where it goes on: in a part, after a cursor or at its top. */
  next: { readonly part: number; readonly after: string | null } | null;
}

const PAGE = 50;
const SNAPSHOT_ROWS = 100;
/** So many rows on both sides of those in sight are fetched along, so that a turn of the wheel finds them there. */
const AROUND = 40;
/** Browsers bear elements of some 17 million pixels; what is further down has to be searched for. */
const MOST = 200_000;

export class ConversationList implements Follower {
  readonly filter: Filter;
  /** What is shown, in order. Rows of some are not here yet. */
  ids = $state.raw<readonly string[]>([]);
  isLoading = $state(false);
  /** Whether it was ever loaded; before that, an empty list means nothing. */
  isLoaded = $state(false);
  /** Whether every id is here, so that the list is as long as it really is. */
  isComplete = $state(false);
  problem = $state.raw<Problem | null>(null);
  #isHeld = $state(false);
  #waiting = $state.raw<ReadonlySet<string>>(new Set<string>());
  /** How many came or moved up since the list is held. */
  readonly newCount = $derived(this.#waiting.size);
  readonly rows: Rows;
  readonly #api: Api;
  readonly #me: () => string | null;
  readonly #turn = new Turn();
  readonly #parts: readonly Filter[];
  /** In which part those stand whose rows are not here; where there is but one, nobody asks. */
  readonly #partOf = new Map<string, number>();
  #order: readonly string[] = [];
  /** The ids of the order; kept beside it, as it may be long. */
  #members = new Set<string>();
  /** What stands further down is not known yet; null when there is no more. */
  #floor: Place | null = null;
  /** Where the shown part ends; a held list grows below it. */
  #shownFloor: Place | null = null;
  #isWatched = false;
  #openId: string | null = null;
  /** The place that what is open keeps, once it has one here. */
  #openPlace: Place | null = null;
  readonly #stop: () => void;

  constructor(api: Api, rows: Rows, filter: Filter, me: () => string | null) {
    this.#api = api;
    this.rows = rows;
    this.filter = filter;
    this.#me = me;
    this.#parts = partsOf(filter);
    this.#stop = rows.listen((changed) => this.#follow(changed));
  }

  /** A row; null while it is not here. */
  row(id: string): Conversation | null {
    return this.rows.get(id);
  }

  /** A row that no longer belongs here, and stays until the list may move. */
  isGone(id: string): boolean {
    const row = this.rows.get(id);
    return row !== null && !matches(this.filter, row, this.#me());
  }

  /** Loads all of it; gives the number of the last fact that the answer surely knows. */
  async load(): Promise<number | null> {
    const isLatest = this.#turn.take();
    this.isLoading = true;
    try {
      const read: Reading = { ids: [], asOf: Number.MAX_SAFE_INTEGER, next: { part: 0, after: null } };
      await this.#read(read);
      if (!isLatest()) return null;
      // The first time, something is to be seen at once; later the old tail stays until there is a new one.
      const isFirst = !this.isLoaded;
      if (isFirst) this.#take(read, false);
      while (read.next !== null && read.ids.length < MOST) {
        await this.#read(read);
        if (!isLatest()) return null;
        if (isFirst) this.#take(read, true);
      }
      if (!isFirst) this.#take(read, false);
      return read.asOf;
    } catch (thrown) {
      if (isLatest()) this.problem = toProblem(thrown);
      return null;
    } finally {
      if (isLatest()) this.isLoading = false;
    }
  }

  /** It is on the screen; gives the way to say that it no longer is. */
  watch(): () => void {
    this.#isWatched = true;
    if (!this.isLoaded && !this.isLoading) void this.load();
    return () => {
      this.#isWatched = false;
      this.rows.see([]);
    };
  }

  /** These places are in sight: their rows are fetched, and those around them. */
  see(from: number, to: number): void {
    const above = this.ids.slice(Math.max(0, from - AROUND), from);
    this.rows.see(this.ids.slice(from, to), [...this.ids.slice(to, to + AROUND), ...above]);
  }

  /** What is open stays where it stands, even if it no longer belongs here: it must not go from under the hand. */
  stay(id: string | null): void {
    const before = this.#openId;
    if (before === id) return;
    this.#openId = id;
    this.#openPlace = null;
    this.#keepOpenPlace();
    if (before !== null) this.#follow(new Set([before]));
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

  /** These were taken away by the hand that is in the list: they go at once. */
  letGo(ids: readonly string[]): void {
    const leaving = new Set(ids.filter((id) => !this.#belongs(id)));
    if (leaving.size > 0) this.ids = this.ids.filter((id) => !leaving.has(id));
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
    const rows: Conversation[] = [];
    for (const id of this.#order.slice(0, SNAPSHOT_ROWS)) {
      const row = this.rows.peek(id);
      if (row === undefined) break;
      rows.push(row.it);
    }
    return { filter: this.filter, rows, isWhole: this.isComplete && rows.length === this.#order.length };
  }

  restore(it: ListSnapshot, seq: number): void {
    if (this.isLoaded) return;
    this.rows.put(it.rows, seq);
    this.#floor = this.#floorOf(it.rows.at(-1)?.id, !it.isWhole);
    this.#setOrder(it.rows.map((row) => row.id));
    this.isComplete = it.isWhole;
    this.#show();
  }

  /** Facts were lost. What nobody looks at is forgotten, and loaded when somebody does. */
  async reload(): Promise<void> {
    if (this.#isWatched) return void (await this.load());
    this.#turn.take();
    this.isLoaded = this.isLoading = this.isComplete = false;
    this.#floor = null;
    this.#setOrder([]);
    this.#show();
  }

  close(): void {
    this.#stop();
  }

  /** Goes on reading: the first rows of a part, or more of its order. */
  async #read(read: Reading): Promise<void> {
    const { part, after } = read.next ?? { part: 0, after: null };
    const query = queryOf(this.#parts[part] ?? this.filter);
    const told = after === null ? await this.#readRows(query) : await this.#readOrder({ ...query, after });
    for (const id of told.ids) {
      read.ids.push(id);
      if (part > 0) this.#partOf.set(id, part);
      else this.#partOf.delete(id);
    }
    read.asOf = Math.min(read.asOf, told.as_of);
    if (told.next) read.next = { part, after: told.next };
    else read.next = part + 1 < this.#parts.length ? { part: part + 1, after: null } : null;
  }

  async #readRows(query: ReturnType<typeof queryOf>): Promise<Schema<'ConversationOrderOut'>> {
    const params = { query: { ...query, limit: PAGE } };
    const { items, ...page } = await this.#api.ask((client) => client.GET('/api/v1/conversations', { params }));
    this.rows.put(items, page.as_of);
    return { ...page, ids: items.map((it) => it.id), at: [] };
  }

  async #readOrder(query: ReturnType<typeof queryOf> & { after: string }): Promise<Schema<'ConversationOrderOut'>> {
    const params = { query };
    const part = await this.#api.ask((client) => client.GET('/api/v1/conversations/order', { params }));
    this.rows.learn(part.ids, part.at, part.as_of);
    return part;
  }

  /** Puts what was read in the place of what was known, as far as facts have not gone on meanwhile. */
  #take(read: Reading, isGrowing: boolean): void {
    const told = new Set(read.ids);
    this.isLoaded = true;
    this.#floor = this.#floorOf(read.ids.at(-1), read.next !== null);
    // What facts have changed since the answer was made stands where they put it; so does what is open.
    const isOurs = (id: string): boolean => id === this.#openPlace?.id || (this.rows.peek(id)?.seq ?? 0) > read.asOf;
    const kept = this.#order.filter((id) => !told.has(id) && isOurs(id) && this.#isKnownPart(id));
    const here = [...told].filter((id) => this.#belongs(id));
    const ours = [...kept.filter((id) => this.#belongs(id)), ...here.filter(isOurs)];
    this.#setOrder(reordered(here, new Set(ours), ours, (id) => this.#place(id)));
    this.isComplete = read.next === null;
    this.problem = null;
    if (this.#isHeld && isGrowing) this.#grow();
    else this.#show();
  }

  #follow(changed: ReadonlySet<string>): void {
    const present = [...changed].filter((id) => this.#belongs(id) && this.#isKnownPart(id));
    if (present.length === 0 && ![...changed].some((id) => this.#members.has(id))) return;
    const before = this.#order;
    this.#order = reordered(before, changed, present, (id) => this.#place(id));
    for (const id of changed) this.#members.delete(id);
    for (const id of present) this.#members.add(id);
    this.#keepOpenPlace();
    if (!this.#isHeld) return this.#show();
    this.#wait(changed, present, before);
  }

  /** Keeps account of what would have moved. */
  #wait(changed: ReadonlySet<string>, present: readonly string[], before: readonly string[]): void {
    const waiting = new Set(this.#waiting);
    const shown = new Set(this.ids);
    const here = new Set(present);
    for (const id of changed) {
      const hasMovedUp = here.has(id) && this.#order.indexOf(id) < before.indexOf(id);
      if (!here.has(id)) waiting.delete(id);
      else if (!shown.has(id) || hasMovedUp) waiting.add(id);
    }
    this.#waiting = waiting;
  }

  #show(): void {
    this.ids = this.#order;
    this.#markFloor();
    if (this.#waiting.size > 0) this.#waiting = new Set();
  }

  /** A held list grows at its end only. */
  #grow(): void {
    const floor = this.#shownFloor;
    const shown = new Set(this.ids);
    const isBelow = (id: string): boolean => floor === null || comparePlaces(this.#place(id), floor) > 0;
    this.ids = [...this.ids, ...this.#order.filter((id) => !shown.has(id) && isBelow(id))];
    this.#markFloor();
  }

  #markFloor(): void {
    const last = this.ids.at(-1);
    this.#shownFloor = last === undefined ? null : this.#place(last);
  }

  #setOrder(order: readonly string[]): void {
    this.#order = order;
    this.#members = new Set(order);
    this.#keepOpenPlace();
  }

  #keepOpenPlace(): void {
    const id = this.#openId;
    if (id !== null && this.#openPlace === null && this.#members.has(id)) this.#openPlace = this.#place(id);
  }

  /** Of a row that is not here the server said that it belongs; a fact about it has it fetched. */
  #belongs(id: string): boolean {
    if (id === this.#openPlace?.id) return true;
    const row = this.rows.peek(id);
    return row === undefined ? this.rows.placeOf(id) > 0 : matches(this.filter, row.it, this.#me());
  }

  #isKnownPart(id: string): boolean {
    return this.#floor === null ? this.isLoaded : comparePlaces(this.#place(id), this.#floor) <= 0;
  }

  #floorOf(last: string | undefined, hasMore: boolean): Place | null {
    return hasMore && last !== undefined ? this.#truePlace(last) : null;
  }

  #place(id: string): Place {
    return id === this.#openPlace?.id ? this.#openPlace : this.#truePlace(id);
  }

  #truePlace(id: string): Place {
    const place = { at: this.rows.placeOf(id), id };
    if (this.#parts.length === 1) return place;
    const row = this.rows.peek(id)?.it;
    const part = row === undefined ? -1 : this.#parts.findIndex((filter) => matches(filter, row, this.#me()));
    return { ...place, part: part === -1 ? (this.#partOf.get(id) ?? 0) : part };
  }
}
