// The numbers beside the usual lists. Exact counts come from the server, not more often than needed.

import type { Api, Schema } from '$api/index';
import type { Clock, Need } from '$live/index';
import type { Follower } from './feed';

const AT_MOST_EVERY_MS = 1_500;
/** Where the server stops counting. */
const CAP = 1000;

export class Counts implements Follower {
  now = $state.raw<Schema<'ConversationCountsOut'> | null>(null);
  /**
   * What waits for this agent: conversations with unread messages that are his or nobody's. The one number of the
   * rail, the tab's title and the icon; 1000 means 1000 or more.
   */
  readonly attention: number = $derived(
    this.now === null ? 0 : Math.min(CAP, this.now.unread_mine + this.now.unread_unassigned),
  );
  readonly #api: Api;
  readonly #clock: Clock;
  #loadedAt = 0;
  #isPlanned = false;

  constructor(api: Api, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  async load(): Promise<void> {
    this.#loadedAt = this.#clock.now();
    this.now = await this.#api.ask((client) => client.GET('/api/v1/conversations/counts'));
  }

  async fetch(needs: readonly Need[]): Promise<void> {
    if (this.#isPlanned || !needs.some((need) => need.what === 'counts')) return;
    const wait = this.#loadedAt + AT_MOST_EVERY_MS - this.#clock.now();
    if (wait <= 0) return this.load();
    this.#isPlanned = true;
    this.#clock.after(wait, () => {
      this.#isPlanned = false;
      // The next fact asks again; an old number is no harm.
      this.load().catch(() => undefined);
    });
  }

  async reload(): Promise<void> {
    await this.load();
  }
}
