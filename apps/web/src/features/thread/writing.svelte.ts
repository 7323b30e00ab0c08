// What is being written in one conversation: text, mode, files on their way, what it answers. Kept as a draft.

import { toProblem, type Api, type Upload } from '$api/index';
import type { Desk, Draft, DraftMode, Written } from '$state/index';
import { contentsOf, takes, type FileKind, type Refusal } from './attach';

export interface Attachment {
  readonly id: string;
  readonly name: string;
  /** Bytes; unknown for one from a draft. */
  readonly size: number | null;
  readonly kind: FileKind;
  readonly caption: string;
  /** Share that was sent, 0 to 1. */
  readonly share: number;
  /** Id at the server, once it is there. */
  readonly media: string | null;
  readonly refusal: Refusal | null;
  readonly problem: string | null;
  readonly file: File | null;
}

const NOTE_CHARACTERS = 10_000;
const NOTHING: Omit<Draft, 'at'> = { mode: 'reply', text: '', reply_to: null, media: [] };

export class Writing {
  text = $state('');
  mode = $state<DraftMode>('reply');
  replyTo = $state<string | null>(null);
  attachments = $state.raw<readonly Attachment[]>([]);
  readonly #api: Api;
  readonly #desk: Desk;
  readonly #conversation: string;
  /** Where the thread ends now. */
  readonly #end: () => number;
  readonly #uploads: Record<string, Upload> = {};
  /** Names of files that went out, for when one is taken back. */
  readonly #sent: Record<string, Attachment> = {};
  /** Where the thread ended when this was begun, in microseconds; none while nothing is written. */
  begun: number | null = null;
  #next = 1;
  /** The draft that is shown here. */
  #known: Draft | null;

  constructor(api: Api, desk: Desk, conversation: string, end: () => number) {
    this.#api = api;
    this.#desk = desk;
    this.#conversation = conversation;
    this.#end = end;
    const draft = desk.drafts.get(conversation);
    this.#known = draft;
    if (draft === null) return;
    this.#take(draft);
    this.begun = draft.at * 1_000;
  }

  /** Takes over what another device wrote; what was kept from here is known, and the caret stays. */
  adopt(draft: Draft | null): void {
    if (draft === this.#known) return;
    this.#known = draft;
    this.#take(draft ?? NOTHING);
  }

  #take(draft: Omit<Draft, 'at'>): void {
    this.text = draft.text;
    this.mode = draft.mode;
    this.replyTo = draft.reply_to;
    // Files that are on their way are of this computer alone.
    const mine = this.attachments.filter((one) => one.media === null);
    const theirs = draft.media.map(
      (media) =>
        this.attachments.find((one) => one.media === media.id) ?? {
          ...this.#blank(media.name, media.kind as FileKind),
          media: media.id,
          share: 1,
        },
    );
    this.attachments = [...theirs, ...mine];
  }

  #written(): Omit<Draft, 'at'> {
    const media = this.attachments.flatMap(({ media: id, kind, name }) => (id === null ? [] : [{ id, kind, name }]));
    return { mode: this.mode, text: this.text, reply_to: this.replyTo, media };
  }

  readonly limit = $derived.by(() => {
    if (this.mode === 'note') return NOTE_CHARACTERS;
    const channel = this.#desk.rows.get(this.#conversation)?.inbox.channel;
    const limits = channel === undefined ? null : this.#desk.directory.limits(channel);
    if (limits === null) return Infinity;
    return this.attachments.length > 0 ? limits.caption_characters : limits.text_characters;
  });
  /** How many characters too many. */
  readonly over = $derived.by(() => Math.max(0, [...this.text].length - this.limit));
  readonly isEmpty = $derived.by(
    () => this.text.trim() === '' && (this.mode === 'note' || this.attachments.length === 0),
  );
  readonly isUploading = $derived.by(() => this.attachments.some((one) => isOnItsWay(one)));
  readonly canSend = $derived.by(() => {
    if (this.isEmpty || this.over > 0) return false;
    return this.mode === 'note' || this.attachments.every((one) => one.media !== null);
  });

  /** Keeps it for later; call it after each change. */
  keep(): void {
    this.#desk.drafts.set(this.#conversation, this.#written());
    this.#known = this.#desk.drafts.get(this.#conversation);
    this.begun = this.#known === null ? null : (this.begun ?? this.#end());
  }

  attach(files: readonly File[]): void {
    const channel = this.#desk.rows.get(this.#conversation)?.inbox.channel;
    const limits = channel === undefined ? null : this.#desk.directory.limits(channel);
    for (const file of files) {
      const { kind, problem } = takes(file, limits);
      const made = { ...this.#blank(file.name, kind), size: file.size, refusal: problem, file };
      this.attachments = [...this.attachments, made];
      if (problem === null) this.#upload(made.id, file);
    }
  }

  again(id: string): void {
    const file = this.attachments.find((one) => one.id === id)?.file;
    if (!file) return;
    this.#change(id, { problem: null, share: 0 });
    this.#upload(id, file);
  }

  /** Takes a file away, and stops it when it is on its way. */
  detach(id: string): void {
    this.#uploads[id]?.cancel();
    this.attachments = this.attachments.filter((one) => one.id !== id);
    this.keep();
  }

  caption(id: string, caption: string): void {
    this.#change(id, { caption });
  }

  prepend(text: string): void {
    this.text = this.text.trim() === '' ? text : `${text}\n${this.text}`;
    this.keep();
  }

  /** Puts back what was taken back from the outbox. */
  takeBack(written: Written): void {
    if (written.kind === 'reaction') return;
    this.mode = written.kind === 'note' ? 'note' : 'reply';
    if (written.kind === 'note') return this.prepend(written.body);
    const { content } = written;
    this.replyTo = written.reply_to ?? this.replyTo;
    if (content.type === 'text') return this.prepend(content.body);
    if ('media' in content && content.type !== 'sticker') {
      const known = this.#sent[content.media];
      const back = known ?? { ...this.#blank(content.media, content.type), media: content.media, share: 1 };
      this.attachments = [...this.attachments, back];
      this.prepend('caption' in content ? (content.caption ?? '') : '');
    }
  }

  /** Hands it to the outbox, which holds it for so long; the composer is empty then. */
  async send(holdMs: number): Promise<void> {
    if (!this.canSend) return;
    const { outbox } = this.#desk;
    const text = this.text.trim();
    if (this.mode === 'note') {
      this.text = '';
      this.keep();
      await outbox.send(this.#conversation, { kind: 'note', body: text }, holdMs);
      return;
    }
    const ready = this.attachments.flatMap((one) => (one.media === null ? [] : [{ ...one, media: one.media }]));
    for (const one of ready) this.#sent[one.media] = one;
    const replyTo = this.replyTo;
    this.text = '';
    this.attachments = [];
    this.replyTo = null;
    this.keep();
    for (const [at, content] of contentsOf(text, ready).entries()) {
      const written: Written = { kind: 'message', content, reply_to: at === 0 ? replyTo : null };
      await outbox.send(this.#conversation, written, holdMs);
    }
  }

  /** Name of a file that was sent from here. */
  nameOf(media: string): string | null {
    return this.#sent[media]?.name ?? null;
  }

  /** Whoever goes elsewhere gives up what is still on its way. */
  close(): void {
    for (const upload of Object.values(this.#uploads)) upload.cancel();
  }

  #upload(id: string, file: File): void {
    const upload = this.#api.upload(file, file.name, { onProgress: (share) => this.#change(id, { share }) });
    this.#uploads[id] = upload;
    upload.done
      .then((media) => {
        this.#change(id, { media: media.id, share: 1 });
        this.keep();
      })
      .catch((thrown: unknown) => {
        const problem = toProblem(thrown);
        if (problem.slug !== 'aborted') this.#change(id, { problem: problem.detail ?? problem.message });
      })
      .finally(() => Reflect.deleteProperty(this.#uploads, id));
  }

  #change(id: string, change: Partial<Attachment>): void {
    this.attachments = this.attachments.map((one) => (one.id === id ? { ...one, ...change } : one));
  }

  #blank(name: string, kind: FileKind): Attachment {
    const id = `file_${this.#next++}`;
    return { id, name, kind, size: null, caption: '', share: 0, media: null, refusal: null, problem: null, file: null };
  }
}

export const isOnItsWay = (one: Attachment): boolean =>
  one.media === null && one.refusal === null && one.problem === null;
