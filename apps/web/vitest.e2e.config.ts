import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { $messages: fileURLToPath(new URL('./messages', import.meta.url)) } },
  test: {
    include: ['e2e/**/*.e2e.ts'],
    // One program and one browser at a time: two cores.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
