// The first five minutes of an agent: five things that are done all day, each ticked by the fact that it was done.
// Not here: what they look like (`features/first_minutes`).

import type { Recorded } from '$api/index';
import type { Clock, Need } from '$live/index';
import type { Follower } from './feed';
import type { PreferencesStore } from './preferences.svelte';
import type { Session } from './session.svelte';

export const STEPS = ['claim', 'answer', 'note', 'snooze', 'palette'] as const;
export type Step = (typeof STEPS)[number];

export interface FirstMinutesOptions {
  readonly preferences: PreferencesStore;
  readonly session: Session;
  readonly clock: Clock;
}

/** Whoever has been here longer is not taught; he can still ask for it. */
const NEW_FOR_MS = 30 * 86_400_000;

export class FirstMinutes implements Follower {
  readonly #to: FirstMinutesOptions;
  /** Asked for by hand, or just finished: shown until it is closed. */
  #isAsked = $state(false);
  #latest = $state.raw<Step | null>(null);

  constructor(options: FirstMinutesOptions) {
    this.#to = options;
  }

  readonly done = $derived.by((): readonly Step[] => {
    const done = this.#to.preferences.now.first_minutes.done;
    return STEPS.filter((step) => done.includes(step));
  });

  readonly isFinished = $derived.by(() => this.done.length === STEPS.length);

  readonly isShown = $derived.by(() => {
    const { preferences, session, clock } = this.#to;
    if (!preferences.isLoaded || preferences.now.first_minutes.dismissed) return false;
    if (!session.may('work_conversations')) return false;
    if (this.#isAsked) return true;
    const since = Date.parse(session.agent?.created_at ?? '');
    return !this.isFinished && (this.done.length > 0 || clock.now() - since < NEW_FOR_MS);
  });

  /** What was ticked last since this page was opened. */
  get latest(): Step | null {
    return this.#latest;
  }

  /** Whether somebody asked to see it: it takes the focus then. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** Own deeds tick, wherever they were done; nobody learns by what a colleague did. */
  fold(facts: readonly Recorded[]): Need[] {
    for (const fact of facts) {
      const step = stepOf(fact, this.#to.session.agent?.id);
      if (step !== null) this.tick(step);
    }
    return [];
  }

  tick(step: Step): void {
    if (!this.isShown || this.done.includes(step)) return;
    const done = STEPS.filter((each) => each === step || this.done.includes(each));
    this.#latest = step;
    // The end of it is shown, and not closed under the eyes of whoever got there.
    if (done.length === STEPS.length) this.#isAsked = true;
    this.#keep(done, false);
  }

  /** Puts it away; it can be asked for again. */
  dismiss(): void {
    this.#isAsked = false;
    this.#latest = null;
    this.#keep(this.done, true);
  }

  /** Shows it again: from where it was left, or from the start once it was finished. */
  resume(): void {
    this.#isAsked = true;
    this.#latest = null;
    this.#keep(this.isFinished ? [] : this.done, false);
  }

  #keep(done: readonly Step[], dismissed: boolean): void {
    // What is refused is shown as it was: nothing is lost but a tick.
    this.#to.preferences.change({ first_minutes: { done, dismissed } }).catch(() => undefined);
  }
}

/** Which step a fact shows to be done by this agent. */
export function stepOf({ actor, event }: Recorded, me: string | undefined): Step | null {
  if (me === undefined || actor.kind !== 'agent' || actor.id !== me) return null;
  switch (event.kind) {
    case 'conversation_assigned':
      return event.to === me ? 'claim' : null;
    case 'message_queued':
      return event.is_listed ? 'answer' : null;
    case 'note_added':
      return 'note';
    case 'conversation_snoozed':
      return 'snooze';
    default:
      return null;
  }
}
