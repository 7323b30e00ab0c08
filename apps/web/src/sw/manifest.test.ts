import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { routes } from '$app/nav';
import { LOCALES } from '$i18n/i18n.svelte';

interface Manifest {
  lang: string;
  start_url: string;
  icons: { src: string; purpose?: string }[];
  shortcuts: { name: string; url: string }[];
}

const inPublic = (name: string): string => fileURLToPath(new URL(`../../public/${name}`, import.meta.url));
const manifests = LOCALES.map(
  (locale) => JSON.parse(readFileSync(inPublic(`manifest.${locale}.webmanifest`), 'utf8')) as Manifest,
);

test('there is a manifest in each language, and they differ in nothing but words', () => {
  expect(manifests.map(({ lang }) => lang)).toEqual([...LOCALES]);
  const bare = manifests.map((it) =>
    JSON.stringify(it, (key, value: unknown) => (['lang', 'name', 'description'].includes(key) ? '' : value)),
  );
  expect(new Set(bare).size).toBe(1);
});

test('every picture is there, and every address leads to a page', () => {
  for (const { icons, shortcuts, start_url } of manifests) {
    for (const { src } of icons) expect(existsSync(inPublic(src)), src).toBe(true);
    expect(icons.some(({ purpose }) => purpose === 'maskable')).toBe(true);
    const firsts = Object.values(routes).map(({ path }) => path.split('/')[1]);
    for (const url of [start_url, ...shortcuts.map((one) => one.url)]) expect(firsts, url).toContain(url.split('/')[1]);
  }
});
