// The palette without its looks: a stack of levels (all, then the choices of one item), what was typed, what was found.
import { createContext, untrack } from 'svelte';
import { score } from '$ui/fold';
import type { Icon } from '$ui/icon';
import type { Command, KeyboardRegistry } from '$ui/keyboard/registry.svelte';

export interface PaletteItem {
  /** Stable over time: what was used lately is remembered by it. */
  readonly id: string;
  readonly title: string;
  readonly detail?: string;
  readonly icon?: Icon;
  readonly keywords?: string;
  readonly keys?: string | undefined;
  /** Does it and closes the palette, or opens a next level: assign -> person. */
  readonly run: (() => void) | PaletteLevel;
}

export interface PaletteLevel {
  /** Shown in front of the field. */
  readonly title: string;
  readonly placeholder?: string;
  readonly providers: readonly PaletteProvider[];
}

export interface PaletteProvider {
  readonly id: string;
  /** The heading over its items. */
  readonly title: () => string;
  /** Everything it has, to be sorted here; or, with `searches`, what it found itself, in its own order. */
  readonly items: (query: string, stop: AbortSignal) => readonly PaletteItem[] | Promise<readonly PaletteItem[]>;
  readonly searches?: boolean;
}

export interface PaletteGroup {
  readonly id: string;
  readonly title: string;
  readonly items: readonly PaletteItem[];
}

export interface PaletteWords {
  readonly title: string;
  readonly placeholder: string;
  readonly recent: string;
  readonly commands: string;
}

const RECENT_MOST = 8;
const GROUP_MOST = 30;

export class Palette {
  readonly #registry: KeyboardRegistry;
  readonly #words: () => PaletteWords;
  readonly #save: (recent: readonly string[]) => void;
  #providers = $state.raw<readonly PaletteProvider[]>([]);
  #levels = $state.raw<readonly PaletteLevel[]>([]);
  #query = $state('');
  #groups = $state.raw<readonly PaletteGroup[]>([]);
  #recent = $state.raw<readonly string[]>([]);
  #active = $state(0);
  #open = $state(false);
  #awaited = $state(0);
  #failed = $state(false);
  #stop = new AbortController();

  constructor(options: {
    registry: KeyboardRegistry;
    words: () => PaletteWords;
    recent?: readonly string[];
    save?: (recent: readonly string[]) => void;
  }) {
    this.#registry = options.registry;
    this.#words = options.words;
    this.#recent = options.recent ?? [];
    this.#save = options.save ?? (() => undefined);
  }

  readonly #items = $derived(this.#groups.flatMap((group) => group.items));

  get open(): boolean {
    return this.#open;
  }
  get query(): string {
    return this.#query;
  }
  get groups(): readonly PaletteGroup[] {
    return this.#groups;
  }
  get count(): number {
    return this.#items.length;
  }
  /** Whether some source has not answered yet. */
  get isSearching(): boolean {
    return this.#awaited > 0;
  }
  /** Whether some source could not answer; what the others found is there. */
  get hasFailed(): boolean {
    return this.#failed;
  }
  get active(): PaletteItem | undefined {
    return this.#items[this.#active];
  }
  /** The titles of the levels below the first. */
  get path(): readonly string[] {
    return this.#levels.map((level) => level.title);
  }
  get placeholder(): string {
    return this.#levels.at(-1)?.placeholder ?? this.#words().placeholder;
  }

  /** Adds a source of items to the first level; the answer takes it back. */
  provide(provider: PaletteProvider): () => void {
    // An effect that provides does not depend on what is provided.
    this.#providers = [...untrack(() => this.#providers), provider];
    return () => {
      this.#providers = this.#providers.filter((each) => each !== provider);
    };
  }

  /** Opens with everything, or straight with one level: what a command with choices does. */
  show(level?: PaletteLevel): void {
    this.#levels = level ? [level] : [];
    this.#open = true;
    this.search('');
  }

  close(): void {
    this.#stop.abort();
    this.#awaited = 0;
    this.#open = false;
  }

  /** One level up; closes from the first. */
  back(): void {
    if (this.#levels.length === 0) return this.close();
    this.#levels = this.#levels.slice(0, -1);
    this.search('');
  }

  search(query: string): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#query = query;
    this.#active = 0;
    this.#groups = [];
    this.#awaited = 0;
    this.#failed = false;
    const level = this.#levels.at(-1);
    const own: PaletteProvider = { id: 'commands', title: () => this.#words().commands, items: () => this.#commands() };
    const providers = level?.providers ?? [own, ...this.#providers];
    const found = new Map<string, PaletteGroup>();
    for (const provider of providers) {
      const items = provider.items(query, this.#stop.signal);
      if (items instanceof Promise) void this.#later(provider, items, this.#stop.signal, found, providers);
      else this.#put(provider, items, found, providers);
    }
  }

  move(step: number): void {
    const count = this.#items.length;
    if (count > 0) this.#active = (this.#active + step + count) % count;
  }

  point(item: PaletteItem): void {
    this.#active = Math.max(0, this.#items.indexOf(item));
  }

  choose(item = this.active): void {
    if (!item) return;
    if (this.#levels.length === 0) {
      this.#recent = [item.id, ...this.#recent.filter((id) => id !== item.id)].slice(0, RECENT_MOST);
      this.#save(this.#recent);
    }
    if (typeof item.run === 'function') {
      this.close();
      item.run();
    } else {
      this.#levels = [...this.#levels, item.run];
      this.search('');
    }
  }

  async #later(
    provider: PaletteProvider,
    promise: Promise<readonly PaletteItem[]>,
    stop: AbortSignal,
    found: Map<string, PaletteGroup>,
    providers: readonly PaletteProvider[],
  ): Promise<void> {
    this.#awaited += 1;
    let items: readonly PaletteItem[] = [];
    let failed = false;
    try {
      items = await promise;
    } catch {
      // A source that fails has nothing to offer; the others still do.
      failed = true;
    }
    if (stop.aborted) return;
    this.#awaited -= 1;
    this.#failed ||= failed;
    this.#put(provider, items, found, providers);
  }

  #put(
    provider: PaletteProvider,
    items: readonly PaletteItem[],
    found: Map<string, PaletteGroup>,
    providers: readonly PaletteProvider[],
  ): void {
    const kept = this.active;
    const sorted = provider.searches ? items : best(items, this.#query);
    found.set(provider.id, { id: provider.id, title: provider.title(), items: sorted.slice(0, GROUP_MOST) });
    const groups = providers.flatMap(({ id }) => found.get(id) ?? []);
    this.#groups = this.#ordered(groups, providers).filter((group) => group.items.length > 0);
    // What comes late must not slip under the finger that is about to press Enter.
    if (kept && this.#active > 0) this.point(kept);
  }

  /** A level has an order of its own. Above them: what was used lately, or the group with the best answer. */
  #ordered(groups: readonly PaletteGroup[], providers: readonly PaletteProvider[]): readonly PaletteGroup[] {
    if (this.#levels.length > 0) return groups;
    if (this.#query.trim() === '') return this.#recentFirst(groups);
    const searching = new Set(providers.filter(({ searches }) => searches).map(({ id }) => id));
    return bestFirst(groups, this.#query, searching);
  }

  #recentFirst(groups: readonly PaletteGroup[]): readonly PaletteGroup[] {
    const all = groups.flatMap((group) => group.items);
    const items = this.#recent.flatMap((id) => all.find((item) => item.id === id) ?? []);
    const rest = groups.map((group) => ({ ...group, items: group.items.filter((item) => !items.includes(item)) }));
    return [{ id: 'recent', title: this.#words().recent, items }, ...rest];
  }

  #commands(): readonly PaletteItem[] {
    return this.#registry.offered.map((command) => this.#item(command));
  }

  #item(command: Command): PaletteItem {
    return {
      id: command.id,
      title: command.title(),
      ...(command.group && { detail: command.group() }),
      ...(command.icon && { icon: command.icon }),
      ...(command.keywords && { keywords: command.keywords() }),
      keys: this.#registry.keysOf(command)[0],
      run: () => command.run(),
    };
  }
}

function pointsOf(item: PaletteItem | undefined, query: string): number {
  if (item === undefined) return 0;
  const aside = Math.min(2, score(`${item.detail ?? ''} ${item.keywords ?? ''}`, query));
  return Math.max(score(item.title, query), aside);
}

/** The group with what answers best is on top. Those that search come when they come: nothing moves below them. */
function bestFirst(
  groups: readonly PaletteGroup[],
  query: string,
  searching: ReadonlySet<string>,
): readonly PaletteGroup[] {
  const points = ({ id, items }: PaletteGroup): number => (searching.has(id) ? 0 : pointsOf(items[0], query));
  return [...groups].sort((one, other) => points(other) - points(one));
}

function best(items: readonly PaletteItem[], query: string): readonly PaletteItem[] {
  return items
    .map((item, at) => ({ item, at, points: query.trim() === '' ? 4 : pointsOf(item, query) }))
    .filter(({ points }) => points > 0)
    .sort((one, other) => other.points - one.points || one.at - other.at)
    .map(({ item }) => item);
}

const [palette, setPalette] = createContext<Palette>();
export { palette, setPalette };
