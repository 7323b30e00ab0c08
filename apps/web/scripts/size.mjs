// Weighs what the browser fetches before the first screen: index.html and what it names, and what that imports
// statically. Fails over the budget. Fonts come after the first screen and are weighed apart.
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

const FIRST_LOAD_LIMIT = 130_000;
const WHOLE_LIMIT = 400_000;
const FONTS_LIMIT = 150_000;

const dist = resolve(import.meta.dirname, '../dist');
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));
const weigh = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;

const first = new Set(['index.html', 'appearance.js']);
function add(key) {
  const chunk = manifest[key];
  if (first.has(chunk.file)) return;
  first.add(chunk.file);
  for (const style of chunk.css ?? []) first.add(style);
  for (const next of chunk.imports ?? []) add(next);
}
for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) add(key);

const sum = (files) => files.reduce((total, file) => total + weigh(file), 0);
const rows = [...first].map((file) => [file, weigh(file)]).sort((a, b) => b[1] - a[1]);
for (const [file, size] of rows) console.log(`${(size / 1000).toFixed(1).padStart(7)} kB gz  ${file}`);

const firstLoad = sum([...first]);
const assets = readdirSync(join(dist, 'assets'))
  .filter((name) => !/\.(?:br|gz)$/.test(name))
  .map((name) => `assets/${name}`);
const isFont = (name) => name.endsWith('.woff2');
const whole = sum([...assets.filter((name) => !isFont(name)), 'index.html', 'appearance.js']);
const fonts = sum(assets.filter(isFont));
console.log(`first load ${(firstLoad / 1000).toFixed(1)} kB gz of ${FIRST_LOAD_LIMIT / 1000}`);
console.log(`everything ${(whole / 1000).toFixed(1)} kB gz of ${WHOLE_LIMIT / 1000}`);
console.log(`fonts ${(fonts / 1000).toFixed(1)} kB of ${FONTS_LIMIT / 1000}`);
if (firstLoad > FIRST_LOAD_LIMIT || whole > WHOLE_LIMIT || fonts > FONTS_LIMIT) process.exit(1);
