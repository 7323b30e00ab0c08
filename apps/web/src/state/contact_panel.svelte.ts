// The customer beside a thread: names, addresses, his other conversations.

import { toProblem, type Api, type ContactDetail, type Problem } from '$api/index';
import type { Need } from '$live/index';
import type { Follower } from './feed';
import { Turn } from './pages';

export class ContactPanel implements Follower {
  contact = $state.raw<ContactDetail | null>(null);
  isLoading = $state(false);
  problem = $state.raw<Problem | null>(null);
  readonly #api: Api;
  readonly #turn = new Turn();
  #id: string | null = null;

  constructor(api: Api) {
    this.#api = api;
  }

  async show(id: string): Promise<void> {
    if (this.#id !== id) this.contact = null;
    this.#id = id;
    const isLatest = this.#turn.take();
    this.isLoading = true;
    try {
      const params = { path: { contact: id } };
      const contact = await this.#api.ask((client) => client.GET('/api/v1/contacts/{contact}', { params }));
      if (!isLatest()) return;
      this.contact = contact;
      this.problem = null;
    } catch (thrown) {
      if (isLatest()) this.problem = toProblem(thrown);
    } finally {
      if (isLatest()) this.isLoading = false;
    }
  }

  /** Gives a name; none goes back to the one that the channel tells. */
  async rename(name: string | null): Promise<void> {
    if (this.#id === null) return;
    const params = { path: { contact: this.#id } };
    this.contact = await this.#api.ask((client) =>
      client.PATCH('/api/v1/contacts/{contact}', { params, body: { name } }),
    );
  }

  async fetch(needs: readonly Need[]): Promise<void> {
    const id = this.#id;
    if (id !== null && needs.some((need) => need.what === 'contact' && need.id === id)) await this.show(id);
  }

  async reload(): Promise<void> {
    if (this.#id !== null) await this.show(this.#id);
  }
}
