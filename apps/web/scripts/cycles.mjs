// Refuses import cycles inside src/. Imports made at run time (`import(...)`) and types do not count: neither makes
// the loading of one module wait for another.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../src');
const files = readdirSync(root, { recursive: true })
  .map((name) => join(root, name))
  .filter((name) => /\.(ts|svelte)$/.test(name) && !name.endsWith('.d.ts'));
const known = new Set(files);

function find(from, specifier) {
  const alias = /^\$(\w+)\/(.*)$/.exec(specifier);
  const base = alias ? join(root, alias[1] === 'app' ? '' : alias[1], alias[2]) : resolve(dirname(from), specifier);
  if (!alias && !specifier.startsWith('.')) return undefined;
  return [base, `${base}.ts`, `${base}/index.ts`].find((candidate) => known.has(candidate));
}

const edges = new Map(
  files.map((file) => {
    const text = readFileSync(file, 'utf8');
    const names = [...text.matchAll(/^\s*(?:import|export)\s+(?!type\b)(?:[^'"();]*?\sfrom\s*)?['"]([^'"]+)['"]/gm)];
    // A component that draws itself inside itself imports itself: that is how Svelte says it.
    return [file, names.map(([, name]) => find(file, name)).filter((name) => name !== undefined && name !== file)];
  }),
);

const done = new Set();
const cycles = [];
function visit(file, path) {
  const seen = path.indexOf(file);
  if (seen >= 0) cycles.push([...path.slice(seen), file]);
  if (seen >= 0 || done.has(file)) return;
  for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
  done.add(file);
}
for (const file of files) visit(file, []);

for (const cycle of cycles) console.error(`cycle: ${cycle.map((file) => relative(root, file)).join(' -> ')}`);
if (cycles.length > 0) process.exit(1);
console.log(`no import cycles in ${files.length} files`);
