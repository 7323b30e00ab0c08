// Key bindings as text ("$mod+k", "g i", "Shift+a"), as presses, and as what a person reads on the keyboard.
import { parseKeybinding } from 'tinykeys';

export type Platform = 'mac' | 'other';

export interface Press {
  readonly key: string;
  readonly modifiers: readonly Modifier[];
}

export type Modifier = 'Control' | 'Alt' | 'Shift' | 'Meta';

const MODIFIERS: readonly Modifier[] = ['Control', 'Alt', 'Shift', 'Meta'];

export function detectPlatform(): Platform {
  return /mac|iphone|ipad/i.test(navigator.platform) ? 'mac' : 'other';
}

/** The presses of a binding, or undefined when the text is none. */
export function parse(binding: string, platform: Platform): readonly Press[] | undefined {
  const text = binding.trim().replaceAll('$mod', platform === 'mac' ? 'Meta' : 'Control');
  if (text === '') return undefined;
  const presses = parseKeybinding(text).map(([required, , key]): Press | undefined => {
    const modifiers = MODIFIERS.filter((modifier) => required.includes(modifier));
    if (typeof key !== 'string' || key === '' || modifiers.length !== required.length) return undefined;
    return { key, modifiers };
  });
  return presses.every((press) => press !== undefined) ? presses : undefined;
}

/**
 * Whether the event is this press. Letters compare by what they type; together with a modifier also by where they are,
 * because Option types other signs and other alphabets type other letters. Signs such as `?` or `/` need Shift on some
 * layouts and not on others, so Shift counts for them only where the binding asks for it.
 */
export function matches(event: KeyboardEvent, press: Press): boolean {
  const held = (modifier: Modifier): boolean => event.getModifierState(modifier);
  const sign = press.key.length === 1 && !/[\p{L}\p{N}]/u.test(press.key);
  const wrong = MODIFIERS.some((modifier) => {
    if (press.modifiers.includes(modifier)) return !held(modifier);
    return held(modifier) && !(modifier === 'Shift' && sign);
  });
  if (wrong) return false;
  const typed = event.key === ' ' ? 'space' : event.key.toLowerCase();
  if (typed === press.key.toLowerCase()) return true;
  if (!press.modifiers.some((modifier) => modifier !== 'Shift')) return false;
  return event.code === placeOf(press.key);
}

/** Where signs are on the keyboard that most others are made after. */
const PLACES: Readonly<Record<string, string>> = {
  '[': 'BracketLeft',
  ']': 'BracketRight',
  '/': 'Slash',
  ',': 'Comma',
  '.': 'Period',
  ';': 'Semicolon',
  "'": 'Quote',
  '`': 'Backquote',
  '-': 'Minus',
  '=': 'Equal',
};

function placeOf(key: string): string {
  if (/^[a-z]$/i.test(key)) return `Key${key.toUpperCase()}`;
  return PLACES[key] ?? `Digit${key}`;
}

/**
 * The binding that an event spells, for the place where a person chooses keys; undefined for a bare modifier. The main
 * modifier is written `$mod`, so that the same choice holds on a Mac and elsewhere.
 */
export function spell(event: KeyboardEvent, platform: Platform): string | undefined {
  if (['Control', 'Alt', 'Shift', 'Meta', 'AltGraph', 'Dead', 'Process', 'Unidentified'].includes(event.key)) return;
  const sign = event.key.length === 1 && !/[\p{L}\p{N}]/u.test(event.key);
  const held = MODIFIERS.filter((modifier) => event.getModifierState(modifier) && !(modifier === 'Shift' && sign));
  const main = platform === 'mac' ? 'Meta' : 'Control';
  const names = held.map((modifier) => (modifier === main ? '$mod' : modifier));
  return [...names, keyOf(event, held)].join('+');
}

/** Together with a modifier a letter of another alphabet is the one that is printed at its place on most keyboards. */
function keyOf(event: KeyboardEvent, held: readonly Modifier[]): string {
  if (event.key === ' ') return 'Space';
  if (event.key.length > 1) return event.key;
  const [, printed] = /^Key([A-Z])$/.exec(event.code) ?? [];
  const isModified = held.some((modifier) => modifier !== 'Shift');
  return (isModified && printed !== undefined && !/^[a-z]$/i.test(event.key) ? printed : event.key).toLowerCase();
}

/** Why keys are no good for a command. */
export type Flaw = 'browser' | 'typing' | 'moving' | 'editing';

const MOVING = /^(tab|enter|space|escape|arrow(up|down|left|right)|home|end|pageup|pagedown|contextmenu)$/i;

/**
 * Why nobody should choose these keys: the browser or the system keeps them, they type a letter (AltGr, Option), they
 * move the focus and press buttons, or they copy and paste. Undefined when nothing speaks against them.
 */
export function flaw(binding: string, platform: Platform): Flaw | undefined {
  for (const press of parse(binding, platform) ?? []) {
    const found = flawOf(press, platform);
    if (found !== undefined) return found;
  }
  return undefined;
}

function flawOf({ key, modifiers }: Press, platform: Platform): Flaw | undefined {
  const held = (...wanted: readonly Modifier[]): boolean => modifiers.join() === wanted.join();
  const main = platform === 'mac' ? 'Meta' : 'Control';
  const name = key.toLowerCase();
  if (/^f(5|11|12)$/.test(name) && modifiers.length === 0) return 'browser';
  if (held('Alt') && name === 'f4') return 'browser';
  if (platform === 'other' && modifiers.includes('Meta')) return 'browser';
  if (modifiers.includes('Control') && name === 'tab') return 'browser';
  if ((held(main) || held('Shift', main) || held(main, 'Shift')) && /^[ntwq]$/.test(name)) return 'browser';
  if (held(main) && (/^[0-9]$/.test(name) || (platform === 'mac' && /^(h|m|tab|space)$/.test(name)))) return 'browser';
  if (held(main) && /^[cvxa]$/.test(name)) return 'editing';
  if (MOVING.test(name) && modifiers.every((modifier) => modifier === 'Shift')) return 'moving';
  if (key.length > 1) return undefined;
  const isAltGr = platform === 'other' && modifiers.includes('Control') && modifiers.includes('Alt');
  const isOption = platform === 'mac' && modifiers.every((modifier) => modifier === 'Alt' || modifier === 'Shift');
  if (isAltGr || (isOption && modifiers.includes('Alt'))) return 'typing';
  return undefined;
}

/** One press of one plain sign: what speech input types by accident (WCAG 2.1.4). */
export function isCharacterKey(press: Press): boolean {
  return press.key.length === 1 && !press.modifiers.some((modifier) => modifier !== 'Shift');
}

export function samePress(one: Press, other: Press): boolean {
  return one.key.toLowerCase() === other.key.toLowerCase() && one.modifiers.join() === other.modifiers.join();
}

const SIGNS: Record<string, string> = {
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
  enter: '↵',
  escape: 'Esc',
  space: 'Space',
  backspace: '⌫',
  delete: 'Del',
};
const MAC: Record<Modifier, string> = { Control: '⌃', Alt: '⌥', Shift: '⇧', Meta: '⌘' };
const OTHER: Record<Modifier, string> = { Control: 'Ctrl', Alt: 'Alt', Shift: 'Shift', Meta: 'Win' };

/** Each press as the caps to draw: `[['Ctrl', 'K']]`, `[['G'], ['I']]`. */
export function caps(binding: string, platform: Platform): readonly (readonly string[])[] {
  const names = platform === 'mac' ? MAC : OTHER;
  return (parse(binding, platform) ?? []).map((press) => [
    ...press.modifiers.map((modifier) => names[modifier]),
    SIGNS[press.key.toLowerCase()] ?? (press.key.length === 1 ? press.key.toUpperCase() : press.key),
  ]);
}

/** The keys in words, where caps cannot be drawn: `Ctrl+K`, `G I`. */
export function written(binding: string, platform: Platform): string {
  return caps(binding, platform)
    .map((press) => press.join('+'))
    .join(' ');
}

/** The binding as assistive technology wants it in `aria-keyshortcuts`; sequences have no place there. */
export function ariaKeys(binding: string, platform: Platform): string | undefined {
  const presses = parse(binding, platform);
  const [press] = presses ?? [];
  return presses?.length === 1 && press ? [...press.modifiers, press.key].join('+') : undefined;
}
