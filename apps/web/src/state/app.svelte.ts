// The root: who is signed in, and his desk. Made once in `main`, passed by context.

import { createContext } from 'svelte';
import type { Problem } from '$api/index';
import { toProblem, type Api } from '$api/index';
import type { Clock, Hearing, Socket } from '$live/index';
import { Desk } from './desk.svelte';
import type { DraftStore } from './drafts.svelte';
import type { Keep } from './keep';
import { Session } from './session.svelte';

export interface AppOptions {
  api: Api;
  clock: Clock;
  openSocket: (after: number, hearing: Hearing) => Socket;
  openKeep: (agent: string) => Promise<Keep>;
  draftsOf: (agent: string) => DraftStore;
  /** Remembers whose snapshot to show before the server has answered. */
  lastAgent: { get: () => string | null; set: (agent: string | null) => void };
  /** Remembers that somebody signed out here while the server could not be told. */
  untoldEnd: { get: () => boolean; set: (isUntold: boolean) => void };
  newId: () => string;
  /** Whether this page is in sight. */
  isSeen: () => boolean;
}

const RETRY_MS = 5_000;

export class App {
  readonly session: Session;
  readonly api: Api;
  /** The desk of whoever is signed in. */
  desk = $state.raw<Desk | null>(null);
  /** Why nothing can be shown. */
  problem = $state.raw<Problem | null>(null);
  readonly #to: AppOptions;
  #agent: string | null = null;
  #keep: Keep | null = null;
  #isAsking = false;
  #stopRetry: (() => void) | null = null;

  constructor(options: AppOptions) {
    this.#to = options;
    this.api = options.api;
    this.session = new Session(options.api);
    options.api.onUnauthenticated(() => this.#lost());
  }

  /** Shows the snapshot at once, then asks the server. Works without a connection when there is a snapshot. */
  async start(): Promise<void> {
    const last = this.#to.lastAgent.get();
    if (last !== null && this.desk === null) await this.#show(last);
    await this.#ask();
  }

  /** The network is back, or the page is looked at again. */
  wake(): void {
    if (this.#to.untoldEnd.get()) void this.#endUntold();
    else if (this.desk?.isOpen === true) this.desk.wake();
    else if (this.desk !== null || this.problem !== null) void this.#ask();
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#stopRetry?.();
    try {
      if (!(await this.#endUntold())) return;
      const me = await this.session.load();
      if (me === null) return;
      await this.#open(me.agent.id);
    } catch (thrown) {
      const problem = toProblem(thrown);
      // Offline with a snapshot: readable, and what is written waits.
      if (this.desk === null || !problem.isPassing) this.problem = problem;
      this.desk?.unreachable();
      if (problem.isPassing) this.#stopRetry = this.#to.clock.after(RETRY_MS, () => this.wake());
    } finally {
      this.#isAsking = false;
    }
  }

  async signIn(email: string, password: string): Promise<void> {
    // The cookie of whoever left would be lost by the next one, and its session would go on.
    await this.#endUntold();
    await this.session.signIn(email, password);
    this.#to.untoldEnd.set(false);
    const me = this.session.me;
    if (me !== null) await this.#open(me.agent.id);
  }

  /** Ends the session and leaves nothing on this computer. Ask first when `desk.outbox.unsent` is not 0. */
  async signOut(): Promise<void> {
    const desk = this.desk;
    this.desk = null;
    this.#agent = null;
    this.#keep = null;
    this.#to.lastAgent.set(null);
    try {
      await this.session.end();
    } catch (thrown) {
      // The cookie is out of our reach: until the server has heard of it, nobody gets in by it here.
      if (toProblem(thrown).isPassing) this.#to.untoldEnd.set(true);
      throw thrown;
    } finally {
      this.session.forget();
      await desk?.wipe();
    }
  }

  /** Somebody signed out in another tab, which has wiped what is kept. */
  leftElsewhere(): void {
    this.#lost();
  }

  /** Ends the session that somebody left without a connection; answers whether none of that is owed. */
  async #endUntold(): Promise<boolean> {
    if (!this.#to.untoldEnd.get()) return true;
    try {
      await this.session.end();
    } catch (thrown) {
      const { slug } = toProblem(thrown);
      if (slug !== 'unauthenticated') {
        this.session.forget();
        this.#stopRetry = this.#to.clock.after(RETRY_MS, () => this.wake());
        return false;
      }
    }
    this.#to.untoldEnd.set(false);
    return true;
  }

  /** The desk as an earlier visit left it. */
  async #show(agent: string): Promise<void> {
    const desk = await this.#deskOf(agent);
    const snapshot = await desk.restore().catch(() => null);
    if (snapshot === null) return;
    this.session.restore(snapshot.me);
    this.desk = desk;
  }

  async #open(agent: string): Promise<void> {
    this.#to.lastAgent.set(agent);
    this.problem = null;
    if (this.#agent !== agent || this.desk === null) {
      this.desk?.close();
      const desk = await this.#deskOf(agent);
      await desk.restore().catch(() => null);
      this.desk = desk;
    }
    await this.desk.open();
  }

  async #deskOf(agent: string): Promise<Desk> {
    const { api, clock, openSocket, newId, isSeen } = this.#to;
    const keep = this.#agent === agent && this.#keep !== null ? this.#keep : await this.#to.openKeep(agent);
    this.#agent = agent;
    this.#keep = keep;
    return new Desk({
      api,
      session: this.session,
      clock,
      keep,
      drafts: this.#to.draftsOf(agent),
      openSocket,
      newId,
      isSeen,
      onSignedOut: () => this.#lost(),
    });
  }

  /** The session ended elsewhere: what is not sent waits for the same agent to come back. */
  #lost(): void {
    if (this.session.standing !== 'signed_in') return;
    this.session.forget();
    this.#to.lastAgent.set(null);
    // A database that fails here fails the next start, which then shows nothing either.
    this.desk?.lock().catch(() => undefined);
    this.desk = null;
  }
}

export const [getApp, setApp] = createContext<App>();
