import globals from 'globals';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

// Which rooms of src/ each room may not enter. A room that is not named here may enter any.
const climbing = { regex: '^\\.\\./', message: 'No climbing: use an alias ($ui, $api, $state, ...).' };
const room = (names) => names.map((name) => `^\\$${name}/`).join('|');
const closed = (files, rooms, message) => ({
  files: files.map((folder) => `src/${folder}/**/*.{ts,svelte}`),
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: [climbing, { regex: room(rooms), message }, ...(files.includes('shell') ? [] : [tauri])] },
    ],
  },
});
const tauri = { regex: '^@tauri-apps/', message: 'Only shell/ speaks with the desktop shell.' };
const network = ['fetch', 'WebSocket', 'XMLHttpRequest', 'EventSource'].map((name) => ({
  name,
  message: 'Only api/ and live/ speak with the server.',
}));

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'src/i18n/keys.ts', 'src/api/schema.d.ts'] },
  ...ts.configs.strict,
  ...ts.configs.stylistic,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      'no-undef': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
      'prefer-const': 'off',
      'svelte/prefer-const': 'error',
      'no-restricted-imports': ['error', { patterns: [climbing, tauri] }],
      'no-restricted-globals': ['error', ...network],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      'svelte/no-at-html-tags': 'error',
      // Big lists are plain maps on purpose: SvelteMap costs 24 MB over 100,000 rows.
      'svelte/prefer-svelte-reactivity': 'off',
      'svelte/button-has-type': 'error',
      'svelte/no-target-blank': 'error',
      // The router takes over plain links; there is no SvelteKit here whose resolve() could be used.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  { files: ['src/{api,live}/**/*.ts'], rules: { 'no-restricted-globals': 'off' } },
  {
    files: ['scripts/**', 'bench/**', '*.config.*'],
    languageOptions: { globals: globals.node },
    rules: { 'no-console': 'off' },
  },
  // Node runs it as it is, and knows no alias.
  { files: ['bench/**'], rules: { 'no-restricted-imports': 'off' } },
  {
    // Tests and benches of the whole speak with the program beside the browser.
    files: ['e2e/**', 'bench/**'],
    rules: { 'no-restricted-globals': 'off' },
  },
  {
    files: ['public/appearance.js'],
    languageOptions: { sourceType: 'script' },
    rules: { '@typescript-eslint/no-unused-vars': 'off' },
  },
  closed(['ui'], ['i18n', 'shell', 'api', 'live', 'state', 'features', 'pages', 'app'], 'ui/ knows nothing of ours.'),
  closed(['i18n'], ['ui', 'shell', 'api', 'live', 'state', 'features', 'pages', 'app'], 'i18n/ stands alone.'),
  closed(['shell'], ['ui', 'i18n', 'api', 'live', 'state', 'features', 'pages', 'app'], 'shell/ stands alone.'),
  closed(['api'], ['ui', 'i18n', 'shell', 'live', 'state', 'features', 'pages', 'app'], 'api/ stands alone.'),
  closed(['live'], ['ui', 'i18n', 'shell', 'features', 'pages', 'app'], 'live/ renders nothing.'),
  closed(['state'], ['ui', 'i18n', 'features', 'pages'], 'state/ renders nothing.'),
  closed(['features'], ['live', 'pages', 'features'], 'features/ use ui, state and api; not another area.'),
);
