// What is being written, for each conversation. Where it is kept is an interface: this computer now.
/* eslint svelte/prefer-svelte-reactivity: "off" -- plain maps behind raw state: reactive ones cost seconds in big lists */

import type { Clock } from '$live/index';

export type DraftMode = 'reply' | 'note' | 'template';

export interface Draft {
  mode: DraftMode;
  text: string;
  reply_to: string | null;
  /** Files that are uploaded already. */
  media: readonly { id: string; kind: string; name: string }[];
  at: number;
}

export interface DraftStore {
  load: () => Promise<ReadonlyMap<string, Draft>>;
  save: (conversation: string, draft: Draft | null) => Promise<void>;
  wipe: () => Promise<void>;
}

/** Drafts in the storage of the browser, apart for each agent. */
export class LocalDrafts implements DraftStore {
  readonly #storage: Storage;
  readonly #prefix: string;

  constructor(storage: Storage, agent: string) {
    this.#storage = storage;
    this.#prefix = `centrala/draft/${agent}/`;
  }

  load(): Promise<ReadonlyMap<string, Draft>> {
    const all = this.#keys().flatMap((key): [string, Draft][] => {
      try {
        return [[key.slice(this.#prefix.length), JSON.parse(this.#storage.getItem(key) ?? '') as Draft]];
      } catch {
        return [];
      }
    });
    return Promise.resolve(new Map(all));
  }

  save(conversation: string, draft: Draft | null): Promise<void> {
    try {
      if (draft === null) this.#storage.removeItem(this.#prefix + conversation);
      else this.#storage.setItem(this.#prefix + conversation, JSON.stringify(draft));
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

const SAVE_AFTER_MS = 300;

export class Drafts {
  #all = $state.raw<ReadonlyMap<string, Draft>>(new Map<string, Draft>());
  readonly #store: DraftStore;
  readonly #clock: Clock;
  readonly #saves = new Map<string, () => void>();

  constructor(store: DraftStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async load(): Promise<void> {
    // What was typed meanwhile is newer.
    this.#all = new Map([...(await this.#store.load()), ...this.#all]);
  }

  get(conversation: string): Draft | null {
    return this.#all.get(conversation) ?? null;
  }

  /** Keeps what is written; nothing written is no draft. */
  set(conversation: string, draft: Omit<Draft, 'at'>): void {
    const isEmpty = draft.text.trim() === '' && draft.media.length === 0;
    if (isEmpty) return this.clear(conversation);
    this.#change(conversation, { ...draft, at: this.#clock.now() });
    this.#saves.get(conversation)?.();
    this.#saves.set(
      conversation,
      this.#clock.after(SAVE_AFTER_MS, () => this.#save(conversation)),
    );
  }

  clear(conversation: string): void {
    if (!this.#all.has(conversation)) return;
    this.#change(conversation, null);
    this.#save(conversation);
  }

  /** The page goes away: saves what waits. */
  flush(): void {
    for (const conversation of [...this.#saves.keys()]) this.#save(conversation);
  }

  async wipe(): Promise<void> {
    for (const stop of this.#saves.values()) stop();
    this.#saves.clear();
    this.#all = new Map();
    await this.#store.wipe();
  }

  #change(conversation: string, draft: Draft | null): void {
    const all = new Map(this.#all);
    if (draft === null) all.delete(conversation);
    else all.set(conversation, draft);
    this.#all = all;
  }

  #save(conversation: string): void {
    this.#saves.get(conversation)?.();
    this.#saves.delete(conversation);
    this.#store.save(conversation, this.get(conversation)).catch(() => undefined);
  }
}
