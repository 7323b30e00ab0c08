// Who is signed in, and what he may do.
/* eslint svelte/prefer-svelte-reactivity: "off" -- plain maps behind raw state: reactive ones cost seconds in big lists */

import { toProblem, type Api, type Schema } from '$api/index';
import type { Need } from '$live/index';
import type { Follower } from './feed';

export type Me = Schema<'MeOut'>;
type Standing = 'unknown' | 'signed_out' | 'signed_in';

export class Session implements Follower {
  me = $state.raw<Me | null>(null);
  standing = $state<Standing>('unknown');
  readonly role = $derived(this.me?.agent.role ?? null);
  readonly language = $derived(this.me?.agent.language ?? null);
  readonly agent = $derived(this.me?.agent ?? null);
  readonly #permissions = $derived(new Set(this.me?.permissions));
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Whether the screen offers something; the server decides whether it is done. */
  may(permission: string): boolean {
    return this.#permissions.has(permission);
  }

  /** Asks who we are. Signed out is an answer; no connection is thrown. */
  async load(): Promise<Me | null> {
    try {
      this.restore(await this.#api.ask((client) => client.GET('/api/v1/me')));
    } catch (thrown) {
      if (toProblem(thrown).slug !== 'unauthenticated') throw thrown;
      this.forget();
    }
    return this.me;
  }

  restore(me: Me): void {
    this.me = me;
    this.standing = 'signed_in';
  }

  forget(): void {
    this.me = null;
    this.standing = 'signed_out';
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.#api.ask((client) => client.POST('/api/v1/session', { body: { email, password } }));
    await this.load();
  }

  async setUp(input: Schema<'SetUpIn'>): Promise<void> {
    await this.#api.ask((client) => client.POST('/api/v1/setup', { body: input }));
    await this.signIn(input.owner_email, input.owner_password);
  }

  /** Ends the session at the server. The app wipes what stays here. */
  async end(): Promise<void> {
    await this.#api.ask((client) => client.DELETE('/api/v1/session'));
  }

  async change(patch: Schema<'MePatch'>): Promise<void> {
    const agent = await this.#api.ask((client) => client.PATCH('/api/v1/me', { body: patch }));
    if (this.me !== null) this.me = { ...this.me, agent };
  }

  async changePassword(current: string, next: string): Promise<void> {
    const body = { current_password: current, password: next };
    await this.#api.ask((client) => client.POST('/api/v1/me/password', { body }));
  }

  async fetch(needs: readonly Need[]): Promise<void> {
    if (needs.some((need) => need.what === 'me')) await this.load();
  }

  async reload(): Promise<void> {
    await this.load();
  }
}
