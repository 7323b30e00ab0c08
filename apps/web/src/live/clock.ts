// Time and chance as arguments, so that tests decide about both.

export interface Clock {
  /** Milliseconds since 1970. */
  now: () => number;
  /** Calls back once; returns the way to stop that. */
  after: (ms: number, callback: () => void) => () => void;
  /** 0 to 1. */
  random: () => number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Exponential backoff with full jitter, but never at once: half of it is certain. */
export function backoff(clock: Clock, failures: number, baseMs: number, maxMs: number): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(failures, 20));
  return full / 2 + (full / 2) * clock.random();
}
