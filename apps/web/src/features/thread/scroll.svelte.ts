// Where the thread is scrolled to. Browsers differ in keeping the view still while things grow above it (one has no
// anchoring at all), so it is done here: what was at the top of the view stays there, and the end stays the end.

import type { Attachment } from 'svelte/attachments';

/** So near to the end counts as being there. */
const NEAR = 48;
/** So near to the top, older messages are asked for. */
const AHEAD = 800;

export class Scroll {
  isAtEnd = $state(true);
  onTop: () => void = () => undefined;
  #box: HTMLElement | null = null;
  #anchor: { key: string; top: number } | null = null;
  #started = false;

  readonly attach: Attachment<HTMLElement> = (box) => {
    this.#box = box;
    const lines = box.querySelector('[data-lines]');
    const keeping = new ResizeObserver(() => this.#keep());
    keeping.observe(box);
    if (lines) keeping.observe(lines);
    const scrolled = (): void => this.#look();
    box.addEventListener('scroll', scrolled, { passive: true });
    return () => {
      keeping.disconnect();
      box.removeEventListener('scroll', scrolled);
      this.#box = null;
    };
  };

  /** Goes to where reading begins: the line with that key, or the end. */
  start(key: string | null): void {
    this.#started = true;
    const line = key === null ? null : this.element(key);
    if (line === null || !this.#box) return this.toEnd();
    this.#box.scrollTop = line.offsetTop - this.#box.clientHeight / 4;
    this.#look();
  }

  toEnd(): void {
    if (!this.#box) return;
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#look();
  }

  show(key: string): void {
    this.element(key)?.scrollIntoView({ block: 'center' });
    this.element(key)?.focus({ preventScroll: true });
    this.#look();
  }

  element(key: string): HTMLElement | null {
    return this.#box?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`) ?? null;
  }

  #look(): void {
    const box = this.#box;
    if (!box) return;
    this.isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    this.#anchor = this.#atTop(box);
    if (this.#started && box.scrollTop < AHEAD) this.onTop();
  }

  /** Something grew, shrank or was put in: before it is painted, the view goes back to what it showed. */
  #keep(): void {
    const box = this.#box;
    if (!box) return;
    if (this.isAtEnd) box.scrollTop = box.scrollHeight;
    else if (this.#anchor) {
      const line = this.element(this.#anchor.key);
      if (line) box.scrollTop += line.offsetTop - box.scrollTop - this.#anchor.top;
    }
    this.#look();
  }

  #atTop(box: HTMLElement): { key: string; top: number } | null {
    const lines = [...box.querySelectorAll<HTMLElement>('[data-key]')];
    let [low, high] = [0, lines.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      const line = lines[middle];
      if (line && line.offsetTop + line.offsetHeight <= box.scrollTop) low = middle + 1;
      else high = middle;
    }
    const line = lines[low];
    const key = line?.dataset['key'];
    return line && key !== undefined ? { key, top: line.offsetTop - box.scrollTop } : null;
  }
}
