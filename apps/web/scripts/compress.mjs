// Puts compressed copies beside the larger files of the build, so that the server compresses nothing: brotli for
// browsers over https, gzip for the others.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const SMALLEST = 1024;
const dist = fileURLToPath(new URL('../dist', import.meta.url));
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  // The page has a fresh nonce in each answer and goes as it is.
  if (!entry.isFile() || !/\.(?:js|css|svg|json|webmanifest)$/.test(entry.name)) continue;
  const file = join(entry.parentPath, entry.name);
  const content = readFileSync(file);
  if (content.length < SMALLEST) continue;
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
}
