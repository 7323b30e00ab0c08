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

/** So many rows are fetched at once; further ones one by one, few at a time. */
const BATCH = 200;
const SINGLY = 4;

export class Rows implements Follower {
  readonly #api: Api;
  readonly #names: Names;
  readonly #clock: Clock;
  /** Number of the last fact that was handed out. */
  readonly #seq: () => number;
  readonly #rows = new Map<string, Row>();
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
    const missing = ids.size === 1 ? ids : await this.#fetchNewest(ids);
    await inParallel([...missing], SINGLY, async (id) => {
      await this.load(id).catch(ignoreGone);
    });
  }

  /** What facts touch moves to the top: the newest rows are nearly always all that is wanted. */
  async #fetchNewest(ids: ReadonlySet<string>): Promise<Set<string>> {
    const limit = Math.min(BATCH, ids.size + 10);
    const query = { status: [], inbox: [], limit };
    const page = await this.#api.ask((client) => client.GET('/api/v1/conversations', { params: { query } }));
    const wanted = page.items.filter((it) => ids.has(it.id));
    const stale = this.put(wanted, page.as_of);
    const missing = new Set(ids);
    for (const it of wanted) missing.delete(it.id);
    for (const need of stale) if (need.what === 'row') missing.add(need.id);
    return missing;
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

/** Runs over items, few at a time. */
async function inParallel<T>(items: T[], width: number, run: (item: T) => Promise<void>): Promise<void> {
  const lanes = Array.from({ length: Math.min(width, items.length) }, async () => {
    for (let item = items.pop(); item !== undefined; item = items.pop()) await run(item);
  });
  await Promise.all(lanes);
}
