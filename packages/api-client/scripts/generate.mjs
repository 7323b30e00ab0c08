// Writes the generated files anew: after a change of `openapi.json` or of `event.rs`.

import { writeFile } from 'node:fs/promises';
import { generated } from './generated.mjs';

for (const [path, text] of Object.entries(await generated())) {
  await writeFile(new URL(`../${path}`, import.meta.url), text);
}
