// The windows of the app in one browser, as one: which of them speaks for all, and whether somebody looks at any.
// Locks of the browser end with the window that holds them, however it ends.

const FIRST = 'centrala-first';
const LOOKED_AT = 'centrala-looked-at';

export class Windows {
  #isFirst = false;
  readonly #locks: LockManager | undefined;

  /** Without locks (plain http) each window is the first; there are no notifications either. */
  constructor(locks: LockManager | undefined = navigator.locks) {
    this.#locks = locks;
    if (locks === undefined) {
      this.#isFirst = true;
      return;
    }
    // Whoever waits longest follows when the first one is closed.
    void locks.request(FIRST, () => {
      this.#isFirst = true;
      return new Promise(() => undefined);
    });
    this.#watch(locks);
  }

  /** Whether this window speaks for all. */
  get isFirst(): boolean {
    return this.#isFirst;
  }

  async isLookedAt(): Promise<boolean> {
    if (this.#locks === undefined) return isSeen();
    const { held = [] } = await this.#locks.query();
    return held.some(({ name }) => name === LOOKED_AT);
  }

  #watch(locks: LockManager): void {
    let release: (() => void) | undefined;
    const look = (): void => {
      if (!isSeen()) {
        release?.();
        release = undefined;
      } else if (release === undefined) {
        const until = new Promise<void>((resolve) => (release = resolve));
        void locks.request(LOOKED_AT, { mode: 'shared' }, () => until);
      }
    };
    addEventListener('focus', look);
    addEventListener('blur', look);
    document.addEventListener('visibilitychange', look);
    look();
  }
}

function isSeen(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}
