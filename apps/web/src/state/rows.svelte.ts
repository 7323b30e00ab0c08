// Every conversation that some list or page shows, once. Lists hold ids only.
// A plain map: deep state over 100,000 rows costs seconds.
/* eslint svelte/prefer-svelte-reactivity: "off" -- plain maps behind raw state: reactive ones cost seconds in big lists */

import type { Api, Conversation, Recorded } from '$api/index';
import { conversationOf, foldRow, micros, type Clock, type Names, type Need } from '$live/index';
import type { Follower } from './feed';

export interface Row {
  it: Conversation;
  /** Facts up to this one are in it. */
  seq: number;
  /** Its place in lists, in microseconds. */
  at: number;
}

/** Told which rows changed; never while a change is half done. */
export type RowListener = (changed: ReadonlySet<string>) => void;

/** So many rows one request may name. */
const BATCH = 100;
/** So many that are near make a request worth its while; fewer wait until one of them is in sight. */
const WORTH = 40;
/** So many rows that somebody only scrolled past are kept; facts about the others are followed by asking again. */
const PASSED = 1_500;
const RETRY_MS = 2_000;
/** Between two requests for what is in sight: the first goes at once, and a turning wheel asks some ten times a second. */
const SIGHT_MS = 80;

export class Rows implements Follower {
  readonly #api: Api;
  readonly #names: Names;
  readonly #clock: Clock;
  /** Number of the last fact that was handed out. */
  readonly #seq: () => number;
  readonly #rows = new Map<string, Row>();
  /** Places of conversations whose rows are not here: a list knows its order before it knows its rows. */
  readonly #places = new Map<string, number>();
  /** Rows that were fetched for being in sight, the last seen last. */
  readonly #passed = new Set<string>();
  readonly #pinned = new Map<string, number>();
  #wanted: readonly string[] = [];
  #near: readonly string[] = [];
  #isFetchingSight = false;
  readonly #listeners = new Set<RowListener>();
  #version = $state.raw(0);

  /** Told of every `as_of`: far ahead of the facts, it uncovers a gap. */
  readonly #saw: (asOf: number) => void;

  constructor(api: Api, names: Names, clock: Clock, seq: () => number, saw: (asOf: number) => void = () => undefined) {
    this.#saw = saw;
    this.#api = api;
    this.#names = names;
    this.#clock = clock;
    this.#seq = seq;
  }

  /** A conversation; whoever reads it is told when something changes. */
  get(id: string): Conversation | null {
    void this.#version;
    return this.#rows.get(id)?.it ?? null;
  }

  /** A row without being told. */
  peek(id: string): Row | undefined {
    return this.#rows.get(id);
  }

  /** Its place in lists, in microseconds; known also of many whose rows are not here. */
  placeOf(id: string): number {
    return this.#rows.get(id)?.at ?? this.#places.get(id) ?? 0;
  }

  /** Learns where conversations stand. */
  learn(ids: readonly string[], at: readonly number[], asOf: number): void {
    this.#saw(asOf);
    ids.forEach((id, n) => this.#places.set(id, at[n] ?? 0));
  }

  /** Keeps a row at hand whatever is scrolled past; gives the way to let it go. */
  pin(id: string): () => void {
    this.#pinned.set(id, (this.#pinned.get(id) ?? 0) + 1);
    return () => {
      const left = (this.#pinned.get(id) ?? 1) - 1;
      if (left > 0) this.#pinned.set(id, left);
      else this.#pinned.delete(id);
    };
  }

  /**
   * These are in sight, and others are about to be. What is missing is fetched: one request at a time, for what is in
   * sight by then, and not for a few that are merely near.
   */
  see(ids: readonly string[], near: readonly string[] = []): void {
    this.#wanted = ids;
    this.#near = near;
    void this.#fetchSight();
  }

  /** Fetches those of these that are not here. */
  async have(ids: readonly string[]): Promise<void> {
    await this.#loadMany(ids.filter((id) => !this.#rows.has(id)));
  }

  listen(listener: RowListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Keeps rows of the server that know facts up to `asOf`. */
  put(items: readonly Conversation[], asOf: number): Need[] {
    this.#saw(asOf);
    const changed = new Set<string>();
    const stale: Need[] = [];
    for (const it of items) {
      const known = this.#rows.get(it.id);
      // Facts went on while it was fetched, and are already in what is shown.
      if (known !== undefined && known.seq > asOf) {
        stale.push({ what: 'row', id: it.id, isNew: false });
        continue;
      }
      this.#rows.set(it.id, { it, seq: asOf, at: micros(it.last_message_at) });
      changed.add(it.id);
    }
    this.#publish(changed);
    return stale;
  }

  /** Shows at once what a request will make of a row; gives the way back for when it is refused. */
  guess(id: string, change: (it: Conversation) => Conversation): () => void {
    const row = this.#rows.get(id);
    if (row === undefined) return () => undefined;
    const guessed: Row = { ...row, it: change(row.it) };
    this.#rows.set(id, guessed);
    this.#publish(new Set([id]));
    return () => {
      if (this.#rows.get(id) === guessed) {
        this.#rows.set(id, row);
        this.#publish(new Set([id]));
      } else {
        // Facts were folded into the guess: only the server knows what is left without it.
        this.load(id).catch(() => undefined);
      }
    };
  }

  /** Fetches one that a page needs, such as one from a link. */
  async load(id: string): Promise<Conversation> {
    const asOf = this.#seq();
    const params = { path: { conversation: id } };
    const it = await this.#api.ask((client) => client.GET('/api/v1/conversations/{conversation}', { params }));
    this.put([it], asOf);
    return it;
  }

  fold(facts: readonly Recorded[]): Need[] {
    const changed = new Set<string>();
    const needs: Need[] = [];
    for (const fact of facts) {
      for (const id of this.#concerned(fact)) {
        const row = this.#rows.get(id);
        if (row === undefined) needs.push(...unknown(fact, id));
        else if (fact.seq > row.seq && this.#apply(row, fact)) changed.add(id);
      }
    }
    this.#publish(changed);
    return needs;
  }

  async fetch(needs: readonly Need[]): Promise<void> {
    const ids = new Set(needs.filter((need) => need.what === 'row').map((need) => need.id));
    const contacts = needs.filter((need) => need.what === 'contact').map((need) => need.id);
    for (const contact of contacts) for (const id of this.#ofContact(contact)) ids.add(id);
    if (ids.size === 0) return;
    if (ids.size > 1) return this.#loadMany([...ids]);
    for (const id of ids) await this.load(id).catch(ignoreGone);
  }

  /** Fetches rows by their ids. Those that are not to be seen any more leave every list. */
  async #loadMany(ids: readonly string[]): Promise<void> {
    for (let from = 0; from < ids.length; from += BATCH) {
      const some = ids.slice(from, from + BATCH);
      const query = { status: [], inbox: [], ids: some };
      const page = await this.#api.ask((client) => client.GET('/api/v1/conversations', { params: { query } }));
      const stale = this.put(page.items, page.as_of);
      const told = new Set(page.items.map((it) => it.id));
      this.#forget(some.filter((id) => !told.has(id)));
      for (const need of stale) if (need.what === 'row') await this.load(need.id).catch(ignoreGone);
    }
  }

  async #fetchSight(): Promise<void> {
    if (this.#isFetchingSight) return;
    this.#isFetchingSight = true;
    try {
      for (let missing = this.#unseen(); missing.length > 0; missing = this.#unseen()) {
        await this.#loadMany(missing);
        for (const id of missing) this.#pass(id);
        await new Promise<void>((done) => void this.#clock.after(SIGHT_MS, done));
      }
    } catch {
      // Rows that cannot be had stay empty, and are asked for again as long as they are in sight.
      this.#clock.after(RETRY_MS, () => void this.#fetchSight());
    } finally {
      this.#isFetchingSight = false;
    }
  }

  #unseen(): readonly string[] {
    const isMissing = (id: string): boolean => !this.#rows.has(id);
    const [seen, near] = [this.#wanted.filter(isMissing), this.#near.filter(isMissing)];
    return seen.length === 0 && near.length < WORTH ? [] : [...seen, ...near].slice(0, BATCH);
  }

  /** Somebody saw a row; the ones he saw longest ago are let go. */
  #pass(seen: string): void {
    this.#passed.delete(seen);
    this.#passed.add(seen);
    const inSight = new Set([...this.#wanted, ...this.#near]);
    for (const id of this.#passed) {
      if (this.#passed.size <= PASSED) break;
      if (inSight.has(id) || this.#pinned.has(id)) continue;
      this.#passed.delete(id);
      this.#places.set(id, this.placeOf(id));
      this.#rows.delete(id);
    }
  }

  #forget(ids: readonly string[]): void {
    for (const id of ids) {
      this.#rows.delete(id);
      this.#places.delete(id);
    }
    this.#wanted = this.#wanted.filter((id) => !ids.includes(id));
    this.#near = this.#near.filter((id) => !ids.includes(id));
    this.#publish(new Set(ids));
  }

  #concerned({ event }: Recorded): string[] {
    const conversation = conversationOf(event);
    if (conversation !== null) return [conversation];
    // Rare, and about many at once.
    if (event.kind === 'identities_merged') return this.#where((it) => it.identity.id === event.from);
    if (event.kind === 'label_deleted') return this.#where((it) => it.labels.some((one) => one.id === event.label));
    return [];
  }

  #where(condition: (it: Conversation) => boolean): string[] {
    return [...this.#rows.values()].filter((row) => condition(row.it)).map((row) => row.it.id);
  }

  #ofContact(contact: string): string[] {
    return this.#where((it) => it.contact.id === contact);
  }

  #apply(row: Row, fact: Recorded): boolean {
    const it = foldRow(row.it, fact.event, this.#names, this.#clock.now());
    this.#rows.set(it.id, { it, seq: fact.seq, at: it === row.it ? row.at : micros(it.last_message_at) });
    return it !== row.it;
  }

  #publish(changed: ReadonlySet<string>): void {
    if (changed.size === 0) return;
    for (const listener of this.#listeners) listener(changed);
    this.#version += 1;
  }
}

/** A fact about a conversation that is not here: fetched where it could bring it into a list. */
function unknown({ event }: Recorded, id: string): Need[] {
  switch (event.kind) {
    case 'message_status_changed':
    case 'message_needs_decision':
    case 'message_reacted':
    case 'media_changed':
    case 'note_added':
    case 'note_deleted':
    case 'conversation_merged':
      return [];
    default:
      return [{ what: 'row', id, isNew: false }];
  }
}

function ignoreGone(thrown: unknown): void {
  const status = (thrown as { status?: number }).status;
  if (status !== 404 && status !== 403) throw thrown;
}
