// A clock that tests move, and sockets that they speak through. Not part of the app.

import type { Clock } from './clock';
import type { Hearing, Socket } from './connection';

export class TestClock implements Clock {
  #now = 1_000_000;
  #timers: { at: number; callback: () => void }[] = [];

  now = (): number => this.#now;
  random = (): number => 0.5;

  after = (ms: number, callback: () => void): (() => void) => {
    const timer = { at: this.#now + ms, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** Moves on, and lets what follows from it happen. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = until;
    await settle();
  }
}

/** Lets promises, and a database in memory, come to rest. */
export async function settle(): Promise<void> {
  for (let n = 0; n < 12; n++) await new Promise((resolve) => setImmediate(resolve));
}

export class TestSockets {
  readonly opened: { after: number; hearing: Hearing; isClosed: boolean }[] = [];
  /** What was said through all of them. */
  readonly told: unknown[] = [];

  open = (after: number, hearing: Hearing): Socket => {
    const one = { after, hearing, isClosed: false };
    this.opened.push(one);
    return {
      close: () => {
        one.isClosed = true;
      },
      send: (text) => this.told.push(JSON.parse(text)),
    };
  };

  get last() {
    const last = this.opened.at(-1);
    if (last === undefined) throw new Error('no socket was opened');
    return last;
  }

  frame(frame: object): void {
    this.last.hearing.frame(JSON.stringify(frame));
  }
}
