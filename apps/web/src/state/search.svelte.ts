// Search as somebody types: the newest question wins, and earlier ones are given up.

import { toProblem, type Api, type Problem, type Schema } from '$api/index';
import type { Clock } from '$live/index';

const PAUSE_MS = 180;
const SHORTEST = 2;

export class Search {
  text = $state('');
  found = $state.raw<Schema<'SearchOut'> | null>(null);
  isSearching = $state(false);
  problem = $state.raw<Problem | null>(null);
  readonly isEmpty = $derived(this.found !== null && this.found.messages.length + this.found.contacts.length === 0);
  readonly #api: Api;
  readonly #clock: Clock;
  #stopTimer: (() => void) | null = null;
  #under: AbortController | null = null;

  constructor(api: Api, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  /** Call it with every key. */
  type(text: string): void {
    this.text = text;
    this.#stopTimer?.();
    if (text.trim().length < SHORTEST) return this.clear(text);
    this.#stopTimer = this.#clock.after(PAUSE_MS, () => void this.ask());
  }

  clear(text = ''): void {
    this.#under?.abort();
    this.text = text;
    this.found = null;
    this.problem = null;
    this.isSearching = false;
  }

  async ask(limit = 30): Promise<void> {
    this.#under?.abort();
    const under = new AbortController();
    this.#under = under;
    this.isSearching = true;
    try {
      const params = { query: { q: this.text.trim(), limit } };
      const { signal } = under;
      this.found = await this.#api.ask((client) => client.GET('/api/v1/search', { params, signal }));
      this.problem = null;
    } catch (thrown) {
      const problem = toProblem(thrown);
      if (problem.slug !== 'aborted') this.problem = problem;
    } finally {
      if (this.#under === under) this.isSearching = false;
    }
  }
}
