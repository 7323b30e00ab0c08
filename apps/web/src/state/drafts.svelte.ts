// What is being written, for each conversation: at the server, so that it goes on on another device, and a copy on this
// computer for when the server cannot be reached. Of two versions the newer one counts.
/* eslint svelte/prefer-svelte-reactivity: "off" -- plain maps behind raw state: reactive ones cost seconds in big lists */

import { toProblem, type Schema } from '$api/index';
import { backoff, type Clock } from '$live/index';
import type { DraftServer } from './drafts_server';
import type { Follower } from './feed';

export type DraftMode = Schema<'DraftMode'>;

export interface Draft {
  mode: DraftMode;
  text: string;
  reply_to: string | null;
  /** Files that are uploaded already. */
  media: readonly { id: string; kind: string; name: string }[];
  /** When it was written, in milliseconds. */
  at: number;
}

/** A draft as this computer has it. */
export interface KeptDraft {
  /** None: it was given up here, and the server does not know that. */
  draft: Draft | null;
  /** When this last changed here, in milliseconds. */
  at: number;
  /** The version of the server that it was made from (`updated_at`). */
  base: string | null;
  /** The server does not have it like this. */
  isNew: boolean;
}

/** Where the copies are. */
export interface DraftStore {
  load: () => Promise<ReadonlyMap<string, KeptDraft>>;
  save: (conversation: string, kept: KeptDraft | null) => Promise<void>;
  wipe: () => Promise<void>;
}

/** Copies in the storage of the browser, apart for each agent. */
export class LocalDrafts implements DraftStore {
  readonly #storage: Storage;
  readonly #prefix: string;

  constructor(storage: Storage, agent: string) {
    this.#storage = storage;
    this.#prefix = `centrala/drafts/${agent}/`;
  }

  load(): Promise<ReadonlyMap<string, KeptDraft>> {
    const all = this.#keys().flatMap((key): [string, KeptDraft][] => {
      try {
        return [[key.slice(this.#prefix.length), JSON.parse(this.#storage.getItem(key) ?? '') as KeptDraft]];
      } catch {
        return [];
      }
    });
    return Promise.resolve(new Map(all));
  }

  save(conversation: string, kept: KeptDraft | null): Promise<void> {
    try {
      if (kept === null) this.#storage.removeItem(this.#prefix + conversation);
      else this.#storage.setItem(this.#prefix + conversation, JSON.stringify(kept));
      return Promise.resolve();
    } catch (thrown) {
      // Full: the draft stays on screen.
      return Promise.reject(thrown instanceof Error ? thrown : new Error('the draft cannot be kept'));
    }
  }

  wipe(): Promise<void> {
    for (const key of this.#keys()) this.#storage.removeItem(key);
    return Promise.resolve();
  }

  #keys(): string[] {
    const all = Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index) ?? '');
    return all.filter((key) => key.startsWith(this.#prefix));
  }
}

function isSame(a: Omit<Draft, 'at'> | null, b: Omit<Draft, 'at'>): boolean {
  const flat = (one: Omit<Draft, 'at'>): string =>
    JSON.stringify([one.mode, one.text, one.reply_to, one.media.map(({ id }) => id)]);
  return a !== null && flat(a) === flat(b);
}

const SAVE_AFTER_MS = 300;
const SEND_AFTER_MS = 800;
const RETRY_MS = 2_000;
const RETRY_MAX_MS = 60_000;

export interface DraftsOptions {
  store: DraftStore;
  server: DraftServer;
  clock: Clock;
  /** Something from this conversation is not at the server yet: its draft is deleted after that. */
  isOnItsWay: (conversation: string) => boolean;
}

export class Drafts implements Follower {
  #all = $state.raw<ReadonlyMap<string, KeptDraft>>(new Map<string, KeptDraft>());
  readonly #to: DraftsOptions;
  readonly #saves = new Map<string, () => void>();
  readonly #sends = new Map<string, () => void>();
  readonly #busy = new Set<string>();
  #failures = 0;
  /** Until the session is certainly that of whoever wrote all this. */
  #isPaused = true;

  constructor(options: DraftsOptions) {
    this.#to = options;
  }

  /** Takes up the copies of an earlier visit. */
  async load(): Promise<void> {
    // What was typed meanwhile is newer.
    this.#all = new Map([...(await this.#to.store.load()), ...this.#all]);
  }

  get(conversation: string): Draft | null {
    return this.#all.get(conversation)?.draft ?? null;
  }

  /** Keeps what is written; nothing written is no draft. */
  set(conversation: string, draft: Omit<Draft, 'at'>): void {
    const isEmpty = draft.text.trim() === '' && draft.media.length === 0;
    if (isEmpty) return this.clear(conversation);
    if (isSame(this.get(conversation), draft)) return;
    const at = this.#to.clock.now();
    this.#put(conversation, { draft: { ...draft, at }, at, base: this.#base(conversation), isNew: true });
    this.#plan(conversation);
  }

  clear(conversation: string): void {
    if (this.get(conversation) === null) return;
    const at = this.#to.clock.now();
    this.#put(conversation, { draft: null, at, base: this.#base(conversation), isNew: true });
    this.#save(conversation);
    this.#plan(conversation);
  }

  /** The person goes elsewhere: what waits is saved and sent at once. */
  flush(): void {
    for (const conversation of [...this.#saves.keys()]) this.#save(conversation);
    for (const conversation of [...this.#sends.keys()]) void this.#send(conversation);
  }

  /** Another device has written, or deleted. */
  take(conversation: string, remote: Schema<'DraftOut'> | null): void {
    const kept = this.#all.get(conversation);
    // Whoever types here is the last one to write.
    if (kept?.isNew) this.#put(conversation, { ...kept, base: remote?.updated_at ?? null });
    else this.#accept(conversation, remote);
  }

  /** Brings both sides together: after a start, and when the connection is back. */
  async reload(): Promise<void> {
    this.#isPaused = false;
    const { items } = await this.#to.server.list();
    const remotes = new Map(items.map((remote) => [remote.conversation, remote]));
    for (const conversation of new Set([...remotes.keys(), ...this.#all.keys()])) {
      this.#reconcile(conversation, remotes.get(conversation) ?? null);
    }
  }

  /** What was written here is at the server: now its draft may go. */
  settled(conversation: string): void {
    if (this.#all.get(conversation)?.isNew) void this.#send(conversation);
  }

  /** The session ended: nothing goes out before the next `reload`. */
  stop(): void {
    this.#isPaused = true;
    for (const stop of [...this.#saves.values(), ...this.#sends.values()]) stop();
    for (const conversation of [...this.#saves.keys()]) this.#save(conversation);
    this.#sends.clear();
  }

  async wipe(): Promise<void> {
    this.stop();
    this.#saves.clear();
    this.#all = new Map();
    await this.#to.store.wipe();
  }

  #base(conversation: string): string | null {
    return this.#all.get(conversation)?.base ?? null;
  }

  #reconcile(conversation: string, remote: Schema<'DraftOut'> | null): void {
    const kept = this.#all.get(conversation);
    if (!kept?.isNew) return this.#accept(conversation, remote);
    const base = remote?.updated_at ?? null;
    const isNewerThere = base !== null && base !== kept.base && Date.parse(base) > kept.at;
    if (isNewerThere) return this.#accept(conversation, remote);
    this.#put(conversation, { ...kept, base });
    void this.#send(conversation);
  }

  /** Takes over what the server has. */
  #accept(conversation: string, remote: Schema<'DraftOut'> | null): void {
    this.#sends.get(conversation)?.();
    this.#sends.delete(conversation);
    if (remote === null) {
      if (this.#all.has(conversation)) this.#put(conversation, null);
    } else if (this.#base(conversation) !== remote.updated_at || this.#all.get(conversation)?.isNew) {
      const { mode, text, media, updated_at } = remote;
      const at = Date.parse(updated_at);
      const draft = { mode, text, reply_to: remote.reply_to ?? null, media, at };
      this.#put(conversation, { draft, at, base: updated_at, isNew: false });
    }
    this.#save(conversation);
  }

  #put(conversation: string, kept: KeptDraft | null): void {
    const all = new Map(this.#all);
    if (kept === null) all.delete(conversation);
    else all.set(conversation, kept);
    this.#all = all;
  }

  #plan(conversation: string, ms = SEND_AFTER_MS): void {
    this.#saves.get(conversation)?.();
    this.#sends.get(conversation)?.();
    const { clock } = this.#to;
    this.#saves.set(
      conversation,
      clock.after(SAVE_AFTER_MS, () => this.#save(conversation)),
    );
    this.#sends.set(
      conversation,
      clock.after(ms, () => void this.#send(conversation)),
    );
  }

  #save(conversation: string): void {
    this.#saves.get(conversation)?.();
    this.#saves.delete(conversation);
    this.#to.store.save(conversation, this.#all.get(conversation) ?? null).catch(() => undefined);
  }

  /** One request at a time for each conversation, so that the last one is the last. */
  async #send(conversation: string): Promise<void> {
    this.#sends.get(conversation)?.();
    this.#sends.delete(conversation);
    const kept = this.#all.get(conversation);
    if (!kept?.isNew || this.#isPaused || this.#busy.has(conversation)) return;
    if (kept.draft === null && this.#to.isOnItsWay(conversation)) return;
    this.#busy.add(conversation);
    try {
      const base = await this.#write(conversation, kept.draft);
      this.#failures = 0;
      this.#busy.delete(conversation);
      this.#written(conversation, kept, base);
    } catch (thrown) {
      this.#busy.delete(conversation);
      const problem = toProblem(thrown);
      // What the server does not take stays here: it is refused again when it is sent, with words.
      if (!problem.isPassing) return;
      this.#failures += 1;
      this.#plan(conversation, backoff(this.#to.clock, this.#failures, RETRY_MS, RETRY_MAX_MS));
    }
  }

  async #write(conversation: string, draft: Draft | null): Promise<string | null> {
    const { server } = this.#to;
    if (draft !== null) return (await server.save(conversation, draft)).updated_at;
    await server.remove(conversation);
    return null;
  }

  #written(conversation: string, sent: KeptDraft, base: string | null): void {
    const now = this.#all.get(conversation);
    if (now === undefined) return;
    if (now.draft !== sent.draft || now.at !== sent.at) {
      this.#put(conversation, { ...now, base });
      return this.#plan(conversation);
    }
    this.#put(conversation, now.draft === null ? null : { ...now, base, isNew: false });
    this.#save(conversation);
  }
}
