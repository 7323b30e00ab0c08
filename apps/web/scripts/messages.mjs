// Writes src/i18n/keys.ts from messages/en.json: each key with the variables its text wants. `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const PLURAL = /_(zero|one|two|few|many|other)$/;

export function flatten(tree, path = '') {
  return Object.entries(tree).flatMap(([name, value]) => {
    const key = path === '' ? name : `${path}.${name}`;
    return typeof value === 'string' ? [[key, value]] : flatten(value, key);
  });
}

/** From each key without its plural ending to the names of its variables. */
export function variables(tree) {
  const found = new Map();
  for (const [key, text] of flatten(tree)) {
    const base = key.replace(PLURAL, '');
    const names = found.get(base) ?? new Set();
    if (base !== key) names.add('count');
    for (const [, name] of text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)) names.add(name);
    found.set(base, names);
  }
  return new Map([...found].map(([key, names]) => [key, [...names].sort()]));
}

export function render(tree) {
  const rows = [...variables(tree)].sort(([a], [b]) => (a < b ? -1 : 1));
  const type = (names) =>
    names.length === 0
      ? 'undefined'
      : `{ ${names.map((name) => `readonly ${name}: ${name === 'count' ? 'number' : 'string | number'}`).join('; ')} }`;
  const lines = rows.map(([key, names]) => `  readonly '${key}': ${type(names)};`);
  return `// Written by \`npm run messages\` from messages/en.json; not by hand.\n\nexport interface Messages {\n${lines.join('\n')}\n}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const root = resolve(import.meta.dirname, '..');
  const tree = JSON.parse(readFileSync(resolve(root, 'messages/en.json'), 'utf8'));
  writeFileSync(resolve(root, 'src/i18n/keys.ts'), render(tree));
}
