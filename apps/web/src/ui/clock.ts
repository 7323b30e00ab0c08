import { createSubscriber } from 'svelte/reactivity';

/** One timer for every relative time on the screen; it runs only while somebody looks. */
export class Clock {
  readonly #subscribe: () => void;

  constructor(everyMs = 20_000) {
    this.#subscribe = createSubscriber((update) => {
      const timer = setInterval(update, everyMs);
      return () => clearInterval(timer);
    });
  }

  get now(): Date {
    this.#subscribe();
    return new Date();
  }
}
