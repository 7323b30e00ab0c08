// One thread as a person has it in front of him: where he stands, what he answers, what is open over it.

import { createContext } from 'svelte';
import type { Formats } from '$app/format';
import type { Message, Problem } from '$api/index';
import type { App, Desk, Entry, Item, Thread, Written } from '$state/index';
import { endOf } from './news';
import { Writing } from './writing.svelte';

export interface ThreadViewOptions {
  app: App;
  desk: Desk;
  conversation: string;
  formats: () => Formats;
}

export class ThreadView {
  readonly app: App;
  readonly desk: Desk;
  readonly conversation: string;
  readonly thread: Thread;
  readonly writing: Writing;
  /** Key of the message that the keyboard is on. */
  active = $state<string | null>(null);
  /** Key of the message under the pointer. */
  hot = $state<string | null>(null);
  /** Key of the message whose reactions are being chosen. */
  reacting = $state<string | null>(null);
  /** Id of the message whose journey is shown. */
  tracing = $state<string | null>(null);
  /** Id of the message whose picture is shown large. */
  viewing = $state<string | null>(null);
  /** Key of the message that was jumped to, for a moment. */
  flashed = $state<string | null>(null);
  /** Key of the message whose sound or film plays: it stays on the page. */
  playing = $state<string | null>(null);
  /** Set by the scroller. */
  jump: (key: string) => Promise<void> = () => Promise.resolve();
  /** Set by the scroller: to the newest message. */
  toNewest: () => Promise<void> = () => Promise.resolve();
  /** Set by the page: a message that was looked for cannot be shown. */
  missed: () => void = () => undefined;
  /** Set by the composer. */
  write: () => void = () => undefined;
  readonly #formats: () => Formats;

  constructor(options: ThreadViewOptions) {
    this.app = options.app;
    this.desk = options.desk;
    this.conversation = options.conversation;
    this.#formats = options.formats;
    this.thread = options.desk.thread(options.conversation);
    this.writing = new Writing(options.app.api, options.desk, options.conversation, () => endOf(this.thread.items));
  }

  get formats(): Formats {
    return this.#formats();
  }

  readonly me = $derived.by(() => this.app.session.me?.agent.id ?? null);
  /** Name of the customer, or what is known of him. */
  readonly contact = $derived.by(() => {
    const row = this.thread.row;
    return row?.contact.name ?? row?.identity.phone ?? row?.identity.username ?? '';
  });
  readonly pictures = $derived.by(() =>
    this.thread.items.flatMap((item) =>
      item.type === 'message' && item.message.content.type === 'image' && item.message.media?.state === 'stored'
        ? [item.message]
        : [],
    ),
  );

  item(key: string | null): Item | undefined {
    return key === null ? undefined : this.thread.items.find((item) => item.key === key);
  }

  message(key: string | null): Message | null {
    const item = this.item(key);
    return item?.type === 'message' ? item.message : null;
  }

  reply(message: Message): void {
    this.writing.mode = 'reply';
    this.writing.replyTo = message.id;
    this.writing.keep();
    this.write();
  }

  async react(message: Message, emoji: string | null): Promise<void> {
    this.reacting = null;
    await this.desk.outbox.send(this.conversation, { kind: 'reaction', message: message.id, emoji });
  }

  /** Goes to the message that is quoted, wherever it is; answers whether it was found. */
  async show(message: string): Promise<boolean> {
    const key = await this.thread.goTo(message);
    if (key === null) {
      this.missed();
      return false;
    }
    this.active = key;
    this.flashed = key;
    await this.jump(key);
    setTimeout(() => (this.flashed = this.flashed === key ? null : this.flashed), 1_600);
    return true;
  }

  stopped(line: string): void {
    if (this.playing === line) this.playing = null;
  }

  /** Takes back what has not gone out, into the composer. */
  async takeBack(entry: Entry): Promise<void> {
    const written = await this.desk.outbox.undo(entry.client_id);
    if (written !== null) this.#writeAgain(written);
  }

  /** Puts the text of a failed message back, to be put right and sent anew. */
  fix(message: Message): void {
    const { content } = message;
    const text = content.type === 'text' ? content.body : 'caption' in content ? (content.caption ?? '') : '';
    this.writing.mode = 'reply';
    this.writing.prepend(text);
    this.write();
  }

  #writeAgain(written: Written): void {
    this.writing.takeBack(written);
    this.write();
  }
}

/** What a problem says to a person: the server's own words in his language where it has some. */
export function detailOf(problem: Pick<Problem, 'slug' | 'detail' | 'message'>): string {
  return problem.detail ?? problem.message;
}

export const [threadView, setThreadView] = createContext<ThreadView>();
