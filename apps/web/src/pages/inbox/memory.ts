// What this computer remembers of the inbox: widths, the panel, and which conversation was open in each view.

import type { View } from '$features/list/views';
import type { Storage } from '$shell/shell';

interface Kept {
  readonly list: number;
  readonly panel: number;
  readonly isPanelOpen: boolean;
}

const KEY = 'inbox';
const USUAL: Kept = { list: 360, panel: 300, isPanelOpen: true };

export class Memory {
  readonly #storage: Storage;
  #kept: Kept;
  /** For as long as the page lives: tomorrow's work begins somewhere else. */
  readonly #last = new Map<View, string>();

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
    return this.#last.get(view);
  }

  remember(view: View, conversation: string | undefined): void {
    if (conversation === undefined) this.#last.delete(view);
    else this.#last.set(view, conversation);
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
    };
  } catch {
    return USUAL;
  }
}
