import { createContext, untrack } from 'svelte';

export interface ToastAction {
  readonly label: string;
  /** The registered command or plain keys to show, e.g. `$mod+z`. */
  readonly keys?: string;
  readonly run: () => void;
}

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'neutral' | 'success' | 'danger';
  readonly action: ToastAction | undefined;
}

export interface ToastOptions {
  readonly tone?: Toast['tone'];
  readonly action?: ToastAction;
  /** How long it stays; 0 until dismissed. What has an action stays longer, and it waits while looked at. */
  readonly ms?: number;
}

interface Timed {
  left: number;
  since: number;
  timer: ReturnType<typeof setTimeout>;
}

/** At most this many at once: older ones make room. */
const MOST = 4;

export class Toasts {
  #shown = $state.raw<readonly Toast[]>([]);
  #next = 1;
  readonly #timers = new Map<number, Timed>();

  get shown(): readonly Toast[] {
    return this.#shown;
  }

  show(text: string, { tone = 'neutral', action, ms = action ? 8_000 : 5_000 }: ToastOptions = {}): () => void {
    const id = this.#next++;
    const before = untrack(() => this.#shown);
    const over = Math.max(0, before.length - MOST + 1);
    for (const old of before.slice(0, over)) this.dismiss(old.id);
    this.#shown = [...before.slice(over), { id, text, tone, action }];
    if (ms > 0) this.#start(id, ms);
    return () => this.dismiss(id);
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id)?.timer);
    this.#timers.delete(id);
    this.#shown = this.#shown.filter((toast) => toast.id !== id);
  }

  act(toast: Toast): void {
    this.dismiss(toast.id);
    toast.action?.run();
  }

  /** While the pointer or the focus is on them, none goes away. */
  hold(): void {
    for (const timed of this.#timers.values()) {
      clearTimeout(timed.timer);
      timed.left = Math.max(1_000, timed.left - (Date.now() - timed.since));
    }
  }

  release(): void {
    for (const [id, timed] of [...this.#timers]) {
      clearTimeout(timed.timer);
      this.#start(id, timed.left);
    }
  }

  #start(id: number, ms: number): void {
    const timer = setTimeout(() => this.dismiss(id), ms);
    this.#timers.set(id, { left: ms, since: Date.now(), timer });
  }
}

const [toasts, setToasts] = createContext<Toasts>();
export { setToasts, toasts };
