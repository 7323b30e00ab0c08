// The one list of what can be done: it feeds the key handler, the palette, tooltips, the cheat sheet and the settings.
// It knows no command by itself; whoever can do something registers it and takes it back when it goes.
import { createContext, untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Icon } from '$ui/icon';
import {
  detectPlatform,
  isCharacterKey,
  matches,
  parse,
  samePress,
  type Platform,
  type Press,
} from '$ui/keyboard/keys';

export const PRESETS = ['centrala', 'whatsapp', 'gmail'] as const;
export type Preset = (typeof PRESETS)[number];

/** Bindings of one preset; where a Mac needs others, both are said. */
export type Keys = readonly string[] | { readonly mac: readonly string[]; readonly other: readonly string[] };

export interface Command {
  readonly id: string;
  readonly title: () => string;
  /** The heading under which the cheat sheet and the settings list it. */
  readonly group?: () => string;
  readonly icon?: Icon;
  /** More words by which the palette finds it. */
  readonly keywords?: () => string;
  /** Default keys; `presets` names what another preset does differently. */
  readonly keys?: Keys;
  readonly presets?: Partial<Record<Preset, Keys>>;
  /** Keys of a scope count only while something has entered it. `app` is always entered. */
  readonly scope?: string;
  /** Whether it makes sense now; when not, its keys are free for others and the palette hides it. */
  readonly when?: () => boolean;
  /** Not offered by the palette: moving in a list, for instance. */
  readonly keysOnly?: boolean;
  /** Where keys count although the person is writing; the scope's rule when absent. */
  readonly whileWriting?: WhileWriting;
  readonly run: () => void;
}

/** Which keys still count in a field: none, those with Ctrl, Alt or Cmd and Escape, or all. */
export type WhileWriting = 'never' | 'modified' | 'always';

export interface KeyboardSettings {
  readonly preset: Preset;
  readonly characterKeys: boolean;
  readonly bindings: Readonly<Record<string, readonly string[]>>;
}

export interface Conflict {
  readonly command: Command;
  readonly binding: string;
}

export interface Imported {
  readonly settings: KeyboardSettings;
  /** Ids whose bindings could not be read; they keep their defaults. */
  readonly unreadable: readonly string[];
}

const DEFAULTS: KeyboardSettings = { preset: 'centrala', characterKeys: true, bindings: {} };
const SEQUENCE_MS = 1_000;

export class KeyboardRegistry {
  readonly platform: Platform;
  readonly #commands = new SvelteMap<string, Command>();
  readonly #scopes = new SvelteMap<string, number>();
  readonly #rules: ReadonlyMap<string, WhileWriting>;
  readonly #save: (settings: KeyboardSettings) => void;
  #settings = $state.raw<KeyboardSettings>(DEFAULTS);
  #pressed: KeyboardEvent[] = [];
  #lastAt = 0;

  readonly #bound = $derived.by(() =>
    [...this.#commands.values()].map((command) => ({ command, sequences: this.#sequences(this.keysOf(command)) })),
  );

  constructor(options: {
    platform?: Platform;
    settings?: KeyboardSettings;
    scopes?: Readonly<Record<string, WhileWriting>>;
    save?: (settings: KeyboardSettings) => void;
  }) {
    this.platform = options.platform ?? detectPlatform();
    this.#rules = new Map(Object.entries({ app: 'modified', ...options.scopes }));
    this.#save = options.save ?? (() => undefined);
    if (options.settings) this.#settings = options.settings;
  }

  get settings(): KeyboardSettings {
    return this.#settings;
  }

  set settings(settings: KeyboardSettings) {
    this.#settings = settings;
    this.#save(settings);
  }

  get commands(): readonly Command[] {
    return [...this.#commands.values()];
  }

  /** What makes sense at this moment, for the palette. */
  get offered(): readonly Command[] {
    return this.commands.filter((command) => !command.keysOnly && this.#active(command));
  }

  /** Adds commands; the answer takes them back: `$effect(() => registry.register(...))` in a component. */
  register(...commands: readonly Command[]): () => void {
    // An effect that registers does not depend on what is registered, or it would run itself for ever.
    untrack(() => {
      for (const command of commands) {
        if (this.#commands.has(command.id)) throw new Error(`two commands are called ${command.id}`);
        this.#commands.set(command.id, command);
      }
    });
    return () => {
      for (const command of commands) this.#commands.delete(command.id);
    };
  }

  /** Makes the keys of a scope count until the answer is called. */
  enter(scope: string): () => void {
    const add = (step: number): void =>
      untrack(() => void this.#scopes.set(scope, (this.#scopes.get(scope) ?? 0) + step));
    add(1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      add(-1);
    };
  }

  run(id: string): void {
    const command = this.#commands.get(id);
    if (command && this.#active(command)) command.run();
  }

  /** The bindings of a command as chosen by the person, the preset, or the command itself. */
  keys(id: string): readonly string[] {
    const command = this.#commands.get(id);
    return command ? this.keysOf(command) : [];
  }

  keysOf(command: Command): readonly string[] {
    const keys = this.#settings.bindings[command.id] ?? command.presets?.[this.#settings.preset] ?? command.keys ?? [];
    const here = 'mac' in keys ? keys[this.platform] : keys;
    if (this.#settings.characterKeys) return here;
    return here.filter((binding) => !(parse(binding, this.platform) ?? []).some(isCharacterKey));
  }

  /** Commands that would answer to the same presses, or whose first presses these are. */
  conflicts(id: string, binding: string): readonly Conflict[] {
    const own = this.#commands.get(id);
    const wanted = parse(binding, this.platform);
    if (!own || !wanted) return [];
    return this.commands
      .filter((other) => other.id !== id && meet(own, other))
      .flatMap((other) =>
        this.keysOf(other)
          .filter((taken) => overlap(wanted, parse(taken, this.platform) ?? []))
          .map((taken) => ({ command: other, binding: taken })),
      );
  }

  /** Gives a command other keys. Returns what stands in the way instead of taking keys from another command. */
  remap(id: string, bindings: readonly string[]): readonly Conflict[] {
    const conflicts = bindings.flatMap((binding) => this.conflicts(id, binding));
    if (conflicts.length === 0) {
      this.settings = { ...this.#settings, bindings: { ...this.#settings.bindings, [id]: bindings } };
    }
    return conflicts;
  }

  /** Back to the keys of the preset: one command, or all of them. */
  reset(id?: string): void {
    const kept = Object.entries(this.#settings.bindings).filter(([name]) => id !== undefined && name !== id);
    this.settings = { ...this.#settings, bindings: Object.fromEntries(kept) };
  }

  export(): string {
    return JSON.stringify({ version: 1, ...this.#settings }, undefined, 2);
  }

  /** Reads an exported file. Undefined when it is none; it changes nothing until assigned to `settings`. */
  import(text: string): Imported | undefined {
    const file = readObject(text);
    const preset = PRESETS.find((name) => name === file?.['preset']);
    if (file?.['version'] !== 1 || !preset) return undefined;
    const bindings: Record<string, readonly string[]> = {};
    const unreadable: string[] = [];
    for (const [id, keys] of Object.entries(isRecord(file['bindings']) ? file['bindings'] : {})) {
      const readable = Array.isArray(keys) && keys.every((key) => typeof key === 'string' && parse(key, this.platform));
      if (readable) bindings[id] = keys.map(String);
      else unreadable.push(id);
    }
    return { settings: { preset, characterKeys: file['characterKeys'] !== false, bindings }, unreadable };
  }

  /** The handler for `keydown` on the window. */
  readonly handle = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || event.getModifierState('AltGraph')) return;
    if (['Control', 'Alt', 'Shift', 'Meta'].includes(event.key)) return;
    if (event.timeStamp - this.#lastAt > SEQUENCE_MS) this.#pressed = [];
    this.#lastAt = event.timeStamp;
    this.#pressed = [...this.#pressed, event];

    const found = this.#find(event) ?? this.#afresh(event);
    if (!found) return;
    event.preventDefault();
    if (found === 'waiting') return;
    this.#pressed = [];
    found.run();
  };

  /** A press that continues no sequence may still be the start of one. */
  #afresh(event: KeyboardEvent): Command | 'waiting' | undefined {
    this.#pressed = [event];
    const found = this.#find(event);
    if (!found) this.#pressed = [];
    return found;
  }

  #find(event: KeyboardEvent): Command | 'waiting' | undefined {
    const modal = document.querySelector('dialog:modal') !== null;
    const writing = isWriting(event.target);
    let waiting = false;
    for (const { command, sequences } of this.#bound) {
      if (modal && command.scope !== 'dialog') continue;
      if (!this.#active(command) || (writing && !this.#whileWriting(command, event))) continue;
      for (const sequence of sequences) {
        const soFar = sequence.slice(0, this.#pressed.length);
        const fits = soFar.length === this.#pressed.length && soFar.every((press, at) => fit(this.#pressed[at], press));
        if (fits && sequence.length === this.#pressed.length) return command;
        if (fits) waiting = true;
      }
    }
    return waiting ? 'waiting' : undefined;
  }

  #sequences(bindings: readonly string[]): readonly (readonly Press[])[] {
    return bindings.map((binding) => parse(binding, this.platform)).filter((sequence) => sequence !== undefined);
  }

  #active(command: Command): boolean {
    const scope = command.scope ?? 'app';
    const entered = scope === 'app' || (this.#scopes.get(scope) ?? 0) > 0;
    return entered && (command.when?.() ?? true);
  }

  #whileWriting(command: Command, event: KeyboardEvent): boolean {
    const rule = command.whileWriting ?? this.#rules.get(command.scope ?? 'app') ?? 'never';
    if (rule === 'modified') return event.ctrlKey || event.metaKey || event.altKey || event.key === 'Escape';
    return rule === 'always';
  }
}

function fit(event: KeyboardEvent | undefined, press: Press): boolean {
  return event !== undefined && matches(event, press);
}

function meet(one: Command, other: Command): boolean {
  const [first, second] = [one.scope ?? 'app', other.scope ?? 'app'];
  return first === second || first === 'app' || second === 'app';
}

function overlap(one: readonly Press[], other: readonly Press[]): boolean {
  const shared = Math.min(one.length, other.length);
  return (
    shared > 0 && one.slice(0, shared).every((press, at) => other[at] !== undefined && samePress(press, other[at]))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Fields, and open menus and lists in which letters look for an item. */
function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  if (target instanceof HTMLElement && target.isContentEditable) return true;
  const field = target.closest(
    'input, textarea, select, [contenteditable], [role="menu"], [aria-haspopup][aria-expanded="true"]',
  );
  return (
    field !== null && !(field instanceof HTMLInputElement && /^(checkbox|radio|button|submit|range)$/.test(field.type))
  );
}

const [keyboard, setKeyboard] = createContext<KeyboardRegistry>();
export { keyboard, setKeyboard };
