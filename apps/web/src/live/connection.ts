// The way to the facts: a socket that resumes, and polling where no socket can be had.
// Not here: what the facts change (`fold.ts`) and who is told (`state/feed.ts`).

import type { Problem } from '$api/index';
import { toProblem, type LiveFrame, type Recorded } from '$api/index';
import { backoff, type Clock } from './clock';
import type { Telling } from './presence';

export type Mode = 'connecting' | 'live' | 'polling' | 'offline' | 'ended';

export interface LiveState {
  mode: Mode;
  /** When the data was last known to be complete; null before that. */
  freshAt: number | null;
}

export interface FactsPage {
  items: Recorded[];
  next: number;
  as_of: number;
}

/** What the socket of a browser offers here. */
export interface Socket {
  close: () => void;
  /** Says something; before it is open and after it is closed, that is lost. */
  send: (text: string) => void;
}

/** What the server says beside the facts: numbered nowhere and never repeated, so whoever missed it loads it anew. */
export interface Told {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** Who listens to it. */
export interface Hearing {
  frame: (data: unknown) => void;
  closed: (code: number) => void;
}

export interface ConnectionOptions {
  open: (after: number, hearing: Hearing) => Socket;
  page: (after: number) => Promise<FactsPage>;
  clock: Clock;
  /** Facts in order, each once. `seq` is complete then. */
  onFacts: (facts: Recorded[], seq: number) => void;
  /** Facts were lost: what is shown must be loaded anew. */
  onResync: (seq: number) => void;
  /** Something that is no fact, such as a change of one's own on another device. */
  onTold?: (told: Told) => void;
  onState: (state: LiveState) => void;
  /** The session ended. */
  onEnded: () => void;
}

/** The server's limit of a replay; beyond that, loading anew is cheaper. */
const MAX_BEHIND = 1000;
/** Facts that the caller may not see are passed over silently, but the server tells its place after so many. */
const SILENT_FACTS = 200;
const FIRST_FRAME_MS = 10_000;
/** The server beats after 20 s of silence: who hears nothing for so long is not heard any more. */
const SILENCE_MS = 32_000;
const POLL_MS = 4_000;
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 30_000;
/** So many sockets without a single frame, and facts are polled meanwhile. */
const FAILURES_TO_POLL = 2;
const SESSION_ENDED = 4401;

export class Connection {
  readonly #to: ConnectionOptions;
  #seq = 0;
  #mode: Mode = 'connecting';
  #freshAt: number | null = null;
  #socket: Socket | null = null;
  #hasFrame = false;
  #failures = 0;
  #isRunning = false;
  #isAsking = false;
  #stopRetry: (() => void) | null = null;
  #stopPoll: (() => void) | null = null;
  #stopWatch: (() => void) | null = null;

  constructor(options: ConnectionOptions) {
    this.#to = options;
  }

  /** Everything up to this fact was handed out. */
  get seq(): number {
    return this.#seq;
  }

  /** Follows the facts after a number: the smallest `as_of` of what is shown. */
  start(after: number): void {
    this.stop();
    this.#seq = after;
    this.#isRunning = true;
    this.#failures = 0;
    this.#hasFrame = false;
    this.#become('connecting');
    this.#connect();
  }

  stop(): void {
    this.#isRunning = false;
    this.#drop();
    this.#clearTimers();
  }

  /** The network is back, the computer woke, the page is looked at again: do not wait any longer. */
  wake(): void {
    if (!this.#isRunning) return;
    if (this.#socket !== null && this.#hasFrame) void this.#ask();
    else this.#reconnect(0);
  }

  /** The browser says that there is no network. */
  sleep(): void {
    if (this.#isRunning) this.#become('offline');
  }

  /** A list was loaded that knows facts up to a number. Far ahead of the socket, it shows that something is lost. */
  saw(asOf: number): void {
    if (this.#isRunning && asOf - this.#seq > SILENT_FACTS) void this.#ask();
  }

  /** Tells the server what this agent does now. Lost without a socket: tell it again when it is live. */
  tell(frame: Telling): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  #connect(): void {
    this.#hasFrame = false;
    this.#watch(FIRST_FRAME_MS);
    const socket = this.#to.open(this.#seq, {
      frame: (data) => {
        if (this.#socket === socket) this.#hear(data);
      },
      closed: (code) => {
        if (this.#socket === socket) this.#closed(code);
      },
    });
    this.#socket = socket;
  }

  #hear(data: unknown): void {
    const frame = readFrame(data);
    if (frame === null) return;
    this.#hasFrame = true;
    this.#failures = 0;
    this.#stopPoll?.();
    this.#stopPoll = null;
    // Before the facts, so that whoever is told finds the connection as it is.
    this.#fresh('live');
    this.#watch(SILENCE_MS);
    if (isResync(frame)) this.#lost(frame.seq);
    else if (isFacts(frame)) this.#take(frame.items, frame.seq);
    // Whatever is visible up to there was sent before it.
    else if (isBeat(frame)) this.#take([], frame.seq);
    else this.#to.onTold?.(frame);
  }

  #take(items: Recorded[], seq: number): void {
    // A socket that was opened before polling went on repeats what is known.
    if (seq < this.#seq) return;
    const news = items.filter((fact) => fact.seq > this.#seq);
    this.#seq = seq;
    if (news.length > 0) this.#to.onFacts(news, seq);
  }

  #lost(seq: number): void {
    this.#seq = seq;
    this.#to.onResync(seq);
  }

  #closed(code: number): void {
    this.#socket = null;
    this.#stopWatch?.();
    if (code === SESSION_ENDED) return this.#end();
    if (!this.#hasFrame) this.#failures += 1;
    if (this.#mode === 'live') this.#become('connecting');
    if (this.#failures >= FAILURES_TO_POLL && this.#stopPoll === null) this.#poll();
    this.#reconnect(backoff(this.#to.clock, this.#failures, BACKOFF_MS, BACKOFF_MAX_MS));
  }

  #end(): void {
    this.stop();
    this.#become('ended');
    this.#to.onEnded();
  }

  #reconnect(ms: number): void {
    this.#drop();
    this.#stopRetry?.();
    this.#stopRetry = this.#to.clock.after(ms, () => this.#connect());
  }

  /** Gives the socket up when it is silent for so long: asking would take long where nothing arrives. */
  #watch(ms: number): void {
    this.#stopWatch?.();
    this.#stopWatch = this.#to.clock.after(ms, () => this.#socketFailed());
  }

  #socketFailed(): void {
    this.#drop();
    this.#closed(0);
  }

  /** Asks once what is new. A socket that did not tell of it is dead. */
  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const socket = this.#socket;
    const before = this.#seq;
    try {
      const page = await this.#to.page(before);
      if (!this.#isRunning || this.#socket !== socket) return;
      const wasSilent = page.items.some((fact) => fact.seq > this.#seq);
      const isElsewhere = page.as_of < before || page.as_of - this.#seq > SILENT_FACTS * 2;
      if (wasSilent || isElsewhere) return this.#socketFailed();
      this.#fresh('live');
      this.#watch(SILENCE_MS);
    } catch (thrown) {
      if (!this.#isRunning || this.#socket !== socket) return;
      if (toProblem(thrown).slug === 'unauthenticated') return this.#end();
      this.#socketFailed();
    } finally {
      this.#isAsking = false;
    }
  }

  #poll(): void {
    let isStopped = false;
    let stopTimer: (() => void) | null = null;
    let failures = 0;
    this.#stopPoll = () => {
      isStopped = true;
      stopTimer?.();
    };
    const round = async (): Promise<void> => {
      try {
        await this.#catchUp(() => isStopped || this.#hasFrame);
        failures = 0;
      } catch (thrown) {
        if (isStopped) return;
        const problem = toProblem(thrown);
        if (problem.slug === 'unauthenticated') return this.#end();
        failures += 1;
        if (isUnreachable(problem)) this.#become('offline');
      }
      if (isStopped) return;
      const wait = failures === 0 ? POLL_MS : backoff(this.#to.clock, failures, POLL_MS, BACKOFF_MAX_MS);
      stopTimer = this.#to.clock.after(wait, () => void round());
    };
    void round();
  }

  /** Reads pages of facts until there is no more. */
  async #catchUp(isStopped: () => boolean): Promise<void> {
    for (;;) {
      const page = await this.#to.page(this.#seq);
      if (isStopped()) return;
      this.#fresh('polling');
      if (page.as_of < this.#seq || page.as_of - this.#seq > MAX_BEHIND) return this.#lost(page.as_of);
      const isMore = page.next > this.#seq && page.next < page.as_of;
      this.#take(page.items, Math.max(page.next, this.#seq));
      if (!isMore) return;
    }
  }

  #fresh(mode: Mode): void {
    this.#freshAt = this.#to.clock.now();
    this.#mode = mode;
    this.#tell();
  }

  #become(mode: Mode): void {
    if (this.#mode === mode) return;
    this.#mode = mode;
    this.#tell();
  }

  #tell(): void {
    this.#to.onState({ mode: this.#mode, freshAt: this.#freshAt });
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #clearTimers(): void {
    this.#stopRetry?.();
    this.#stopPoll?.();
    this.#stopWatch?.();
    this.#stopRetry = this.#stopPoll = this.#stopWatch = null;
  }
}

function isUnreachable(problem: Problem): boolean {
  return problem.slug === 'offline' || problem.slug === 'timeout' || problem.status >= 500;
}

function isFacts(frame: LiveFrame | Told): frame is Extract<LiveFrame, { type: 'events' }> {
  return frame.type === 'events';
}

function isBeat(frame: LiveFrame | Told): frame is { type: 'beat'; seq: number } {
  return frame.type === 'beat' && typeof frame['seq'] === 'number';
}

function isResync(frame: LiveFrame | Told): frame is Extract<LiveFrame, { type: 'resync' }> {
  return frame.type === 'resync';
}

function readFrame(data: unknown): LiveFrame | Told | null {
  if (typeof data !== 'string') return null;
  try {
    const frame = JSON.parse(data) as Partial<Told> | null;
    return typeof frame?.type === 'string' ? (frame as LiveFrame | Told) : null;
  } catch {
    return null;
  }
}
