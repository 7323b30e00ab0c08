import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';
import en from '$messages/en.json';
import ro from '$messages/ro.json';
import { render, variables } from '$scripts/messages.mjs';
import { catalogue, I18n, Language, preferredLocale, type Tree } from '$i18n/i18n.svelte';

const web = join(import.meta.dirname, '../..');
const sorted = (tree: Tree): [string, string[]][] => [...variables(tree)].sort(([a], [b]) => (a < b ? -1 : 1));

describe('the catalogues', () => {
  it('are what the typed keys were written from', () => {
    expect(readFileSync(join(web, 'src/i18n/keys.ts'), 'utf8')).toBe(render(en));
  });

  it('have the same keys with the same variables', () => {
    expect(sorted(ro)).toEqual(sorted(en));
  });

  it.each([
    ['en', en, ['one', 'other']],
    ['ro', ro, ['few', 'one', 'other']],
  ] as const)('have every plural form that %s knows', (_, tree, forms) => {
    const endings = new Map<string, string[]>();
    for (const key of catalogue(tree).keys()) {
      const [, base, form] = /^(.*)_(zero|one|two|few|many|other)$/.exec(key) ?? [];
      if (base && form) endings.set(base, [...(endings.get(base) ?? []), form].sort());
    }
    for (const [base, found] of endings) expect([base, found]).toEqual([base, forms]);
  });

  it('write Romanian with a comma below, not with a cedilla', () => {
    expect([...catalogue(ro).values()].filter((text) => /[şţŞŢ]/.test(text))).toEqual([]);
  });
});

describe('Romanian', () => {
  const texts = catalogue({ m_one: '{{count}} mesaj', m_few: '{{count}} mesaje', m_other: '{{count}} de mesaje' });
  const language = new Language('ro', texts);

  it.each([
    [0, '0 mesaje'],
    [1, '1 mesaj'],
    [1.5, '1,5 mesaje'],
    [2, '2 mesaje'],
    [19, '19 mesaje'],
    [20, '20 de mesaje'],
    [100, '100 de mesaje'],
    [101, '101 mesaje'],
    [102, '102 mesaje'],
    [119, '119 mesaje'],
    [120, '120 de mesaje'],
    [1001, '1.001 mesaje'],
  ])('counts %d', (count, text) => {
    expect(language.say('m', { count })).toBe(text);
  });
});

describe('a language', () => {
  it('puts variables in their places and takes them as they are', () => {
    const language = new Language('en', catalogue({ hello: 'Hello, {{ name }}! {{name}} {{other}}' }));
    expect(language.say('hello', { name: '<b>{{other}}$&' })).toBe('Hello, <b>{{other}}$&! <b>{{other}}$& {{other}}');
  });

  it('is the first of the browser that is known', () => {
    expect(preferredLocale(['fr-FR', 'ro-RO', 'en'])).toBe('ro');
    expect(preferredLocale(['fr'])).toBe('en');
  });

  it('can be switched', async () => {
    const i18n = new I18n(new Language('en', catalogue(en)), () => Promise.resolve(ro));
    expect(i18n.t('words.close')).toBe('Close');
    await i18n.switchTo('ro');
    expect(i18n.t('palette.results', { count: 21 })).toBe('21 de rezultate');
  });
});

/** Attributes that a person reads or hears. */
const SPOKEN = new Set(['title', 'label', 'placeholder', 'alt', 'aria-label', 'aria-description', 'hint', 'text']);
const WRITTEN = /\p{L}{2}/u;

/** Text that stands in a component instead of in the catalogues. */
function hardCoded(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(hardCoded);
  if (typeof node !== 'object' || node === null) return [];
  if ('type' in node && node.type === 'Text' && 'data' in node && WRITTEN.test(String(node.data)))
    return [String(node.data)];
  if ('type' in node && node.type === 'StyleDirective') return [];
  if ('type' in node && node.type === 'Attribute' && 'name' in node && !SPOKEN.has(String(node.name))) {
    return 'value' in node ? hardCoded(withoutText(node.value)) : [];
  }
  return Object.values(node).flatMap(hardCoded);
}

function withoutText(value: unknown): unknown {
  return Array.isArray(value) ? value.filter((part: { type: string }) => part.type !== 'Text') : value;
}

describe('components', () => {
  it('have no words of their own', () => {
    const files = readdirSync(join(web, 'src'), { recursive: true, encoding: 'utf8' });
    const offenders = files
      .filter((file) => file.endsWith('.svelte') && !file.startsWith(join('pages', 'gallery')))
      .flatMap((file) => {
        const { fragment } = parse(readFileSync(join(web, 'src', file), 'utf8'), { modern: true });
        return hardCoded(fragment).map((text) => `${file}: ${text.trim()}`);
      });
    expect(offenders).toEqual([]);
    // Every component is parsed: seconds on a busy machine.
  }, 60_000);
});
