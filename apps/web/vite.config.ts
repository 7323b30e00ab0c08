import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { serviceWorker } from './src/sw/build.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Lets our own component draw lucide's icons. */
const icons: Plugin = {
  name: 'lucide-icon',
  enforce: 'pre',
  resolveId: (source, importer) =>
    source === '../Icon.svelte' && importer?.includes('/@lucide/svelte/') ? here('./src/ui/LucideIcon.svelte') : null,
};

export default defineConfig(({ mode }) => ({
  plugins: [icons, svelte(), serviceWorker()],
  resolve: {
    alias: {
      $ui: here('./src/ui'),
      $i18n: here('./src/i18n'),
      $shell: here('./src/shell'),
      $api: here('./src/api'),
      $live: here('./src/live'),
      $state: here('./src/state'),
      $features: here('./src/features'),
      $pages: here('./src/pages'),
      $app: here('./src'),
      $messages: here('./messages'),
      $scripts: here('./scripts'),
      '@centrala/api-client': here('../../packages/api-client/src'),
    },
    // Without this, tests would resolve Svelte's server build.
    conditions:
      mode === 'test' ? ['browser', 'module', 'import', 'default'] : ['module', 'browser', 'development|production'],
  },
  // The server puts a fresh value in the place of __NONCE__ in every answer.
  html: { cspNonce: '__NONCE__' },
  build: {
    target: ['chrome120', 'firefox128', 'safari17.5'],
    // Data URLs would need an opening in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
  },
  server: {
    port: 5173,
    fs: { allow: [here('../..')] },
    proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } },
  },
  test: {
    // Two cores are enough for everything here, and starting a process for each file costs more than it saves.
    pool: 'threads',
    maxWorkers: 2,
    include: ['src/**/*.test.ts'],
  },
}));
