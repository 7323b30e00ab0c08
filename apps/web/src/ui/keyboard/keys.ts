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
  if (event.key.toLowerCase() === press.key.toLowerCase()) return true;
  if (!press.modifiers.some((modifier) => modifier !== 'Shift')) return false;
  const place = /^[a-z]$/i.test(press.key) ? `Key${press.key.toUpperCase()}` : `Digit${press.key}`;
  return event.code === place;
}

/** The binding that an event spells, for the field where a person chooses keys; undefined for a bare modifier. */
export function spell(event: KeyboardEvent): string | undefined {
  if (['Control', 'Alt', 'Shift', 'Meta', 'AltGraph', 'Dead', 'Process'].includes(event.key)) return undefined;
  const sign = event.key.length === 1 && !/[\p{L}\p{N}]/u.test(event.key);
  const modifiers = MODIFIERS.filter((modifier) => event.getModifierState(modifier) && !(modifier === 'Shift' && sign));
  const key = event.key === ' ' ? 'Space' : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return [...modifiers, key].join('+');
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

/** The binding as assistive technology wants it in `aria-keyshortcuts`; sequences have no place there. */
export function ariaKeys(binding: string, platform: Platform): string | undefined {
  const presses = parse(binding, platform);
  const [press] = presses ?? [];
  return presses?.length === 1 && press ? [...press.modifiers, press.key].join('+') : undefined;
}
