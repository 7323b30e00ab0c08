// What agents do with a conversation. The server answers with the conversation as it is then, and tells everybody by
// facts; both lead to the same state.

import { Problem, toProblem, type Api, type ApiClient, type Conversation } from '$api/index';
import type { Clock } from '$live/index';
import type { Rows } from './rows.svelte';

type Verb = 'claim' | 'unassign' | 'resolve' | 'reopen' | 'read' | 'unread';
interface Answered {
  data?: Conversation;
  error?: unknown;
  response: Response;
}

/** The channel shows typing for half a minute. */
const TYPING_EVERY_MS = 15_000;

export class Commands {
  readonly #api: Api;
  readonly #rows: Rows;
  readonly #clock: Clock;
  readonly #seq: () => number;
  readonly #typedAt = new Map<string, number>();

  constructor(api: Api, rows: Rows, clock: Clock, seq: () => number) {
    this.#api = api;
    this.#rows = rows;
    this.#clock = clock;
    this.#seq = seq;
  }

  /** Takes it for oneself. A colleague who was faster is a `Problem` with the slug `already-assigned`. */
  claim = (conversation: string): Promise<Conversation> => this.#do(conversation, 'claim');
  unassign = (conversation: string): Promise<Conversation> => this.#do(conversation, 'unassign');
  resolve = (conversation: string): Promise<Conversation> => this.#do(conversation, 'resolve');
  reopen = (conversation: string): Promise<Conversation> => this.#do(conversation, 'reopen');
  markUnread = (conversation: string): Promise<Conversation> => this.#do(conversation, 'unread');

  /** Says that everything was seen; the customer sees that too. Nothing is asked where nothing is unread. */
  async read(conversation: string): Promise<void> {
    if (this.#rows.peek(conversation)?.it.unread === 0) return;
    await this.#do(conversation, 'read');
  }

  assign(conversation: string, to: string): Promise<Conversation> {
    const params = { path: { conversation } };
    return this.#keep((client) => client.POST('/api/v1/conversations/{conversation}/assign', { params, body: { to } }));
  }

  snooze(conversation: string, until: Date): Promise<Conversation> {
    const params = { path: { conversation } };
    const body = { until: until.toISOString() };
    return this.#keep((client) => client.POST('/api/v1/conversations/{conversation}/snooze', { params, body }));
  }

  async putLabel(conversation: string, label: string): Promise<void> {
    const params = { path: { conversation, label } };
    await this.#api.ask((client) => client.PUT('/api/v1/conversations/{conversation}/labels/{label}', { params }));
  }

  async takeLabel(conversation: string, label: string): Promise<void> {
    const params = { path: { conversation, label } };
    await this.#api.ask((client) => client.DELETE('/api/v1/conversations/{conversation}/labels/{label}', { params }));
  }

  async deleteNote(conversation: string, note: string): Promise<void> {
    const params = { path: { conversation, note } };
    await this.#api.ask((client) => client.DELETE('/api/v1/conversations/{conversation}/notes/{note}', { params }));
  }

  /** Shows the customer that somebody types: call it with every key, it asks seldom and fails silently. */
  async typing(conversation: string): Promise<void> {
    const now = this.#clock.now();
    if (now - (this.#typedAt.get(conversation) ?? -Infinity) < TYPING_EVERY_MS) return;
    this.#typedAt.set(conversation, now);
    const params = { path: { conversation } };
    try {
      await this.#api.ask((client) => client.POST('/api/v1/conversations/{conversation}/typing', { params }));
    } catch (thrown) {
      // A courtesy: whatever is wrong shows elsewhere.
      if (!(thrown instanceof Problem)) throw toProblem(thrown);
    }
  }

  /** Asks the channel again for a file that could not be had. */
  async fetchMedia(media: string): Promise<void> {
    const params = { path: { media } };
    await this.#api.ask((client) => client.POST('/api/v1/media/{media}/fetch', { params }));
  }

  #do(conversation: string, verb: Verb): Promise<Conversation> {
    const params = { path: { conversation } };
    return this.#keep((client) => client.POST(`/api/v1/conversations/{conversation}/${verb}`, { params }));
  }

  async #keep(operation: (client: ApiClient) => Promise<Answered>): Promise<Conversation> {
    const asOf = this.#seq();
    const it = await this.#api.ask(operation);
    this.#rows.put([it], asOf);
    return it;
  }
}
