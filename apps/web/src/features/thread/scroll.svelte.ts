// Where the thread is scrolled to, and which of its lines exist. Browsers differ in keeping the view still while things
// grow above it (one has no anchoring at all), so it is done here: what was at the top of the view stays there, and the
// end stays the end.

import type { Attachment } from 'svelte/attachments';
import type { Line } from './grouping';
import { drawnOf, guessHeight, isFirm, lineIn, sliceAt, withMarks, type Drawn, type Slice } from './slice';

/** So near to the end counts as being there. */
const NEAR = 48;
/** So near to the top or the bottom, more messages are asked for. */
const SOON = 800;
/** So few pixels are left of what exists: more is put there. */
const SHORT = 350;
/** So many exist out of sight: some are taken away. */
const LONG = 2_500;
/** Lines of the first paint. */
const FIRST = 30;

/** By keys, because lines come above and below. None: what the first paint shows, or everything to the end. */
interface Span {
  readonly first: string | null;
  readonly last: string | null;
}

export interface ScrollOptions {
  lines: () => readonly Line[];
  /** Keys of lines that stay on the page wherever one scrolls. */
  kept: () => readonly string[];
  /** The last line is not the newest. */
  hasNewer: () => boolean;
  /** The top came near, or the bottom. */
  onTop: () => void;
  onBottom: () => void;
  /** What is at the top of the view now; none at the end. */
  onReading: (at: number | null) => void;
}

export class Scroll {
  isAtEnd = $state(true);
  /** The line over what nobody has read is further up, and was not seen. */
  isUnreadAbove = $state(false);
  readonly #to: ScrollOptions;
  #span = $state.raw<Span>({ first: null, last: null });
  readonly places: ReadonlyMap<string, number> = $derived.by(
    () => new Map(this.#to.lines().map((line, at) => [line.key, at])),
  );
  readonly #slice: Slice = $derived.by(() => {
    const lines = this.#to.lines();
    const { first, last } = this.#span;
    const end = (last === null ? undefined : this.places.get(last)) ?? lines.length - 1;
    const begin = (first === null ? undefined : this.places.get(first)) ?? end + 1 - FIRST;
    return withMarks(lines, { from: Math.max(0, Math.min(begin, end)), to: end + 1 });
  });
  /** Places of kept lines elsewhere, as text: while they stay the same, nothing is drawn anew. */
  readonly #elsewhere: string = $derived.by(() => {
    const { from, to } = this.#slice;
    const places = this.#to.kept().map((key) => this.places.get(key) ?? -1);
    return places.filter((at) => at >= 0 && (at < from || at >= to)).join(' ');
  });
  /** What exists on the page, in order. */
  readonly drawn: readonly Drawn[] = $derived.by(() => {
    const kept = this.#elsewhere.split(' ').filter(Boolean).map(Number);
    return drawnOf(this.#to.lines(), this.#slice, kept, this.#heightOf);
  });
  readonly #heights = new WeakMap<object, number>();
  /** What of it is on the page already. */
  #shown: readonly Drawn[] = [];
  #box: HTMLElement | null = null;
  #anchor: { key: string; top: number } | null = null;
  #isStarted = false;
  /** Somebody scrolled: until then nothing more is fetched than fills the view. */
  #isMoved = false;
  #wrote = 0;
  #isUnreadSeen = false;

  constructor(options: ScrollOptions) {
    this.#to = options;
  }

  readonly attach: Attachment<HTMLElement> = (box) => {
    this.#box = box;
    const keeping = new ResizeObserver(() => this.settle());
    keeping.observe(box);
    const lines = this.#list();
    if (lines) keeping.observe(lines);
    box.addEventListener('scroll', this.scrolled, { passive: true });
    return () => {
      keeping.disconnect();
      box.removeEventListener('scroll', this.scrolled);
      this.#box = null;
    };
  };

  /** Goes to where reading begins: the line with that key, or the end. */
  start(key: string | null): void {
    this.#isStarted = true;
    this.#isUnreadSeen = false;
    if (key === null || !this.places.has(key)) return this.toEnd();
    this.#show(key, (line, box) => line.offsetTop - box.clientHeight / 4);
  }

  toEnd(): void {
    this.#anchor = null;
    this.isAtEnd = true;
    this.#span = { first: null, last: null };
    this.settle();
  }

  /** Shows a line in the middle and puts the keyboard on it; call it again when the page has drawn. */
  show(key: string): void {
    this.#isStarted = true;
    this.#show(key, (line, box) => line.offsetTop - Math.max(0, (box.clientHeight - line.offsetHeight) / 2));
    this.element(key)?.focus({ preventScroll: true });
  }

  /** Puts a line on the page, and in sight, when it is not on the page. */
  reach(key: string): void {
    if (this.element(key) === null) this.#show(key, (line) => line.offsetTop);
  }

  /** Somebody, or the focus, has scrolled. */
  readonly scrolled = (): void => {
    const box = this.#box;
    // Where it was put: nobody has moved, also when something grew below meanwhile.
    if (!box || Math.abs(box.scrollTop - this.#wrote) <= 1) return this.settle();
    this.#isMoved = true;
    this.#look();
  };

  element(key: string): HTMLElement | null {
    return this.#box?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`) ?? null;
  }

  /** What is drawn is on the page now, and not painted yet. */
  arrived(): void {
    this.#shown = this.drawn;
    this.settle();
  }

  /** Something grew, shrank or was put in: before it is painted, the view goes back to what it showed. */
  settle(): void {
    const box = this.#box;
    if (!box || !this.#isStarted || this.#shown !== this.drawn) return;
    if (this.isAtEnd && !this.#to.hasNewer()) this.#write(box.scrollHeight);
    else if (this.#anchor) {
      const line = this.element(this.#anchor.key);
      if (line) {
        const off = line.offsetTop - box.scrollTop - this.#anchor.top;
        if (Math.abs(off) >= 1) this.#write(box.scrollTop + off);
      }
    }
    this.#look();
  }

  /** Whether what is missing is below. */
  get isNearEnd(): boolean {
    const box = this.#box;
    return box !== null && box.scrollHeight - box.scrollTop - box.clientHeight < SOON;
  }

  /** The unread line was put somewhere else. */
  renew(): void {
    this.#isUnreadSeen = false;
  }

  readonly #heightOf = (line: Line): number => this.#heights.get(thingOf(line)) ?? guessHeight(line);

  #list(): HTMLElement | null {
    return this.#box?.querySelector<HTMLElement>('[data-lines]') ?? null;
  }

  #write(top: number): void {
    const box = this.#box;
    if (!box) return;
    box.scrollTop = top;
    this.#wrote = box.scrollTop;
  }

  /** Scrolls to where `place` says; a line that does not exist is put near there first. */
  #show(key: string, place: (line: HTMLElement, box: HTMLElement) => number): void {
    this.isAtEnd = false;
    const box = this.#box;
    const line = this.element(key);
    const at = this.places.get(key);
    if (box === null || at === undefined) return;
    if (line === null) {
      this.#anchor = { key, top: box.clientHeight / 4 };
      return this.#aim(at);
    }
    this.#write(place(line, box));
    this.#anchor = { key, top: line.offsetTop - box.scrollTop };
    this.#look();
  }

  #look(): void {
    const box = this.#box;
    if (!box || !this.#isStarted || this.#shown !== this.drawn) return;
    const { scrollTop, scrollHeight, clientHeight } = box;
    const left = scrollHeight - scrollTop - clientHeight;
    const isLast = this.#slice.to >= this.#to.lines().length;
    this.isAtEnd = left < NEAR && isLast && !this.#to.hasNewer();
    const seen = this.#atTop(box);
    if (seen !== null && seen.key !== undefined) this.#hold(box);
    this.#watchUnread(seen?.at ?? null);
    this.#to.onReading(this.isAtEnd || seen === null ? null : seen.at);
    if (seen !== null && this.#isAstray(box, seen.key === undefined)) this.#aim(seen.at);
    const isFull = scrollHeight > clientHeight + 1;
    if (this.#isMoved ? scrollTop < SOON : !isFull) this.#to.onTop();
    if (left < SOON && this.#to.hasNewer()) this.#to.onBottom();
  }

  /** Remembers where the first line in sight is that stays itself, whatever comes above it. */
  #hold(box: HTMLElement): void {
    const children = this.#list()?.children ?? [];
    for (const [n, one] of this.#shown.entries()) {
      const child = children[n];
      if (one.type !== 'line' || !isFirm(one.line) || !(child instanceof HTMLElement)) continue;
      if (child.offsetTop + child.offsetHeight <= box.scrollTop) continue;
      this.#anchor = { key: one.key, top: child.offsetTop - box.scrollTop };
      return;
    }
  }

  /** Whether too little or too much exists around what is seen. */
  #isAstray(box: HTMLElement, isInGap: boolean): boolean {
    if (isInGap) return true;
    const { from, to } = this.#slice;
    const lines = this.#to.lines();
    const first = this.element(lines[from]?.key ?? '');
    const last = this.element(lines[to - 1]?.key ?? '');
    if (first === null || last === null) return false;
    const above = box.scrollTop - first.offsetTop;
    const below = last.offsetTop + last.offsetHeight - box.scrollTop - box.clientHeight;
    // What the first paint left out comes with the first movement.
    const isShort = (from > 0 && above < SHORT) || (to < lines.length && below < SHORT);
    return (isShort && (this.#isMoved || above < 0 || below < 0)) || above > LONG || below > LONG;
  }

  /** Puts on the page what somebody needs who sees that line at the top. */
  #aim(at: number): void {
    const lines = this.#to.lines();
    this.#measure();
    const { from, to } = sliceAt(lines, at, this.#box?.clientHeight ?? 0, this.#heightOf);
    const first = lines.slice(from, to).find(isFirm)?.key ?? null;
    const last = to >= lines.length ? null : (lines.slice(from, to).findLast(isFirm)?.key ?? null);
    if (first !== this.#span.first || last !== this.#span.last) this.#span = { first, last };
  }

  /** Remembers how high the lines are that exist: they may be gone soon. */
  #measure(): void {
    const list = this.#list();
    if (list === null || this.#shown !== this.drawn) return;
    const children = [...list.children] as HTMLElement[];
    const end = list.offsetTop + list.offsetHeight;
    for (const [n, one] of this.#shown.entries()) {
      const [here, next] = [children[n], children[n + 1]];
      if (one.type !== 'line' || here === undefined) continue;
      this.#heights.set(thingOf(one.line), (next?.offsetTop ?? end) - here.offsetTop);
    }
  }

  #watchUnread(top: number | null): void {
    const at = this.places.get('unread');
    if (at === undefined || top === null) {
      this.isUnreadAbove = false;
      return;
    }
    this.#isUnreadSeen ||= top <= at;
    this.isUnreadAbove = !this.#isUnreadSeen;
  }

  /** The next line that stays itself, and how far below a line it begins. */
  #firmFrom(from: number): { key: string; below: number } | null {
    const lines = this.#to.lines();
    for (let [at, below] = [from, 0]; at < lines.length; at++) {
      const line = lines[at] as Line;
      if (isFirm(line)) return { key: line.key, below };
      below += this.#heightOf(line);
    }
    return null;
  }

  /** The line at the top of the view; in a gap it has no element, hence no key. */
  #atTop(box: HTMLElement): { key: string | undefined; at: number; top: number } | null {
    const list = this.#list();
    const children = list === null ? [] : ([...list.children] as HTMLElement[]);
    let [low, high] = [0, Math.min(children.length, this.#shown.length) - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      const child = children[middle];
      if (child && child.offsetTop + child.offsetHeight <= box.scrollTop) low = middle + 1;
      else high = middle;
    }
    const [child, one] = [children[low], this.#shown[low]];
    if (child === undefined || one === undefined) return null;
    const top = child.offsetTop - box.scrollTop;
    if (one.type === 'line') return { key: one.key, at: one.at, top };
    const inside = lineIn(this.#to.lines(), one, -top, this.#heightOf);
    // What is put there will begin where the gap says.
    const firm = this.#firmFrom(inside.at);
    this.#anchor = firm === null ? null : { key: firm.key, top: top + inside.top + firm.below };
    return { key: undefined, at: inside.at, top: top + inside.top };
  }
}

/** What a line shows, which stays the same object while lines are made anew; days and gaps are guessed well. */
function thingOf(line: Line): object {
  switch (line.type) {
    case 'message':
      return line.item.message;
    case 'note':
      return line.item.note;
    case 'pending':
      return line.item.entry;
    case 'events':
      return line.events[0] ?? line;
    case 'day':
    case 'unread':
      return line;
  }
}
