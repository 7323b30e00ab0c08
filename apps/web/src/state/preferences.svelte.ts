// How one agent wants to work: keys, notices, what was practised. Kept by the server, so that all devices agree.

import { toProblem, type Problem } from '$api/index';
import type { Follower } from './feed';

export const PRESETS = ['centrala', 'whatsapp', 'gmail'] as const;
export type Preset = (typeof PRESETS)[number];

export const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Day = (typeof DAYS)[number];

export interface KeyboardPreferences {
  readonly preset: Preset;
  /** Whether single letters are keys at all (WCAG 2.1.4). */
  readonly single_letters: boolean;
  /** What sends: Enter, or Ctrl (Cmd) and Enter. */
  readonly send: 'enter' | 'mod_enter';
  /** What the agent chose instead of the keys of the preset, by command. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

export interface QuietHours {
  /** `22:00`, in the time zone of the workspace. */
  readonly from: string;
  readonly to: string;
  readonly days: readonly Day[];
}

export interface NotificationPreferences {
  readonly about: 'all' | 'mine_and_unassigned' | 'mine' | 'none';
  readonly sound: boolean;
  readonly quiet_hours: QuietHours | null;
}

export interface FirstMinutesPreferences {
  readonly done: readonly string[];
  readonly dismissed: boolean;
}

export interface Preferences {
  readonly keyboard: KeyboardPreferences;
  readonly notifications: NotificationPreferences;
  readonly first_minutes: FirstMinutesPreferences;
}

export const USUAL_PREFERENCES: Preferences = {
  keyboard: { preset: 'centrala', single_letters: true, send: 'enter', keys: {} },
  notifications: { about: 'mine_and_unassigned', sound: true, quiet_hours: null },
  first_minutes: { done: [], dismissed: false },
};

/** Who keeps them. Each member of a change is replaced whole. */
export interface PreferencesServer {
  readonly load: () => Promise<Preferences>;
  readonly change: (change: Partial<Preferences>) => Promise<Preferences>;
}

export interface PreferencesSnapshot {
  readonly kept: Preferences | null;
  /** Chosen without a connection, and not told yet. */
  readonly untold: Partial<Preferences>;
}

export class PreferencesStore implements Follower {
  readonly #server: PreferencesServer;
  #kept = $state.raw<Preferences | null>(null);
  #untold = $state.raw<Partial<Preferences>>({});
  #telling: Promise<void> | null = null;

  constructor(server: PreferencesServer) {
    this.#server = server;
  }

  /** What holds now: a change counts at once, whether or not the server has heard of it. */
  readonly now = $derived.by((): Preferences => ({ ...USUAL_PREFERENCES, ...this.#kept, ...this.#untold }));

  /** Whether they are those of the agent; the usual ones before that. */
  readonly isLoaded = $derived.by(() => this.#kept !== null);

  async load(): Promise<void> {
    this.#kept = await this.#server.load();
    await this.wake();
  }

  async reload(): Promise<void> {
    await this.load();
  }

  /** Another device of the same agent changed something. */
  take(preferences: Preferences): void {
    this.#kept = preferences;
  }

  /**
   * Changes something at once and tells the server. Without a connection the change waits and is told later; one that
   * is refused is taken back, and thrown as a `Problem`.
   */
  async change(change: Partial<Preferences>): Promise<void> {
    this.#untold = { ...this.#untold, ...change };
    await this.#tell();
  }

  /** The connection is back: what waits is told. */
  async wake(): Promise<void> {
    if (Object.keys(this.#untold).length > 0) await this.#tell();
  }

  snapshot(): PreferencesSnapshot {
    return { kept: this.#kept, untold: this.#untold };
  }

  restore({ kept, untold }: PreferencesSnapshot): void {
    this.#kept = kept;
    this.#untold = untold;
  }

  /** One request at a time, so that the last choice is the one that stays. */
  async #tell(): Promise<void> {
    while (this.#telling !== null) await this.#telling.catch(() => undefined);
    const told = this.#untold;
    if (Object.keys(told).length === 0) return;
    this.#telling = this.#send(told);
    try {
      await this.#telling;
    } finally {
      this.#telling = null;
    }
  }

  async #send(told: Partial<Preferences>): Promise<void> {
    try {
      this.#kept = await this.#server.change(told);
    } catch (thrown) {
      const problem: Problem = toProblem(thrown);
      if (problem.isPassing) return;
      this.#settle(told);
      throw problem;
    }
    this.#settle(told);
  }

  /** What was chosen anew in the meantime still waits. */
  #settle(told: Partial<Preferences>): void {
    const now: Partial<Record<string, unknown>> = this.#untold;
    const then: Partial<Record<string, unknown>> = told;
    this.#untold = Object.fromEntries(Object.entries(now).filter(([name, value]) => then[name] !== value));
  }
}
