// The one list of what can be done: it feeds the key handler, the palette, tooltips, the cheat sheet and the settings.
// It knows no command by itself; whoever can do something registers it and takes it back when it goes.
import { createContext, untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Icon } from '$ui/icon';
import {
  detectPlatform,
  flaw,
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

/** What can be known of a command while nobody is there to run it. */
export interface Description {
  readonly id: string;
  readonly title: () => string;
  /** The heading under which the cheat sheet and the settings list it. */
  readonly group?: () => string;
  /** Default keys; `presets` names what another preset does differently. */
  readonly keys?: Keys | ((settings: KeyboardSettings) => Keys);
  readonly presets?: Partial<Record<Preset, Keys>>;
  /** Keys of a scope count only while something has entered it. `app` is always entered. */
  readonly scope?: string;
  /** Commands that may have the same keys, because only one of them makes sense at a time. */
  readonly shares?: readonly string[];
  /** Whether this person could ever do it. */
  readonly isFor?: () => boolean;
  /** Keys that are shown and that nobody can choose: arrows in a list. */
  readonly fixed?: boolean;
  /** Not offered by the palette: moving in a list, for instance. */
  readonly keysOnly?: boolean;
  /** Where keys count although the person is writing; the scope's rule when absent. */
  readonly whileWriting?: WhileWriting;
}

export interface Command extends Description {
  readonly icon?: Icon;
  /** More words by which the palette finds it. */
  readonly keywords?: () => string;
  /** Whether it makes sense now; when not, its keys are free for others and the palette hides it. */
  readonly when?: () => boolean;
  readonly run: () => void;
}

/** A command of which the rest may have been described before. */
export type Registered = Partial<Command> & Pick<Command, 'id' | 'run'>;

/** Which keys still count in a field: none, those with Ctrl, Alt or Cmd and Escape, or all. */
export type WhileWriting = 'never' | 'modified' | 'always';

export interface KeyboardSettings {
  readonly preset: Preset;
  /** Whether single letters are keys at all (WCAG 2.1.4). */
  readonly single_letters: boolean;
  /** What ends a text: Enter, or Ctrl (Cmd) and Enter. */
  readonly send: 'enter' | 'mod_enter';
  /** What the person chose instead of the keys of the preset, by command. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

export interface Conflict {
  readonly command: Description;
  readonly binding: string;
}

export interface Imported {
  readonly settings: KeyboardSettings;
  /** Ids whose keys could not be read; they keep those of the preset. */
  readonly unreadable: readonly string[];
}

export const USUAL: KeyboardSettings = { preset: 'centrala', single_letters: true, send: 'enter', keys: {} };
const FORMAT = 'centrala.keyboard';
const SEQUENCE_MS = 1_000;
/** What a focused element does itself when it is pressed by keyboard. */
const PRESSED = 'a[href], button, summary, [role="button"], [role="option"], [role^="menuitem"], [role="tab"]';

export class KeyboardRegistry {
  readonly platform: Platform;
  readonly #described = new SvelteMap<string, Description>();
  readonly #commands = new SvelteMap<string, Command>();
  readonly #scopes = new SvelteMap<string, number>();
  readonly #rules: ReadonlyMap<string, WhileWriting>;
  readonly #over: ReadonlySet<string>;
  readonly #save: (settings: KeyboardSettings) => void;
  #settings = $state.raw<KeyboardSettings>(USUAL);
  #pressed: KeyboardEvent[] = [];
  #lastAt = 0;

  /** Those of scopes that come before others first. */
  readonly #bound = $derived.by(() =>
    [...this.#commands.values()]
      .filter((command) => command.fixed !== true)
      .map((command) => ({ command, sequences: this.#sequences(this.keysOf(command)) }))
      .sort((one, other) => Number(this.#isOver(other.command)) - Number(this.#isOver(one.command))),
  );

  constructor(options: {
    platform?: Platform;
    settings?: KeyboardSettings;
    scopes?: Readonly<Record<string, WhileWriting>>;
    /** Scopes whose keys come before the same keys of others: what is in focus before what is around it. */
    over?: readonly string[];
    save?: (settings: KeyboardSettings) => void;
  }) {
    this.platform = options.platform ?? detectPlatform();
    this.#rules = new Map(Object.entries({ app: 'modified', ...options.scopes }));
    this.#over = new Set(options.over);
    this.#save = options.save ?? (() => undefined);
    if (options.settings) this.#settings = options.settings;
  }

  get settings(): KeyboardSettings {
    return this.#settings;
  }

  /** What the person chose here. */
  set settings(settings: KeyboardSettings) {
    this.#settings = settings;
    this.#save(settings);
  }

  /** What was chosen before, or elsewhere: it counts at once and is not saved again. */
  adopt(settings: KeyboardSettings): void {
    this.#settings = settings;
  }

  get commands(): readonly Command[] {
    return [...this.#commands.values()];
  }

  /** Everything that has a name, whether or not it can be run on this page. */
  get all(): readonly Description[] {
    const described = [...this.#described.keys()].map((id) => this.describedBy(id));
    const others = this.commands.filter(({ id }) => !this.#described.has(id));
    return [...described, ...others].filter((one) => one !== undefined && one.isFor?.() !== false) as Description[];
  }

  /** What is known of a command. */
  describedBy(id: string): Description | undefined {
    return this.#commands.get(id) ?? this.#described.get(id);
  }

  /** What makes sense at this moment, for the palette: what is at hand before what is always there. */
  get offered(): readonly Command[] {
    const order = [...this.#described.keys()];
    const rank = ({ id, scope = 'app' }: Command): number => (scope === 'app' ? 1 + order.indexOf(id) : -1);
    return this.commands
      .filter((command) => !command.keysOnly && this.#active(command))
      .sort((one, other) => rank(one) - rank(other));
  }

  /** Says what there is, in the order in which people read it; whoever can do it registers with the id. */
  describe(...descriptions: readonly Description[]): void {
    for (const description of descriptions) this.#described.set(description.id, description);
  }

  /** Adds commands; the answer takes them back: `$effect(() => registry.register(...))` in a component. */
  register(...commands: readonly Registered[]): () => void {
    // An effect that registers does not depend on what is registered, or it would run itself for ever.
    untrack(() => {
      for (const command of commands) {
        const { title, ...known } = { ...this.#described.get(command.id), ...command };
        if (this.#commands.has(command.id)) throw new Error(`two commands are called ${command.id}`);
        if (title === undefined) throw new Error(`nobody says what ${command.id} does`);
        this.#commands.set(command.id, { ...known, title });
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
    const command = this.describedBy(id);
    return command ? this.keysOf(command) : [];
  }

  keysOf(command: Description): readonly string[] {
    const here = this.chosenOf(command);
    return this.#settings.single_letters ? here : here.filter((binding) => !this.#isLetter(binding));
  }

  /** Its keys, those too that do not count while single letters are off. */
  chosenOf(command: Description): readonly string[] {
    const chosen = command.fixed === true ? undefined : this.#settings.keys[command.id];
    return chosen ?? this.usualOf(command);
  }

  /** Its keys as the preset has them, or another one. */
  usualOf(command: Description, preset = this.#settings.preset): readonly string[] {
    const usual = typeof command.keys === 'function' ? command.keys(this.#settings) : command.keys;
    const keys = command.presets?.[preset] ?? usual ?? [];
    return 'mac' in keys ? keys[this.platform] : keys;
  }

  /** Commands that would answer to the same presses, or whose first presses these are. */
  conflicts(id: string, binding: string): readonly Conflict[] {
    const own = this.describedBy(id);
    const wanted = parse(binding, this.platform);
    if (!own || !wanted) return [];
    return this.all
      .filter((other) => other.id !== id && this.#meet(own, other))
      .flatMap((other) =>
        this.chosenOf(other)
          .filter((taken) => overlap(wanted, parse(taken, this.platform) ?? []))
          .map((taken) => ({ command: other, binding: taken })),
      );
  }

  /**
   * Gives a command a key: in the place of `old`, or as one more. Whoever else has it gets `old` instead with `swap`,
   * and otherwise loses it.
   */
  rebind(id: string, binding: string, { old, swap = false }: { old?: string; swap?: boolean } = {}): void {
    const own = this.describedBy(id);
    if (!own) return;
    const keys: Record<string, readonly string[]> = { ...this.#settings.keys };
    for (const { command, binding: taken } of this.conflicts(id, binding)) {
      const others = keys[command.id] ?? this.chosenOf(command);
      keys[command.id] = others.flatMap((each) => (each !== taken ? [each] : swap && old !== undefined ? [old] : []));
    }
    const mine = this.chosenOf(own);
    const next =
      old !== undefined && mine.includes(old)
        ? mine.map((each) => (each === old ? binding : each))
        : [...mine, binding];
    keys[id] = [...new Set(next)];
    this.settings = { ...this.#settings, keys };
  }

  /** Whether swapping `old` for `binding` leaves everybody with keys that nobody else has. */
  canSwap(id: string, binding: string, old: string | undefined): boolean {
    const [conflict, ...more] = this.conflicts(id, binding);
    if (conflict === undefined || more.length > 0 || old === undefined || conflict.command.fixed) return false;
    const against = this.conflicts(conflict.command.id, old).filter(({ command }) => command.id !== id);
    return against.length === 0 && !overlap(parse(binding, this.platform) ?? [], parse(old, this.platform) ?? []);
  }

  /** Takes a key from a command. */
  unbind(id: string, binding: string): void {
    const own = this.describedBy(id);
    if (!own) return;
    const keys = { ...this.#settings.keys, [id]: this.chosenOf(own).filter((each) => each !== binding) };
    this.settings = { ...this.#settings, keys };
  }

  /** Back to the keys of the preset: one command, or all of them. */
  reset(id?: string): void {
    const kept = Object.entries(this.#settings.keys).filter(([name]) => id !== undefined && name !== id);
    this.settings = { ...this.#settings, keys: Object.fromEntries(kept) };
  }

  export(): string {
    return JSON.stringify({ format: FORMAT, version: 1, ...this.#settings }, undefined, 2);
  }

  /** Reads an exported file. Undefined when it is none; it changes nothing until assigned to `settings`. */
  import(text: string): Imported | undefined {
    const file = readObject(text);
    const preset = PRESETS.find((name) => name === file?.['preset']);
    if (file?.['format'] !== FORMAT || file['version'] !== 1 || !preset) return undefined;
    const keys: Record<string, readonly string[]> = {};
    const unreadable: string[] = [];
    for (const [id, chosen] of Object.entries(isRecord(file['keys']) ? file['keys'] : {})) {
      const readable =
        Array.isArray(chosen) &&
        chosen.every((key) => typeof key === 'string' && parse(key, this.platform) && !flaw(key, this.platform));
      if (readable) keys[id] = chosen.map(String);
      else unreadable.push(id);
    }
    const send = file['send'] === 'mod_enter' ? 'mod_enter' : 'enter';
    return { settings: { preset, single_letters: file['single_letters'] !== false, send, keys }, unreadable };
  }

  /** The handler for `keydown` on the window. */
  readonly handle = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || event.getModifierState('AltGraph')) return;
    if (['Control', 'Alt', 'Shift', 'Meta'].includes(event.key) || isPressing(event)) return;
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

  #isLetter(binding: string): boolean {
    return (parse(binding, this.platform) ?? []).some(isCharacterKey);
  }

  #isOver(command: Description): boolean {
    return this.#over.has(command.scope ?? 'app');
  }

  /** Whether the same keys for both would be one too many. What is in focus may have those of what is around it. */
  #meet(one: Description, other: Description): boolean {
    if (one.shares?.includes(other.id) || other.shares?.includes(one.id)) return false;
    return this.#isOver(one) === this.#isOver(other) && (!this.#isOver(one) || one.scope === other.scope);
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
    if (rule === 'modified') {
      // On a Mac, Option types signs.
      const alt = event.altKey && this.platform === 'other';
      return event.ctrlKey || event.metaKey || alt || event.key === 'Escape';
    }
    return rule === 'always';
  }
}

function fit(event: KeyboardEvent | undefined, press: Press): boolean {
  return event !== undefined && matches(event, press);
}

/** Enter and Space on a button press that button, whatever else they may mean on the page. */
function isPressing(event: KeyboardEvent): boolean {
  const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey;
  return isPlain && /^(Enter| )$/.test(event.key) && event.target instanceof Element && event.target.matches(PRESSED);
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
