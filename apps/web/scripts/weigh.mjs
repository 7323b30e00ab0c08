// What the browser fetches, compressed as it comes: before the first screen (index.html, what it names, and what that
// imports statically), and altogether. Fonts come after the first screen and are weighed apart.
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Bytes, gzip. */
export const LIMITS = { first: 130_000, whole: 400_000, fonts: 150_000 };

const dist = resolve(import.meta.dirname, '../dist');

/** The sizes of the build in `dist`, in bytes, and the files of the first load with theirs. */
export function weigh() {
  const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));
  const sizeOf = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
  const sum = (files) => files.reduce((total, file) => total + sizeOf(file), 0);

  const first = new Set(['index.html', 'appearance.js']);
  const add = (key) => {
    const chunk = manifest[key];
    if (first.has(chunk.file)) return;
    first.add(chunk.file);
    for (const style of chunk.css ?? []) first.add(style);
    for (const next of chunk.imports ?? []) add(next);
  };
  for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) add(key);

  const assets = readdirSync(join(dist, 'assets'))
    .filter((name) => !/\.(?:br|gz)$/.test(name))
    .map((name) => `assets/${name}`);
  const isFont = (name) => name.endsWith('.woff2');
  return {
    files: [...first].map((file) => [file, sizeOf(file)]).sort((a, b) => b[1] - a[1]),
    first: sum([...first]),
    whole: sum([...assets.filter((name) => !isFont(name)), 'index.html', 'appearance.js']),
    fonts: sum(assets.filter(isFont)),
  };
}
