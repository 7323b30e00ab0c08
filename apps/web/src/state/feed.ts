// From facts to whoever shows them, and from what they name to one fetch for all of it.

import { toProblem, type Recorded } from '$api/index';
import { backoff, needsOf, type Clock, type Need } from '$live/index';

/** Somebody who shows something that facts change. */
export interface Follower {
  /** Applies facts, in order; may name more that must be fetched. */
  fold?: (facts: readonly Recorded[]) => Need[];
  /** Fetches what of this is shown here, with as few requests as can be. */
  fetch?: (needs: readonly Need[]) => Promise<void>;
  /** Facts were lost: loads everything that is shown. */
  reload?: () => Promise<void>;
}

/** Facts come a few times a second; what they name is fetched as often. */
const TICK_MS = 60;
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 30_000;

export class Feed {
  readonly #clock: Clock;
  readonly #followers = new Set<Follower>();
  #waiting = new Map<string, Need>();
  #isFetching = false;
  #isPlanned = false;
  #failures = 0;
  #stop: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Tells a follower from now on; returns the way to stop that. */
  follow(follower: Follower): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  take(facts: readonly Recorded[]): void {
    for (const fact of facts) this.need(needsOf(fact.event));
    for (const follower of this.#followers) this.need(follower.fold?.(facts) ?? []);
  }

  /** Fetches things with the next tick. */
  need(needs: readonly Need[]): void {
    for (const need of needs) this.#waiting.set(JSON.stringify(need), need);
    if (this.#waiting.size > 0) this.#plan(TICK_MS);
  }

  async reload(): Promise<void> {
    this.#waiting.clear();
    await Promise.all([...this.#followers].map((follower) => follower.reload?.()));
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
    this.#isPlanned = false;
    this.#waiting.clear();
  }

  #plan(ms: number): void {
    if (this.#isPlanned || this.#isFetching) return;
    this.#isPlanned = true;
    this.#stop = this.#clock.after(ms, () => {
      this.#isPlanned = false;
      void this.#fetch();
    });
  }

  async #fetch(): Promise<void> {
    const needs = [...this.#waiting.values()];
    this.#waiting = new Map();
    this.#isFetching = true;
    const tries = [...this.#followers].map(async (follower) => follower.fetch?.(needs));
    const results = await Promise.allSettled(tries);
    this.#isFetching = false;
    const mayPass = results.some((one) => one.status === 'rejected' && toProblem(one.reason).isPassing);
    // Asking again for what has come is cheaper than keeping account of who failed.
    if (mayPass) for (const need of needs) this.#waiting.set(JSON.stringify(need), need);
    this.#failures = mayPass ? this.#failures + 1 : 0;
    if (this.#waiting.size === 0) return;
    this.#plan(mayPass ? backoff(this.#clock, this.#failures, RETRY_MS, RETRY_MAX_MS) : TICK_MS);
  }
}
