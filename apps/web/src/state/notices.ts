// What somebody wants to be told of who does not look: chosen from the facts, by what he asked for.
// Not here: words and windows (`frame/Notices.svelte`), and what is pushed while no page is open (the server).

import type { Api, Conversation, KnownEvent, Message, Recorded } from '$api/index';
import type { Clock, Need } from '$live/index';
import type { Follower } from './feed';
import type { NotificationPreferences } from './preferences.svelte';
import { isQuiet } from './quiet';

export type News =
  | { kind: 'message'; conversation: Conversation; message: Message }
  | { kind: 'assigned'; conversation: Conversation; by: string | null }
  /** Too much at once to be told one by one. */
  | { kind: 'many'; messages: number; conversations: number };

export interface NoticesOptions {
  api: Api;
  clock: Clock;
  /** A conversation as far as it is known here. */
  row: (conversation: string) => Conversation | null;
  wants: () => NotificationPreferences;
  me: () => string | null;
  zone: () => string;
  /** Whether this window tells, and nobody looks at any. */
  mayTell: () => Promise<boolean>;
  tell: (news: News) => void;
  /** Somebody has read it: nothing more is to be told of it. */
  onRead: (conversation: string) => void;
}

/** From so many conversations at once on, one notice tells how many. */
const MANY = 4;
/** The same fact may bring several; they are told together. */
const GATHER_MS = 400;

type Cause = { conversation: string } & ({ message: string } | { by: string | null });

export class Notices implements Follower {
  readonly #to: NoticesOptions;
  #waiting: Cause[] = [];
  #isPlanned = false;

  constructor(options: NoticesOptions) {
    this.#to = options;
  }

  fold(facts: readonly Recorded[]): Need[] {
    for (const { event, actor } of facts) {
      if (event.kind === 'conversation_read') this.#read(event.conversation);
      const cause = this.#causeOf(event, actor.kind === 'agent' ? actor.id : null);
      if (cause !== null) this.#waiting.push(cause);
    }
    if (this.#waiting.length > 0 && !this.#isPlanned) {
      this.#isPlanned = true;
      this.#to.clock.after(GATHER_MS, () => void this.#consider());
    }
    return [];
  }

  #causeOf(event: KnownEvent, actor: string | null): Cause | null {
    if (event.kind === 'message_received' && event.is_listed) {
      return { conversation: event.conversation, message: event.message };
    }
    const me = this.#to.me();
    // What somebody takes himself is no news to him.
    if (event.kind === 'conversation_assigned' && event.to === me && actor !== me) {
      return { conversation: event.conversation, by: actor };
    }
    return null;
  }

  #read(conversation: string): void {
    this.#waiting = this.#waiting.filter((one) => one.conversation !== conversation || !('message' in one));
    this.#to.onRead(conversation);
  }

  async #consider(): Promise<void> {
    const causes = this.#waiting;
    this.#waiting = [];
    this.#isPlanned = false;
    const { wants, clock, zone, mayTell } = this.#to;
    const { about, quiet_hours } = wants();
    if (about === 'none' || isQuiet(quiet_hours, new Date(clock.now()), zone()) || !(await mayTell())) return;
    const news = (await Promise.all(this.#newest(causes).map((cause) => this.#newsOf(cause)))).flatMap(
      (one) => one ?? [],
    );
    if (news.length < MANY) {
      for (const one of news) this.#to.tell(one);
      return;
    }
    const told = new Set(news.map(({ conversation }) => conversation.id));
    const messages = causes.filter((one) => 'message' in one && told.has(one.conversation)).length;
    this.#to.tell({ kind: 'many', messages, conversations: told.size });
  }

  /** Of each conversation the last: its notice takes the place of those before. */
  #newest(causes: readonly Cause[]): readonly Cause[] {
    return [...new Map(causes.map((cause) => [cause.conversation, cause])).values()];
  }

  async #newsOf(cause: Cause): Promise<Exclude<News, { kind: 'many' }> | null> {
    try {
      const conversation = this.#to.row(cause.conversation) ?? (await this.#fetchRow(cause.conversation));
      if (!('message' in cause)) return { kind: 'assigned', conversation, by: cause.by };
      if (!this.#concerns(conversation)) return null;
      const params = { path: { message: cause.message } };
      const message = await this.#to.api.ask((client) => client.GET('/api/v1/messages/{message}', { params }));
      return { kind: 'message', conversation, message };
    } catch {
      // It cannot be seen any more, or the connection broke: the list shows it when it is back.
      return null;
    }
  }

  #fetchRow(conversation: string): Promise<Conversation> {
    const params = { path: { conversation } };
    return this.#to.api.ask((client) => client.GET('/api/v1/conversations/{conversation}', { params }));
  }

  #concerns({ assignee }: Conversation): boolean {
    const { about } = this.#to.wants();
    const isMine = assignee?.id === this.#to.me();
    if (about === 'mine') return isMine;
    return about === 'all' || isMine || !assignee;
  }
}
