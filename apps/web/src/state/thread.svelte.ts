// One open conversation: the newest part of its messages, older ones on demand, notes and what happened between them.
/* eslint svelte/prefer-svelte-reactivity: "off" -- plain maps behind raw state: reactive ones cost seconds in big lists */

import { toProblem, type Activity, type Api, type Message, type Note, type Problem, type Recorded } from '$api/index';
import { conversationOf, foldMessage, micros, type Explain, type Need } from '$live/index';
import type { Follower } from './feed';
import type { Outbox } from './outbox.svelte';
import { given, Turn } from './pages';
import type { Rows } from './rows.svelte';
import { timelineOf, type Item } from './timeline';

export interface ThreadSnapshot {
  conversation: string;
  messages: Message[];
  notes: Note[];
  activity: Activity[];
  before: string | null;
  hasOlder: boolean;
}

export interface ThreadOptions {
  api: Api;
  rows: Rows;
  outbox: Outbox;
  explain: Explain;
  seq: () => number;
}

interface Kept {
  it: Message;
  seq: number;
}

/** Notes, or activity: newest first, read downwards as far as the messages go. */
interface Strand<T> {
  all: Map<string, T>;
  next: string | null;
  isComplete: boolean;
}

const FIRST = 30;
const OLDER = 50;
const SNAPSHOT_MESSAGES = 50;
/** So many parts are read to find one message; older ones need the search. */
const FIND_PARTS = 40;

export class Thread implements Follower {
  readonly conversation: string;
  isLoading = $state(false);
  isLoaded = $state(false);
  /** Older messages are being put on top: the list keeps what is seen in its place (`shift` of virtua). */
  isPrepending = $state(false);
  hasOlder = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** Key of the first message that nobody had read when the thread was opened; the line stays where it was. */
  firstUnread = $state<string | null>(null);
  /** Everything in order. */
  readonly items: readonly Item[] = $derived.by(() => this.#timeline());
  readonly row = $derived.by(() => this.#to.rows.get(this.conversation));
  readonly needsDecision = $derived.by(() =>
    this.items.flatMap((item) => (item.type === 'message' && item.message.needs_decision ? [item.message] : [])),
  );
  readonly #to: ThreadOptions;
  readonly #messages = new Map<string, Kept>();
  readonly #notes: Strand<Note> = { all: new Map(), next: null, isComplete: false };
  readonly #activity: Strand<Activity> = { all: new Map(), next: null, isComplete: false };
  readonly #turn = new Turn();
  #version = $state.raw(0);
  #before: string | null = null;
  #after: string | null = null;
  #newestAt = -Infinity;
  #oldestAt = Infinity;

  constructor(conversation: string, options: ThreadOptions) {
    this.conversation = conversation;
    this.#to = options;
  }

  /** Loads the newest part. */
  async load(): Promise<void> {
    const isLatest = this.#turn.take();
    this.isLoading = true;
    try {
      // Whoever had read upwards keeps what he reads.
      const limit = Math.min(200, Math.max(FIRST, this.#messages.size));
      const [page] = await Promise.all([this.#page({ limit }), this.#loadNotes(null), this.#loadActivity(null)]);
      if (!isLatest()) return;
      this.#forgetAllBut(page.items);
      this.#put(page.items, page.as_of);
      this.hasOlder = page.next !== undefined && page.next !== null;
      this.#before = page.before ?? null;
      this.#after = page.after ?? null;
      if (!this.isLoaded) this.#markUnread();
      this.isLoaded = true;
      this.problem = null;
      await this.#reachDown();
    } catch (thrown) {
      if (isLatest()) this.problem = toProblem(thrown);
    } finally {
      if (isLatest()) this.isLoading = false;
      this.#publish();
    }
  }

  /** Loads the part above. Call it when the top comes near. */
  async loadOlder(limit = OLDER): Promise<void> {
    if (!this.hasOlder || this.isPrepending || this.#before === null) return;
    this.isPrepending = true;
    try {
      const page = await this.#page({ before: this.#before, limit });
      this.#before = page.before ?? this.#before;
      this.#put(page.items, page.as_of);
      // One change for all of it: what is seen moves once, and is held in place once.
      this.hasOlder = Boolean(page.next);
      await this.#reachDown();
    } catch (thrown) {
      this.problem = toProblem(thrown);
    } finally {
      this.#publish();
    }
  }

  /** The page has put the older part on top. */
  prepended(): void {
    this.isPrepending = false;
  }

  /** Reads upwards until a message is here; gives its key, or none. */
  async find(message: string): Promise<string | null> {
    for (let part = 0; part < FIND_PARTS; part++) {
      const kept = this.#messages.get(message);
      if (kept !== undefined) return kept.it.client_id ?? kept.it.id;
      if (!this.hasOlder) return null;
      this.isPrepending = false;
      await this.loadOlder(200);
      this.isPrepending = false;
    }
    return null;
  }

  /** Takes over what the server made of something written here. */
  arrive(made: Message | Note): void {
    if ('position' in made) {
      // A reaction is a message of its own, shown on another one.
      if (made.content.type !== 'reaction') this.#put([made], this.#to.seq());
    } else {
      this.#notes.all.set(made.id, made);
    }
    this.#publish();
  }

  fold(facts: readonly Recorded[]): Need[] {
    const needs: Need[] = [];
    let hasChanged = false;
    for (const { event, seq } of facts) {
      if (conversationOf(event) !== this.conversation || !('message' in event)) continue;
      const kept = this.#messages.get(event.message);
      if (kept === undefined) {
        needs.push(...this.#missing(event));
      } else if (seq > kept.seq) {
        const it = foldMessage(kept.it, event, this.#to.explain);
        this.#messages.set(it.id, { it, seq });
        hasChanged ||= it !== kept.it;
      }
    }
    for (const { event } of facts) {
      if (event.kind === 'note_deleted' && this.#notes.all.delete(event.note)) hasChanged = true;
    }
    if (hasChanged) this.#publish();
    return needs;
  }

  async fetch(needs: readonly Need[]): Promise<void> {
    if (!this.isLoaded) return;
    const mine = needs.filter((need) => 'conversation' in need && need.conversation === this.conversation);
    if (mine.length === 0) return;
    const wants = (what: Need['what']): boolean => mine.some((need) => need.what === what);
    const messages = mine.flatMap((need) => (need.what === 'message' ? [need.id] : []));
    await Promise.all([
      wants('messages') ? this.#loadNewer() : null,
      wants('notes') ? this.#loadNotes(null) : null,
      wants('activity') ? this.#loadActivity(null) : null,
      ...messages.map((id) => this.#loadMessage(id)),
    ]);
    this.#publish();
  }

  async reload(): Promise<void> {
    if (this.isLoaded) return this.load();
    // From a snapshot, and nobody looks at it.
    this.#forgetAllBut([]);
    this.#publish();
  }

  /** Tries a message again that failed, or whose outcome nobody knows. */
  async retry(message: string): Promise<void> {
    const params = { path: { message } };
    const asOf = this.#to.seq();
    const it = await this.#to.api.ask((client) => client.POST('/api/v1/messages/{message}/retry', { params }));
    this.#put([it], asOf);
    this.#publish();
  }

  snapshot(): ThreadSnapshot | null {
    if (!this.isLoaded) return null;
    const all = [...this.#messages.values()].map((kept) => kept.it);
    all.sort((a, b) => micros(a.position) - micros(b.position));
    const messages = all.slice(-SNAPSHOT_MESSAGES);
    const isCut = messages.length < all.length;
    return {
      conversation: this.conversation,
      messages,
      notes: [...this.#notes.all.values()],
      activity: [...this.#activity.all.values()],
      // A cursor belongs to the oldest one; without it, older ones come with the first load.
      before: isCut ? null : this.#before,
      hasOlder: isCut || this.hasOlder,
    };
  }

  restore(it: ThreadSnapshot, seq: number): void {
    if (this.isLoaded || this.#messages.size > 0) return;
    this.#put(it.messages, seq);
    for (const note of it.notes) this.#notes.all.set(note.id, note);
    for (const line of it.activity) this.#activity.all.set(String(line.seq), line);
    this.#before = it.before;
    this.hasOlder = it.hasOlder;
    this.#publish();
  }

  #timeline(): Item[] {
    void this.#version;
    return timelineOf({
      messages: [...this.#messages.values()].map((kept) => kept.it),
      notes: this.#notes.all.values(),
      activity: this.#activity.all.values(),
      entries: this.#to.outbox.of(this.conversation),
      hasOlder: this.hasOlder,
    });
  }

  #publish(): void {
    this.#version += 1;
  }

  /** What is loaded anew is all there is: the part between it and what was here is unknown. */
  #forgetAllBut(items: readonly Message[]): void {
    const ids = new Set(items.map((message) => message.id));
    for (const id of this.#messages.keys()) if (!ids.has(id)) this.#messages.delete(id);
    this.#newestAt = -Infinity;
    this.#oldestAt = Infinity;
  }

  #put(items: readonly Message[], asOf: number): void {
    for (const it of items) {
      const kept = this.#messages.get(it.id);
      if (kept !== undefined && kept.seq > asOf) continue;
      this.#messages.set(it.id, { it, seq: asOf });
    }
    for (const it of items) {
      const at = micros(it.position);
      this.#newestAt = Math.max(this.#newestAt, at);
      this.#oldestAt = Math.min(this.#oldestAt, at);
    }
  }

  /** A message that is not here. Newer ones come with the next part; one that came late stands in the middle. */
  #missing(event: Recorded['event']): Need[] {
    if (!('position' in event)) return [];
    if (event.kind !== 'message_echoed' && !event.is_listed) return [];
    const at = micros(event.position);
    if (at > this.#newestAt || (at < this.#oldestAt && this.hasOlder)) return [];
    return [{ what: 'message', conversation: this.conversation, id: event.message }];
  }

  #markUnread(): void {
    const unread = this.#to.rows.peek(this.conversation)?.it.unread ?? 0;
    const inbound = [...this.#messages.values()].map((kept) => kept.it).filter((it) => it.direction === 'in');
    inbound.sort((a, b) => micros(a.position) - micros(b.position));
    const first = unread > 0 ? inbound.at(-Math.min(unread, inbound.length)) : undefined;
    this.firstUnread = first?.id ?? null;
  }

  #page(query: { before?: string; after?: string; limit: number }) {
    const params = { path: { conversation: this.conversation }, query };
    return this.#to.api.ask((client) => client.GET('/api/v1/conversations/{conversation}/messages', { params }));
  }

  async #loadNewer(): Promise<void> {
    for (;;) {
      const page = await this.#page({ limit: 200, ...(this.#after === null ? {} : { after: this.#after }) });
      this.#put(page.items, page.as_of);
      this.#after = page.after ?? this.#after;
      if (!page.next || page.items.length === 0) return;
    }
  }

  async #loadMessage(id: string): Promise<void> {
    const asOf = this.#to.seq();
    const params = { path: { message: id } };
    const it = await this.#to.api.ask((client) => client.GET('/api/v1/messages/{message}', { params }));
    const kept = this.#messages.get(id);
    // Facts that came meanwhile are in what is here; texts and files are in what was fetched.
    if (kept !== undefined && kept.seq > asOf) this.#messages.set(id, { it: withTicks(it, kept.it), seq: kept.seq });
    else this.#put([it], asOf);
  }

  /** Notes and activity down to the oldest message that is shown. */
  async #reachDown(): Promise<void> {
    const isShort = <T>(strand: Strand<T>, atOf: (it: T) => string): boolean => {
      if (strand.isComplete) return false;
      if (!this.hasOlder) return true;
      return [...strand.all.values()].every((it) => micros(atOf(it)) >= this.#oldestAt);
    };
    while (isShort(this.#notes, (note) => note.created_at)) await this.#loadNotes(this.#notes.next);
    while (isShort(this.#activity, (line) => line.at)) await this.#loadActivity(this.#activity.next);
  }

  async #loadNotes(after: string | null): Promise<void> {
    const params = {
      path: { conversation: this.conversation },
      query: given({ after: after ?? undefined, limit: 50 }),
    };
    const page = await this.#to.api.ask((client) =>
      client.GET('/api/v1/conversations/{conversation}/notes', { params }),
    );
    for (const note of page.items) this.#notes.all.set(note.id, note);
    advance(this.#notes, after, page.next);
  }

  async #loadActivity(after: string | null): Promise<void> {
    const params = {
      path: { conversation: this.conversation },
      query: given({ after: after ?? undefined, limit: 50 }),
    };
    const page = await this.#to.api.ask((client) =>
      client.GET('/api/v1/conversations/{conversation}/activity', { params }),
    );
    for (const line of page.items) this.#activity.all.set(String(line.seq), line);
    advance(this.#activity, after, page.next);
  }
}

/** A first part that is read again does not move the place that older ones go on from. */
function advance<T>(strand: Strand<T>, after: string | null, next: string | null | undefined): void {
  if (after === null && (strand.next !== null || strand.isComplete)) return;
  strand.next = next ?? null;
  strand.isComplete = !next;
}

function withTicks(it: Message, ticks: Message): Message {
  const { status, error, attempt, needs_decision, reactions } = ticks;
  return { ...it, status, attempt, needs_decision, reactions, ...(error === undefined ? {} : { error }) };
}
