// What this computer remembers of the inbox: widths, the panel, and which conversation was open in each view.

import type { View } from '$features/list/views';
import type { Storage } from '$shell/shell';

interface Kept {
  readonly list: number;
  readonly panel: number;
  readonly isPanelOpen: boolean;
  /** Which conversation was open in each view. */
  readonly open: Readonly<Partial<Record<View, string>>>;
  /** When that was, in milliseconds. */
  readonly openAt: number;
}

const KEY = 'inbox';
const USUAL: Kept = { list: 360, panel: 300, isPanelOpen: true, open: {}, openAt: 0 };
/** Tomorrow's work begins somewhere else. */
const A_SHIFT_MS = 12 * 3_600_000;

export class Memory {
  readonly #storage: Storage;
  #kept = $state.raw<Kept>(USUAL);

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#kept = read(storage.get(KEY));
  }

  get sizes(): { list: number; panel: number } {
    return { list: this.#kept.list, panel: this.#kept.panel };
  }

  set sizes({ list, panel }: { list: number; panel: number }) {
    this.#keep({ list, panel });
  }

  get panel(): boolean {
    return this.#kept.isPanelOpen;
  }

  set panel(isPanelOpen: boolean) {
    this.#keep({ isPanelOpen });
  }

  last(view: View): string | undefined {
    return this.#kept.open[view];
  }

  remember(view: View, conversation: string | undefined): void {
    if (this.#kept.open[view] === conversation) return;
    this.#keep({ open: { ...this.#kept.open, [view]: conversation }, openAt: Date.now() });
  }

  #keep(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    this.#storage.set(KEY, JSON.stringify(this.#kept));
  }
}

function read(text: string | undefined): Kept {
  try {
    const kept = JSON.parse(text ?? '{}') as Partial<Record<keyof Kept, unknown>>;
    return {
      list: typeof kept.list === 'number' ? kept.list : USUAL.list,
      panel: typeof kept.panel === 'number' ? kept.panel : USUAL.panel,
      isPanelOpen: kept.isPanelOpen !== false,
      ...opened(kept.open, kept.openAt),
    };
  } catch {
    return USUAL;
  }
}

function opened(open: unknown, at: unknown): Pick<Kept, 'open' | 'openAt'> {
  const isRecent = typeof at === 'number' && Date.now() - at < A_SHIFT_MS;
  if (!isRecent || typeof open !== 'object' || open === null) return { open: {}, openAt: 0 };
  const kept = Object.entries(open).filter((one): one is [View, string] => typeof one[1] === 'string');
  return { open: Object.fromEntries(kept), openAt: at };
}
