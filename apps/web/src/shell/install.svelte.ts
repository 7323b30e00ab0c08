// Becoming an app of its own: where the browser offers it by itself, and where a person must do it by hand.

/** `by_hand` where only the browser's own menu can: Safari on iPhones and iPads. */
export type Installable = 'offered' | 'by_hand' | 'installed' | 'impossible';

/** Chromium's own event (https://developer.mozilla.org/docs/Web/API/BeforeInstallPromptEvent). */
interface Offer extends Event {
  prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

export class Install {
  #offer = $state.raw<Offer | undefined>(undefined);
  #isInstalled = $state(isAppWindow());

  /** Must be made early: the browser offers once, when the page was loaded. */
  constructor() {
    addEventListener('beforeinstallprompt', (event) => {
      // Our own button asks; the browser's bar would cover the list.
      event.preventDefault();
      this.#offer = event as Offer;
    });
    addEventListener('appinstalled', () => {
      this.#offer = undefined;
      this.#isInstalled = true;
    });
  }

  get state(): Installable {
    if (this.#isInstalled) return 'installed';
    if (this.#offer !== undefined) return 'offered';
    return isApplePhone() ? 'by_hand' : 'impossible';
  }

  /** Asks; only from a click or a key. An offer is good for once. */
  async ask(): Promise<void> {
    const offer = this.#offer;
    this.#offer = undefined;
    await offer?.prompt();
  }
}

function isAppWindow(): boolean {
  return (
    matchMedia('(display-mode: standalone)').matches || (navigator as { standalone?: boolean }).standalone === true
  );
}

/** iPads call themselves Macs, but no Mac has a touch screen. */
function isApplePhone(): boolean {
  const { userAgent, maxTouchPoints } = navigator;
  return /iPhone|iPad|iPod/.test(userAgent) || (userAgent.includes('Macintosh') && maxTouchPoints > 1);
}
