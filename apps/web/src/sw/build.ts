// Builds `sw.js` beside the app, with the list of the files that it keeps. Runs in Vite, not in the browser.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** What a first visit need not load: large, or not asked for by name. */
const LEFT_OUT = /\.map$|^\.vite\/|^sw\.js$/;

/** The list, and a name that changes with what stands in any of the files. */
export function precache(bundle: readonly { fileName: string; content: string | Uint8Array }[]): {
  version: string;
  files: string[];
} {
  const kept = bundle.filter(({ fileName }) => !LEFT_OUT.test(fileName));
  kept.sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
  const hash = createHash('sha256');
  for (const { fileName, content } of kept) hash.update(`${fileName}\0`).update(content).update('\0');
  return { version: hash.digest('hex').slice(0, 12), files: kept.map(({ fileName }) => `/${fileName}`) };
}

/** Files that Vite copies as they are; they are in no bundle. */
function copied(folder: string): { fileName: string; content: Uint8Array }[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return { fileName: relative(folder, path).replaceAll('\\', '/'), content: readFileSync(path) };
  });
}

export function serviceWorker(): Plugin {
  let publicDir = '';
  return {
    name: 'centrala:service-worker',
    apply: 'build',
    configResolved(config) {
      publicDir = config.publicDir;
    },
    buildStart() {
      this.emitFile({ type: 'chunk', id: fileURLToPath(new URL('./sw.ts', import.meta.url)), fileName: 'sw.js' });
    },
    generateBundle: {
      // After the page itself was put into the bundle.
      order: 'post',
      handler(_, bundle) {
        const worker = bundle['sw.js'];
        if (worker?.type !== 'chunk') return this.error('the service worker is not in the bundle');
        if (worker.imports.length > 0) return this.error('a service worker of this kind imports nothing');
        const all = Object.values(bundle).map((file) => ({
          fileName: file.fileName,
          content: file.type === 'chunk' ? file.code : file.source,
        }));
        worker.code = `const __PRECACHE__ = ${JSON.stringify(precache([...all, ...copied(publicDir)]))};\n${worker.code}`;
      },
    },
  };
}
