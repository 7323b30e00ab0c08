// What every part needs and cannot know by itself: the words of the language, and what time it is.
import { createContext } from 'svelte';

export interface Words {
  readonly close: string;
  readonly dismiss: string;
  readonly cancel: string;
  readonly copy: string;
  readonly copied: string;
  readonly loading: string;
  readonly retry: string;
  readonly clear: string;
  readonly noResults: string;
  readonly choose: string;
  readonly remove: string;
  readonly notifications: string;
  readonly resize: string;
  readonly then: string;
  readonly or: string;
}

export interface Setting {
  readonly words: Words;
  /** The time now; whoever reads it in a component is drawn again as it passes. */
  readonly now: Date;
  relative(at: Date): string;
  full(at: Date): string;
}

const [setting, setSetting] = createContext<Setting>();

/** Where floating parts go: inside the open dialog, for what is outside a modal dialog cannot be reached. */
const [floor, setFloor] = createContext<() => HTMLElement | undefined>();

export { floor, setFloor, setting, setSetting };
