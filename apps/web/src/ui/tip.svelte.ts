// When a tooltip shows, and for which element. One for the whole page: whatever carries `data-tip` has one, and costs
// nothing for it until somebody points at it or comes to it by keyboard.
//
// WCAG 2.2, 1.4.13: Escape sends it away, the pointer may move onto it, and it stays until the pointer or the focus
// leaves. Escape still reaches what lies below: it closes a dialog at once.

/** Milliseconds of pointing before the first one. */
export const WAIT = 500;
/** For so long after one the next comes at once. */
export const SOON = 300;
/** For so long it bears the pointer between its element and itself. */
export const GRACE = 120;

export class Tip {
  /** What it is shown for. */
  anchor = $state.raw<HTMLElement | null>(null);
  #pointed: HTMLElement | null = null;
  /** Pressed: nothing more to say until the pointer has left. */
  #done: HTMLElement | null = null;
  #goneAt = -SOON;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #now: () => number;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** The pointer is over `target`; `isOnTip` where that is the tooltip itself. */
  point(target: Element | null, isOnTip = false): void {
    const found = isOnTip ? this.anchor : withTip(target);
    if (found === this.#pointed) return;
    this.#pointed = found;
    clearTimeout(this.#timer);
    if (found === null) {
      this.#done = null;
      if (this.anchor !== null) this.#timer = setTimeout(() => this.hide(), GRACE);
    } else if (found !== this.anchor && found !== this.#done) {
      const wait = this.anchor !== null || this.#now() - this.#goneAt < SOON ? 0 : WAIT;
      this.#timer = setTimeout(() => this.#show(found), wait);
    }
  }

  /** The focus came to `target` by keyboard. */
  focus(target: Element | null): void {
    const found = withTip(target);
    if (found === null) this.hide();
    else this.#show(found);
  }

  /** It was pressed, or a menu opened from it. */
  press(): void {
    this.#done = this.#pointed;
    this.hide();
  }

  hide(): void {
    clearTimeout(this.#timer);
    if (this.anchor === null) return;
    this.anchor = null;
    this.#goneAt = this.#now();
  }

  #show(on: HTMLElement): void {
    clearTimeout(this.#timer);
    // While it has something open, a tooltip would lie over that.
    if (on.isConnected && on.ariaExpanded !== 'true') this.anchor = on;
  }
}

function withTip(target: Element | null): HTMLElement | null {
  return target?.closest<HTMLElement>('[data-tip]') ?? null;
}
