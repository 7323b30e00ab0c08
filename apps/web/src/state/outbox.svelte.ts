// What was written here and is not at the server yet. It survives reloads, goes out in order when there is a
// connection, and carries its client id, so that however often it is sent there is one message.
/* eslint svelte/prefer-svelte-reactivity: "off" -- plain maps behind raw state: reactive ones cost seconds in big lists */

import { toProblem, type Api, type Content, type FieldError, type Message, type Note, type Slug } from '$api/index';
import { backoff, type Clock } from '$live/index';
import type { Keep } from './keep';

export type Written =
  | { kind: 'message'; content: Content; reply_to: string | null }
  | { kind: 'note'; body: string }
  | { kind: 'reaction'; message: string; emoji: string | null };

/** `held` may still be undone; `refused` waits for a person. */
export type EntryState = 'held' | 'waiting' | 'sending' | 'refused';

export interface Entry {
  client_id: string;
  conversation: string;
  written: Written;
  /** Milliseconds; the order within a conversation. */
  at: number;
  due_at: number;
  state: EntryState;
  tries: number;
  problem: { slug: Slug; detail: string | null; errors: readonly FieldError[] } | null;
}

export interface OutboxOptions {
  api: Api;
  keep: Keep;
  clock: Clock;
  newId: () => string;
  /** What the server made of an entry. */
  onSent: (entry: Entry, made: Message | Note) => void;
  /** An entry is no longer here: it was sent, or taken back. */
  onLeft?: (conversation: string) => void;
}

const RETRY_MS = 1_000;
const RETRY_MAX_MS = 60_000;
/** A server that fails on the very same thing so often will not take it; others wait behind it. */
const FAULTS = 8;

export class Outbox {
  entries = $state.raw<readonly Entry[]>([]);
  /** Those that no server has yet. */
  readonly unsent = $derived(this.entries.length);
  readonly #to: OutboxOptions;
  readonly #busy = new Set<string>();
  #failures = 0;
  #notBefore = 0;
  /** Until it is certain that the session is that of whoever wrote all this. */
  #isPaused = true;
  #stopTimer: (() => void) | null = null;

  constructor(options: OutboxOptions) {
    this.#to = options;
  }

  /** Takes up what an earlier visit left. Nothing goes out before `wake`. */
  async load(): Promise<void> {
    const kept = await this.#to.keep.all<Entry>('outbox');
    const known = new Set(this.entries.map((entry) => entry.client_id));
    const left = kept.filter((entry) => !known.has(entry.client_id));
    // Whether it arrived when the page went away is not known; the client id makes it safe to ask again.
    const resumed = left.map((entry) => (entry.state === 'sending' ? { ...entry, state: 'waiting' as const } : entry));
    this.entries = [...resumed, ...this.entries].sort((a, b) => a.at - b.at);
    this.#pump();
  }

  /** Writes something; it goes out after `holdMs`, until then it can be undone. */
  async send(conversation: string, written: Written, holdMs = 0): Promise<Entry> {
    const now = this.#to.clock.now();
    const last = this.entries.at(-1)?.at ?? 0;
    const entry: Entry = {
      client_id: this.#to.newId(),
      conversation,
      written,
      at: Math.max(now, last + 1),
      due_at: now + holdMs,
      state: holdMs > 0 ? 'held' : 'waiting',
      tries: 0,
      problem: null,
    };
    this.entries = [...this.entries, entry];
    await this.#to.keep.put('outbox', entry.client_id, entry);
    this.#pump();
    return entry;
  }

  /** Takes back what has not gone out; gives what was written, for the composer. None when it is too late. */
  async undo(id: string): Promise<Written | null> {
    const entry = this.#find(id);
    if (entry === undefined || entry.state === 'sending') return null;
    await this.#drop(id);
    return entry.written;
  }

  /** Does not wait for the end of the hold. */
  sendNow(id: string): void {
    this.#change(id, { due_at: this.#to.clock.now(), state: 'waiting' });
    this.#pump();
  }

  /** Tries something again that was refused. */
  retry(id: string): void {
    this.#change(id, { state: 'waiting', problem: null, tries: 0, due_at: this.#to.clock.now() });
    this.wake();
  }

  /** There is a connection again, or somebody signed in again. */
  wake(): void {
    this.#isPaused = false;
    this.#failures = 0;
    this.#notBefore = 0;
    this.#pump();
  }

  stop(): void {
    this.#isPaused = true;
    this.#stopTimer?.();
  }

  of(conversation: string): readonly Entry[] {
    return this.entries.filter((entry) => entry.conversation === conversation);
  }

  /** Sends the first of each conversation whose time has come, and plans the next look. */
  #pump(): void {
    this.#stopTimer?.();
    const now = this.#to.clock.now();
    this.#release(now);
    const times = this.entries.flatMap((entry) => (entry.state === 'held' ? [entry.due_at] : []));
    for (const entry of this.#isPaused ? [] : this.#firsts()) {
      const due = Math.max(entry.due_at, this.#notBefore);
      if (due <= now) void this.#deliver(entry);
      else times.push(due);
    }
    if (times.length > 0) {
      this.#stopTimer = this.#to.clock.after(Math.min(...times) - now, () => this.#pump());
    }
  }

  /** What is held no longer waits, also where nothing can go out: the screen says for what. */
  #release(now: number): void {
    const isOver = (entry: Entry): boolean => entry.state === 'held' && entry.due_at <= now;
    if (!this.entries.some(isOver)) return;
    this.entries = this.entries.map((entry) => (isOver(entry) ? { ...entry, state: 'waiting' } : entry));
  }

  #firsts(): Entry[] {
    const seen = new Set<string>();
    return this.entries.filter((entry) => {
      if (entry.state === 'refused' || seen.has(entry.conversation)) return false;
      seen.add(entry.conversation);
      return !this.#busy.has(entry.conversation);
    });
  }

  async #deliver(entry: Entry): Promise<void> {
    this.#busy.add(entry.conversation);
    this.#change(entry.client_id, { state: 'sending', tries: entry.tries + 1 });
    try {
      // Another tab may have sent it or taken it back.
      const kept = await this.#to.keep.get<Entry>('outbox', entry.client_id);
      if (kept === undefined) return await this.#drop(entry.client_id);
      const made = await this.#post(entry);
      this.#failures = 0;
      this.#to.onSent(entry, made);
      await this.#drop(entry.client_id);
    } catch (thrown) {
      await this.#failed(entry, thrown);
    } finally {
      this.#busy.delete(entry.conversation);
      this.#pump();
    }
  }

  #post({ client_id, conversation, written }: Entry): Promise<Message | Note> {
    const path = { conversation };
    switch (written.kind) {
      case 'message': {
        const body = { client_id, content: written.content, reply_to: written.reply_to };
        return this.#to.api.ask<Message>((client) =>
          client.POST('/api/v1/conversations/{conversation}/messages', { params: { path }, body }),
        );
      }
      case 'note': {
        const body = { client_id, body: written.body };
        return this.#to.api.ask<Note>((client) =>
          client.POST('/api/v1/conversations/{conversation}/notes', { params: { path }, body }),
        );
      }
      case 'reaction': {
        const params = { path: { message: written.message } };
        const body = { client_id, emoji: written.emoji };
        return this.#to.api.ask<Message>((client) => client.POST('/api/v1/messages/{message}/react', { params, body }));
      }
    }
  }

  async #failed(entry: Entry, thrown: unknown): Promise<void> {
    const { slug, detail, errors, status, isPassing, retryAfterMs } = toProblem(thrown);
    if (slug === 'unauthenticated') {
      this.#isPaused = true;
      return this.#keep(entry.client_id, { state: 'waiting' });
    }
    const isPoison = status === 500 && entry.tries + 1 >= FAULTS;
    if (!isPassing || isPoison) {
      return this.#keep(entry.client_id, { state: 'refused', problem: { slug, detail, errors } });
    }
    this.#failures += 1;
    const wait = backoff(this.#to.clock, this.#failures, RETRY_MS, RETRY_MAX_MS);
    this.#notBefore = this.#to.clock.now() + Math.max(wait, retryAfterMs ?? 0);
    await this.#keep(entry.client_id, { state: 'waiting' });
  }

  async #keep(id: string, change: Partial<Entry>): Promise<void> {
    this.#change(id, change);
    const entry = this.#find(id);
    if (entry !== undefined) await this.#to.keep.put('outbox', id, entry);
  }

  #change(id: string, change: Partial<Entry>): void {
    this.entries = this.entries.map((entry) => (entry.client_id === id ? { ...entry, ...change } : entry));
  }

  async #drop(id: string): Promise<void> {
    const left = this.#find(id);
    this.entries = this.entries.filter((entry) => entry.client_id !== id);
    await this.#to.keep.remove('outbox', id);
    if (left !== undefined) this.#to.onLeft?.(left.conversation);
  }

  #find(id: string): Entry | undefined {
    return this.entries.find((entry) => entry.client_id === id);
  }
}
