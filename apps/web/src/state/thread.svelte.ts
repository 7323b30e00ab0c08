// One open conversation: a part of its messages without gaps, the newest one or one around a message that was looked
// for; more of it either way on demand; notes and what happened between them.
/* eslint svelte/prefer-svelte-reactivity: "off" -- plain maps behind raw state: reactive ones cost seconds in big lists */

import {
  toProblem,
  type Activity,
  type Api,
  type Message,
  type Note,
  type Problem,
  type Recorded,
  type Schema,
} from '$api/index';
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

type Part = Schema<'ThreadOut'>;

const FIRST = 30;
/** The next part, and the largest: whoever goes on scrolling gets more at once. */
const MORE = 50;
const MOST = 200;
const AROUND = 60;
const SNAPSHOT_MESSAGES = 50;
/** So many parts are read to reach the first unread message; beyond them there is no line. */
const UNREAD_PARTS = 5;
/** Notes and activity that are asked for at once. */
const BESIDE = 100;

export class Thread implements Follower {
  readonly conversation: string;
  isLoading = $state(false);
  isLoaded = $state(false);
  isLoadingOlder = $state(false);
  hasOlder = $state(false);
  /** The part that is here ends before the newest message: somebody looks at an old one. */
  hasNewer = $state(false);
  /** Messages that came since, and will be seen when one goes to the newest. */
  beyond = $state(0);
  /** Id of the message that is being read, when it is not the newest: a reload comes back to it. */
  reading: string | null = null;
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
  #part = MORE;
  #isLoadingNewer = false;
  #reaching: Promise<void> | null = null;

  constructor(conversation: string, options: ThreadOptions) {
    this.conversation = conversation;
    this.#to = options;
  }

  /** Somebody opens it: the newest part, and a line over what nobody has read. */
  async enter(): Promise<void> {
    if (!this.isLoaded || this.hasNewer) await this.load();
    await this.#markUnread();
  }

  /** Loads the newest part. */
  async load(): Promise<void> {
    // Whoever had read upwards keeps what he reads.
    const here = this.hasNewer ? 0 : this.#messages.size;
    const limit = Math.min(MOST, Math.max(FIRST, here, this.#unread() + 1));
    await this.#replace({ limit }, (page) => {
      this.hasOlder = page.has_older;
      this.hasNewer = false;
      this.beyond = 0;
    });
  }

  /** Loads the part above. Call it when the top comes near. */
  async loadOlder(limit = this.#part): Promise<void> {
    if (!this.hasOlder || this.isLoadingOlder || this.#before === null) return;
    this.isLoadingOlder = true;
    const isLatest = this.#turn.same();
    try {
      const page = await this.#page({ before: this.#before, limit });
      if (!isLatest()) return;
      this.#part = Math.min(MOST, this.#part * 2);
      this.#before = page.before ?? this.#before;
      this.#put(page.items, page.as_of);
      this.hasOlder = page.has_older;
      // One change for all of it: what is seen moves once, and is held in place once.
      await this.#reachDown();
    } catch (thrown) {
      this.problem = toProblem(thrown);
    } finally {
      this.isLoadingOlder = false;
      this.#publish();
    }
  }

  /** Loads the part below, when there is one. Call it when the end comes near. */
  async loadNewer(): Promise<void> {
    if (!this.hasNewer || this.#isLoadingNewer || this.#after === null) return;
    this.#isLoadingNewer = true;
    const isLatest = this.#turn.same();
    try {
      const page = await this.#page({ after: this.#after, limit: MORE });
      if (!isLatest()) return;
      this.#after = page.after ?? this.#after;
      this.#put(page.items, page.as_of);
      this.hasNewer = page.has_newer;
      if (this.hasNewer) return;
      this.beyond = 0;
      // What came while this was read was not asked for.
      await this.#catchUp();
    } catch (thrown) {
      this.problem = toProblem(thrown);
    } finally {
      this.#isLoadingNewer = false;
      this.#publish();
    }
  }

  /** Brings a message here, with those around it when it is far away; gives its key, or none when it is gone. */
  async goTo(message: string): Promise<string | null> {
    if (!this.#messages.has(message)) await this.#loadAround(message);
    const kept = this.#messages.get(message);
    return kept === undefined ? null : (kept.it.client_id ?? kept.it.id);
  }

  /** Takes over what the server made of something written here. */
  arrive(made: Message | Note): void {
    if ('position' in made) {
      // A reaction is a message of its own, shown on another one; between this part and a newer one is a gap.
      if (made.content.type !== 'reaction' && !this.hasNewer) this.#put([made], this.#to.seq());
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
        if (this.hasNewer && event.kind === 'message_received' && event.is_listed) this.beyond += 1;
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
      wants('messages') && !this.hasNewer ? this.#catchUp() : null,
      wants('notes') ? this.#loadNotes(null) : null,
      wants('activity') ? this.#loadActivity(null) : null,
      ...messages.map((id) => this.#loadMessage(id)),
    ]);
    this.#publish();
  }

  async reload(): Promise<void> {
    if (this.isLoaded && this.reading !== null) return this.#loadAround(this.reading);
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

  /** Says what became of a message whose outcome nobody knew, without sending it again. */
  async settle(message: string, as: Schema<'SettledAs'>): Promise<void> {
    const params = { path: { message } };
    const body = { as };
    const asOf = this.#to.seq();
    const it = await this.#to.api.ask((client) => client.POST('/api/v1/messages/{message}/settle', { params, body }));
    this.#put([it], asOf);
    this.#publish();
  }

  snapshot(): ThreadSnapshot | null {
    // A part from the middle is no start for the next time.
    if (!this.isLoaded || this.hasNewer) return null;
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
      hasNewer: this.hasNewer,
    });
  }

  /** Loads a part that takes the place of what is here. */
  async #replace(query: { around?: string; limit: number }, found: (page: Part) => void): Promise<void> {
    const isLatest = this.#turn.take();
    this.isLoading = true;
    try {
      const [page] = await Promise.all([this.#page(query), this.#loadNotes(null), this.#loadActivity(null)]);
      if (!isLatest()) return;
      this.#forgetAllBut(page.items);
      this.#part = MORE;
      this.#put(page.items, page.as_of);
      this.#before = page.before ?? null;
      this.#after = page.after ?? null;
      found(page);
      this.isLoaded = true;
      this.problem = null;
      this.#publish();
      await this.#reachDown();
    } catch (thrown) {
      if (isLatest()) this.problem = toProblem(thrown);
    } finally {
      if (isLatest()) this.isLoading = false;
      this.#publish();
    }
  }

  #loadAround(message: string): Promise<void> {
    return this.#replace({ around: message, limit: AROUND }, (page) => {
      this.hasOlder = page.has_older;
      this.hasNewer = page.has_newer;
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

  #unread(): number {
    return this.#to.rows.peek(this.conversation)?.it.unread ?? 0;
  }

  /** Puts the line over the first message that nobody has read, which may stand further up than what is here. */
  async #markUnread(): Promise<void> {
    const unread = this.#unread();
    const inbound = (): Message[] =>
      [...this.#messages.values()].flatMap(({ it }) => (it.direction === 'in' ? [it] : []));
    for (let part = 0; part < UNREAD_PARTS && inbound().length < unread && this.hasOlder; part++) {
      await this.loadOlder(MOST);
      if (this.problem !== null) break;
    }
    const all = inbound().sort((a, b) => micros(a.position) - micros(b.position));
    const isHere = unread > 0 && (unread <= all.length || !this.hasOlder);
    this.firstUnread = isHere ? (all.at(-Math.min(unread, all.length))?.id ?? null) : null;
  }

  #page(query: { before?: string; after?: string; around?: string; limit: number }): Promise<Part> {
    const params = { path: { conversation: this.conversation }, query };
    return this.#to.api.ask((client) => client.GET('/api/v1/conversations/{conversation}/messages', { params }));
  }

  /** What came since the last part. */
  async #catchUp(): Promise<void> {
    for (;;) {
      const page = await this.#page({ limit: MOST, ...(this.#after === null ? {} : { after: this.#after }) });
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

  /** Notes and activity down to the oldest message that is shown; one walk at a time, for they go by cursors. */
  #reachDown(): Promise<void> {
    this.#reaching ??= this.#walkDown().finally(() => (this.#reaching = null));
    return this.#reaching;
  }

  async #walkDown(): Promise<void> {
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
      query: given({ after: after ?? undefined, limit: BESIDE }),
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
      query: given({ after: after ?? undefined, limit: BESIDE }),
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
