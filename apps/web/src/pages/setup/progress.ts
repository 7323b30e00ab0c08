// Where somebody is in the set-up. It stands in the entry of the browser's history: a reload goes on where he was, and
// the address shows nothing of it.

export const STEPS = ['owner', 'hours', 'inbox', 'message'] as const;
export type Step = (typeof STEPS)[number];

export interface Progress {
  /** The secret of the one-time link. */
  readonly secret?: string;
  readonly step?: Step;
}

/** What is kept; a secret behind the `#` of the address comes in, and is taken out of the address at once. */
export function progress(): Progress {
  const secret = location.hash.slice(1);
  const kept = read(history.state);
  return secret === '' ? kept : remember({ secret });
}

export function remember(now: Progress): Progress {
  history.replaceState(now, '', location.pathname);
  return now;
}

function read(state: unknown): Progress {
  const { secret, step } = (typeof state === 'object' && state !== null ? state : {}) as Record<string, unknown>;
  const known = STEPS.find((one) => one === step);
  return { ...(typeof secret === 'string' && { secret }), ...(known && { step: known }) };
}
