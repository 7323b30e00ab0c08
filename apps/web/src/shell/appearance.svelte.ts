// How it looks: written here, read by `public/appearance.js` before the first paint.
import type { Storage } from '$shell/shell';
import { createContext } from 'svelte';

export const THEMES = ['system', 'light', 'dark'] as const;
export const DENSITIES = ['compact', 'normal', 'comfortable'] as const;
export const CONTRASTS = ['system', 'normal', 'more'] as const;

export interface Look {
  readonly theme: (typeof THEMES)[number];
  readonly density: (typeof DENSITIES)[number];
  readonly contrast: (typeof CONTRASTS)[number];
}

const KEY = 'appearance';

export class Appearance {
  readonly #storage: Storage;
  #look: Look;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#look = $state.raw(read(storage.get(KEY)));
    matchMedia('(prefers-contrast: more)').addEventListener('change', () => this.#apply());
  }

  get look(): Look {
    return this.#look;
  }

  set look(look: Look) {
    this.#look = look;
    this.#storage.set(KEY, JSON.stringify(look));
    this.#apply();
  }

  #apply(): void {
    const { theme, density, contrast } = this.#look;
    const asked = contrast === 'system' && matchMedia('(prefers-contrast: more)').matches;
    mark('theme', theme === 'system' ? undefined : theme);
    mark('density', density === 'normal' ? undefined : density);
    mark('contrast', contrast === 'more' || asked ? 'more' : undefined);
  }
}

function mark(name: string, value: string | undefined): void {
  if (value === undefined) document.documentElement.removeAttribute(`data-${name}`);
  else document.documentElement.setAttribute(`data-${name}`, value);
}

function read(text: string | undefined): Look {
  let stored: Partial<Record<keyof Look, unknown>> = {};
  try {
    stored = (JSON.parse(text ?? '{}') as typeof stored | null) ?? {};
  } catch {
    stored = {};
  }
  return {
    theme: THEMES.find((name) => name === stored.theme) ?? 'system',
    density: DENSITIES.find((name) => name === stored.density) ?? 'normal',
    contrast: CONTRASTS.find((name) => name === stored.contrast) ?? 'system',
  };
}

const [appearance, setAppearance] = createContext<Appearance>();
export { appearance, setAppearance };
