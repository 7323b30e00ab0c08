// Everything that one signed-in agent has in front of him, put together: made once at the root, wiped at sign-out.
/* eslint svelte/prefer-svelte-reactivity: "off" -- plain maps behind raw state: reactive ones cost seconds in big lists */

import type { Api, Message, Note, Recorded, Schema } from '$api/index';
import {
  Connection,
  type Clock,
  type FactsPage,
  type Hearing,
  type LiveState,
  type PresenceFrame,
  type Socket,
  type Told,
} from '$live/index';
import { Doctor, Receipts, Sessions, Tokens } from './admin.svelte';
import { Commands } from './commands';
import { ContactPanel } from './contact_panel.svelte';
import { ConversationList, type ListSnapshot } from './conversation_list.svelte';
import { Counts } from './counts.svelte';
import { Directory, type DirectorySnapshot } from './directory.svelte';
import { Drafts, type DraftStore } from './drafts.svelte';
import { draftServer } from './drafts_server';
import { Feed, type Follower } from './feed';
import { FirstMinutes } from './first_minutes.svelte';
import { keyOf, type Filter } from './filter';
import type { Keep } from './keep';
import { Outbox } from './outbox.svelte';
import { PreferencesStore, type PreferencesSnapshot } from './preferences.svelte';
import { preferencesOf, preferencesServer } from './preferences_server';
import { Presence } from './presence.svelte';
import { PushDevices } from './push.svelte';
import { Rows } from './rows.svelte';
import { Search } from './search.svelte';
import type { Me, Session } from './session.svelte';
import { Thread, type ThreadSnapshot } from './thread.svelte';

export interface DeskOptions {
  api: Api;
  session: Session;
  clock: Clock;
  keep: Keep;
  drafts: DraftStore;
  openSocket: (after: number, hearing: Hearing) => Socket;
  newId: () => string;
  /** Whether this page is in sight. */
  isSeen: () => boolean;
  onSignedOut: () => void;
}

export interface Snapshot {
  seq: number;
  at: number;
  me: Me;
  directory: DirectorySnapshot;
  lists: ListSnapshot[];
  threads: ThreadSnapshot[];
  /** Earlier builds kept none. */
  preferences?: PreferencesSnapshot;
}

const SNAPSHOT_KEY = 'desk';
const SAVE_EVERY_MS = 10_000;
/** Threads that stay at hand; the oldest are let go. */
const OPEN_THREADS = 12;
/** Lists that stay at hand: every usual one, and the last that were narrowed. */
const OPEN_LISTS = 12;

export class Desk {
  readonly directory: Directory;
  readonly rows: Rows;
  readonly counts: Counts;
  readonly commands: Commands;
  readonly outbox: Outbox;
  readonly drafts: Drafts;
  readonly preferences: PreferencesStore;
  readonly firstMinutes: FirstMinutes;
  readonly presence: Presence;
  readonly push: PushDevices;
  readonly contact: ContactPanel;
  readonly search: Search;
  readonly receipts: Receipts;
  readonly doctor: Doctor;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  /** State of the connection, and when the data was last complete. */
  live = $state.raw<LiveState>({ mode: 'connecting', freshAt: null });
  readonly #to: DeskOptions;
  readonly #feed: Feed;
  readonly #connection: Connection;
  readonly #lists = new Map<string, { list: ConversationList; unfollow: () => void }>();
  readonly #threads = new Map<string, { thread: Thread; unfollow: () => void }>();
  #stopSaving: (() => void) | null = null;
  #isOpen = false;
  #restoredSeq: number | null = null;

  constructor(options: DeskOptions) {
    const { api, clock, keep, session } = options;
    const seq = (): number => this.#connection.seq;
    this.#to = options;
    this.#feed = new Feed(clock);
    this.directory = new Directory(api);
    this.rows = new Rows(api, this.directory, clock, seq, (asOf) => this.#connection.saw(asOf));
    this.counts = new Counts(api, clock);
    this.commands = new Commands(api, this.rows, clock, seq);
    this.outbox = new Outbox({
      api,
      keep,
      clock,
      newId: options.newId,
      onSent: (entry, made) => this.#sent(entry.conversation, made),
      onLeft: (conversation) => this.drafts.settled(conversation),
    });
    this.drafts = new Drafts({
      store: options.drafts,
      server: draftServer(api),
      clock,
      isOnItsWay: (conversation) => this.outbox.of(conversation).some(({ written }) => written.kind !== 'reaction'),
    });
    this.preferences = new PreferencesStore(preferencesServer(api));
    this.firstMinutes = new FirstMinutes({ preferences: this.preferences, session, clock });
    this.presence = new Presence({
      clock,
      me: () => session.me?.agent.id ?? null,
      isSeen: options.isSeen,
      tell: (frame) => this.#connection.tell(frame),
    });
    this.push = new PushDevices(api);
    this.contact = new ContactPanel(api);
    this.search = new Search(api, clock);
    this.receipts = new Receipts(api);
    this.doctor = new Doctor(api);
    this.tokens = new Tokens(api);
    this.sessions = new Sessions(api);
    // The directory first: rows take names from it.
    const followers = [session, this.directory, this.rows, this.counts, this.contact, this.receipts];
    for (const follower of [...followers, this.tokens, this.sessions, this.preferences, this.firstMinutes, this.drafts])
      this.#feed.follow(follower);
    this.#connection = new Connection({
      open: options.openSocket,
      page: (after) => this.#page(after),
      clock,
      onFacts: (facts) => this.#take(facts),
      onResync: () => void this.#reload(),
      onTold: (told) => this.#hear(told),
      onState: (state) => this.#tell(state),
      onEnded: () => options.onSignedOut(),
    });
  }

  /** Shows what an earlier visit left; gives whether there was something. */
  async restore(): Promise<Snapshot | null> {
    await Promise.all([this.outbox.load(), this.drafts.load()]);
    const snapshot = await this.#to.keep.get<Snapshot>('snapshot', SNAPSHOT_KEY);
    if (snapshot === undefined) return null;
    const { seq, at, directory, lists, threads, preferences } = snapshot;
    this.directory.restore(directory);
    for (const list of lists) this.list(list.filter).restore(list, seq);
    for (const thread of threads) this.thread(thread.conversation).restore(thread, seq);
    if (preferences !== undefined) this.preferences.restore(preferences);
    this.live = { mode: 'connecting', freshAt: at };
    this.#restoredSeq = seq;
    return snapshot;
  }

  /** Loads what is always needed, and follows the facts. Only when the session is that of this desk's agent. */
  async open(): Promise<void> {
    if (this.#isOpen) return;
    const asOf = await this.directory.load();
    this.#isOpen = true;
    // From where the snapshot stands, so that it is brought up to date fact by fact.
    this.#connection.start(this.#restoredSeq ?? asOf);
    this.outbox.wake();
    this.#save();
    // Without an answer they stay as this computer has them; the next connection asks again.
    const own = [this.preferences.load(), this.drafts.reload()].map((load) => load.catch(() => undefined));
    await Promise.all([this.counts.load(), ...own]);
  }

  /** Whether facts are followed. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Tells somebody of the facts from now on; returns the way to stop that. */
  follow(follower: Follower): () => void {
    return this.#feed.follow(follower);
  }

  /** A list of conversations; the same question gives the same list. */
  list(filter: Filter): ConversationList {
    const key = keyOf(filter);
    const known = this.#lists.get(key);
    // Put last: the order is that of use.
    this.#lists.delete(key);
    const opened = known ?? this.#openList(filter);
    this.#lists.set(key, opened);
    for (const [old, { list, unfollow }] of this.#lists) {
      if (this.#lists.size <= OPEN_LISTS) break;
      unfollow();
      list.close();
      this.#lists.delete(old);
    }
    return opened.list;
  }

  /** The thread of a conversation. */
  thread(conversation: string): Thread {
    const known = this.#threads.get(conversation);
    // Put last: the order is that of use.
    this.#threads.delete(conversation);
    const opened = known ?? this.#openThread(conversation);
    this.#threads.set(conversation, opened);
    for (const [id, { unfollow }] of this.#threads) {
      if (this.#threads.size <= OPEN_THREADS) break;
      unfollow();
      this.#threads.delete(id);
    }
    return opened.thread;
  }

  /** Conversations that were looked at, the latest first. */
  get opened(): readonly string[] {
    return [...this.#threads.keys()].reverse();
  }

  /** The network is back, or the page is looked at again. */
  wake(): void {
    if (!this.#isOpen) return;
    this.#connection.wake();
    this.outbox.wake();
  }

  /** The browser says that there is no network. */
  sleep(): void {
    if (this.#isOpen) this.#connection.sleep();
    else this.unreachable();
  }

  /** The server does not answer whoever asks to begin: what is shown is what an earlier visit left. */
  unreachable(): void {
    if (!this.#isOpen) this.live = { ...this.live, mode: 'offline' };
  }

  /** Keeps what is shown for the next start. Call it when the page goes away. */
  async save(): Promise<void> {
    this.drafts.flush();
    const me = this.#to.session.me;
    if (me === null || !this.#isOpen || !this.directory.isLoaded) return;
    const snapshot: Snapshot = {
      seq: this.#connection.seq,
      at: this.live.freshAt ?? this.#to.clock.now(),
      me,
      directory: this.directory.snapshot(),
      lists: [...this.#lists.values()].flatMap(({ list }) => (list.isLoaded ? [list.snapshot()] : [])),
      threads: [...this.#threads.values()].flatMap(({ thread }) => thread.snapshot() ?? []),
      preferences: this.preferences.snapshot(),
    };
    await this.#to.keep.put('snapshot', SNAPSHOT_KEY, snapshot);
  }

  /** Stops everything; what is kept stays. */
  close(): void {
    this.#isOpen = false;
    this.#connection.stop();
    this.presence.stop();
    this.#feed.stop();
    this.outbox.stop();
    this.drafts.stop();
    this.#stopSaving?.();
    for (const { list } of this.#lists.values()) list.close();
  }

  /** Stops everything, and keeps only what its agent wrote: nobody reads here without a session. */
  async lock(): Promise<void> {
    this.close();
    await this.#to.keep.remove('snapshot', SNAPSHOT_KEY);
  }

  /** Stops everything, and leaves nothing on this computer. */
  async wipe(): Promise<void> {
    this.close();
    await Promise.all([this.drafts.wipe(), this.#to.keep.wipe()]);
  }

  #openList(filter: Filter): { list: ConversationList; unfollow: () => void } {
    const me = (): string | null => this.#to.session.me?.agent.id ?? null;
    const list = lasting(() => new ConversationList(this.#to.api, this.rows, filter, me));
    return { list, unfollow: this.#feed.follow(list) };
  }

  #openThread(conversation: string): { thread: Thread; unfollow: () => void } {
    const { rows, outbox } = this;
    const options = {
      api: this.#to.api,
      rows,
      outbox,
      explain: (inbox: string, code: number) => this.directory.explain(inbox, code),
      seq: (): number => this.#connection.seq,
    };
    const thread = lasting(() => new Thread(conversation, options));
    return { thread, unfollow: this.#feed.follow(thread) };
  }

  #take(facts: readonly Recorded[]): void {
    const sees = facts.some(({ event }) => event.kind === 'inbox_members_changed');
    this.#feed.take(facts);
    // What may be seen changed: rows that were never told of may be there, and others gone.
    if (sees) void this.#reload();
  }

  async #reload(): Promise<void> {
    try {
      await this.#feed.reload();
    } catch {
      // Each part shows its own problem; the connection asks again when it is back.
    }
  }

  #tell(state: LiveState): void {
    const isBack = state.mode === 'live' || state.mode === 'polling';
    const wasBack = this.live.mode === 'live' || this.live.mode === 'polling';
    const wasLive = this.live.mode === 'live';
    // Before the first frame the age is that of the snapshot.
    this.live = { ...state, freshAt: state.freshAt ?? this.live.freshAt };
    if (wasLive && state.mode !== 'live') this.presence.forget();
    if (!wasLive && state.mode === 'live') this.presence.resume();
    if (!isBack || wasBack) return;
    this.outbox.wake();
    // What is refused was taken back; the page where it is chosen says why.
    this.preferences.wake().catch(() => undefined);
    // Frames are not repeated: what another device wrote meanwhile must be asked for.
    this.drafts.reload().catch(() => undefined);
  }

  /** What is no fact. */
  #hear(told: Told): void {
    if (told.type === 'preferences')
      this.preferences.take(preferencesOf(told['preferences'] as Schema<'PreferencesOut'>));
    else if (told.type === 'draft')
      this.drafts.take(told['conversation'] as string, told['draft'] as Schema<'DraftOut'> | null);
    else if (told.type === 'presence') this.presence.take(told as unknown as PresenceFrame);
  }

  #sent(conversation: string, made: Message | Note): void {
    this.#threads.get(conversation)?.thread.arrive(made);
  }

  async #page(after: number): Promise<FactsPage> {
    const params = { query: { after, limit: 200 } };
    const page = await this.#to.api.ask((client) => client.GET('/api/v1/events', { params }));
    return { ...page, items: page.items as unknown as Recorded[] };
  }

  #save(): void {
    this.#stopSaving = this.#to.clock.after(SAVE_EVERY_MS, () => {
      // No room for it is no harm: the next start takes longer.
      this.save().catch(() => undefined);
      if (this.#isOpen) this.#save();
    });
  }
}

/** What outlives the page that first asks for it: otherwise what it derives would stop with that page. */
function lasting<T>(make: () => T): T {
  const made: T[] = [];
  $effect.root(() => void made.push(make()));
  // Tests without a browser have no effects; there it is made plainly.
  return made[0] ?? make();
}
