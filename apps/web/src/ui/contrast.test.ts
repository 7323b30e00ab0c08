import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8').replace(/\/\*[^]*?\*\//g, '');

/** The declarations of every block with exactly this selector, later ones winning. */
function block(selector: string): Map<string, string> {
  const blocks = [...css.matchAll(/^([^\s@{][^{]*?)\s*\{([^}]*)\}/gm)].filter(([, found]) => found === selector);
  const pairs = blocks.flatMap(([, , body]) => [...(body ?? '').matchAll(/(--[\w-]+):\s*([^;]+);/g)]);
  return new Map(pairs.map(([, name, value]) => [name ?? '', (value ?? '').trim()]));
}

const normal = block(':root');
const more = new Map([...normal, ...block(":root[data-contrast='more']")]);

function colour(tokens: Map<string, string>, name: string, dark: boolean): string {
  const value = tokens.get(name);
  if (value === undefined) throw new Error(`no token ${name}`);
  const both = /^light-dark\(var\((--[\w-]+)\),\s*var\((--[\w-]+)\)\)$/.exec(value);
  const one = both?.[dark ? 2 : 1] ?? /^var\((--[\w-]+)\)$/.exec(value)?.[1];
  return one === undefined ? value : colour(tokens, one, dark);
}

function luminance(hex: string): number {
  const channel = (at: number): number => {
    const share = parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

const HUES = ['red', 'orange', 'yellow', 'green', 'teal', 'blue', 'violet', 'pink'].map((hue) => `--hue-${hue}`);
const CHANNELS = ['whatsapp', 'messenger', 'instagram', 'facebook'].map((name) => `--channel-${name}`);
const PLAIN = ['--surface', '--raised', '--sunken', '--hover', '--pressed', '--selected'];

const TEXT: [string, string[]][] = [
  ['--text', [...PLAIN, '--own', '--theirs', '--accent-soft', '--danger-soft', '--warning-soft', ...HUES]],
  ['--muted', [...PLAIN, '--own', '--theirs']],
  ['--accent', ['--surface', '--raised', '--sunken', '--hover', '--selected']],
  ['--accent-soft-text', ['--accent-soft']],
  ['--on-fill', ['--accent-fill', '--accent-fill-hover', '--danger-fill', '--danger-fill-hover']],
  ['--note-text', ['--note']],
  ['--danger', ['--surface', '--raised', '--sunken', '--hover', '--pressed', '--selected', '--danger-soft']],
  ['--warning', ['--surface', '--raised', '--sunken', '--hover', '--selected', '--warning-soft']],
  ['--success', ['--surface', '--raised', '--sunken', '--hover', '--selected', '--success-soft']],
  ['--sla-ok', ['--surface', '--hover', '--selected', '--success-soft']],
  ['--sla-risk', ['--surface', '--hover', '--selected', '--warning-soft']],
  ['--sla-breach', ['--surface', '--hover', '--selected', '--danger-soft']],
  ['--tip-text', ['--tip']],
];

const SHAPES: [string, string[]][] = [
  ['--faint', PLAIN],
  ['--control-border', ['--surface', '--raised', '--sunken']],
  ['--focus', [...PLAIN, '--own', '--theirs']],
  ['--accent-fill', ['--surface', '--sunken']],
  ...CHANNELS.map((name): [string, string[]] => [name, ['--surface', '--sunken', '--hover', '--selected']]),
];

const themes = [
  ['light', normal, false],
  ['dark', normal, true],
  ['light, more contrast', more, false],
  ['dark, more contrast', more, true],
] as const;

describe.each(themes)('%s', (_, tokens, dark) => {
  const measured = (pairs: [string, string[]][]): [string, number][] =>
    pairs.flatMap(([front, backs]) =>
      backs.map((back): [string, number] => [
        `${front} on ${back}`,
        contrast(colour(tokens, front, dark), colour(tokens, back, dark)),
      ]),
    );

  it('lets every text be read on every background it meets', () => {
    expect(measured(TEXT).filter(([, ratio]) => ratio < 4.5)).toEqual([]);
  });

  it('lets every control and sign be seen on every background it meets', () => {
    expect(measured(SHAPES).filter(([, ratio]) => ratio < 3)).toEqual([]);
  });
});
