// Who is in which conversation now, and what the others are told of this agent. Nothing of it is kept: it is true as
// long as there is a socket.
/* eslint svelte/prefer-svelte-reactivity: "off" -- plain maps behind raw state: reactive ones cost seconds in big lists */

import type { Clock, Doing, PresenceFrame, Present, Telling } from '$live/index';

export interface PresenceOptions {
  clock: Clock;
  /** The agent of this page: he is not shown to himself, whichever tab he is in. */
  me: () => string | null;
  /** Whether this page is in sight. */
  isSeen: () => boolean;
  tell: (frame: Telling) => void;
}

/** While somebody types, it is repeated so often at most. */
const REPEAT_MS = 5_000;
/** While the page is in sight it is said again: after a minute without a word the server wakes other devices. */
const SEEN_EVERY_MS = 45_000;
/** Whoever only passes over a conversation, on the way to another, was not there. */
const SETTLE_MS = 300;
/** So long without a key, and he only looks. */
const PAUSE_MS = 12_000;

const NOBODY: readonly Present[] = [];
const STRENGTH = { replying: 0, noting: 1, looking: 2 } as const;

export class Presence {
  #all = $state.raw<ReadonlyMap<string, readonly Present[]>>(new Map());
  readonly #to: PresenceOptions;
  #at: string | null = null;
  #doing: Doing = 'looking';
  #toldAt = -Infinity;
  #stopPause: (() => void) | null = null;
  #stopSettling: (() => void) | null = null;
  #stopRepeating: (() => void) | null = null;

  constructor(options: PresenceOptions) {
    this.#to = options;
  }

  /** The others in a conversation, those who write first. */
  of(conversation: string): readonly Present[] {
    return this.#all.get(conversation) ?? NOBODY;
  }

  take({ conversation, agents }: PresenceFrame): void {
    const me = this.#to.me();
    const others = agents.filter(({ agent }) => agent !== me);
    others.sort((a, b) => STRENGTH[a.doing] - STRENGTH[b.doing]);
    const all = new Map(this.#all);
    if (others.length === 0) all.delete(conversation);
    else all.set(conversation, others);
    this.#all = all;
  }

  /** The socket is gone: who is where, nobody knows. */
  forget(): void {
    if (this.#all.size > 0) this.#all = new Map();
  }

  /** There is a socket again, which knows nothing of this agent. */
  resume(): void {
    if (this.#to.isSeen()) this.#tell();
  }

  /** The page came into sight, or went out of it. */
  turn(): void {
    this.#tell();
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#stopPause?.();
    this.#stopSettling?.();
    this.#stopRepeating?.();
  }

  /** This agent looks at a conversation, or at none. */
  look(conversation: string | null): void {
    if (this.#at === conversation) return;
    this.#at = conversation;
    this.#stopPause?.();
    this.#doing = 'looking';
    this.#stopSettling?.();
    this.#stopSettling = this.#to.clock.after(SETTLE_MS, () => this.#tell());
  }

  /** This agent is there no longer; he may be elsewhere already. */
  leave(conversation: string): void {
    if (this.#at === conversation) this.look(null);
  }

  /** Call it with every key. */
  write(doing: Exclude<Doing, 'looking'>): void {
    if (this.#at === null) return;
    this.#stopPause?.();
    this.#stopPause = this.#to.clock.after(PAUSE_MS, () => this.#become('looking'));
    if (this.#doing === doing && this.#to.clock.now() - this.#toldAt < REPEAT_MS) return;
    this.#doing = doing;
    this.#tell();
  }

  /** What was written went out, or was given up. */
  rest(): void {
    if (this.#at !== null && this.#doing !== 'looking') this.#become('looking');
  }

  #become(doing: Doing): void {
    this.#stopPause?.();
    this.#stopPause = null;
    this.#doing = doing;
    this.#tell();
  }

  #tell(): void {
    this.#stopSettling?.();
    this.#stopSettling = null;
    this.#stopRepeating?.();
    this.#stopRepeating = null;
    this.#toldAt = this.#to.clock.now();
    if (!this.#to.isSeen()) {
      this.#to.tell({ type: 'presence', conversation: null, doing: 'looking', is_away: true });
      return;
    }
    this.#to.tell({ type: 'presence', conversation: this.#at, doing: this.#doing, is_away: false });
    this.#stopRepeating = this.#to.clock.after(SEEN_EVERY_MS, () => this.#tell());
  }
}
