// What pages and features put into the frame around them.
import { createContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { RailEntry } from '$app/nav';

export class Frame {
  /** What the rail's badges count. */
  readonly counts = new SvelteMap<RailEntry['name'], number>();
  #title = $state('');
  #count = $state(0);

  /** The name of the page in the tab; pages set it when they are drawn. */
  get title(): string {
    return this.#title;
  }
  set title(title: string) {
    this.#title = title;
  }

  /** What waits for the person, in the tab's title and on the icon. */
  get count(): number {
    return this.#count;
  }
  set count(count: number) {
    this.#count = count;
  }
}

const [frame, setFrame] = createContext<Frame>();
export { frame, setFrame };
