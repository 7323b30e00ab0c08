import { expect, test } from 'vitest';
import { precache } from './build';

const page = { fileName: 'index.html', content: '<html>' };
const script = { fileName: 'assets/a.js', content: 'a' };

test('the list holds what the app needs to start, and neither itself nor maps', () => {
  const all = [page, script, { fileName: 'sw.js', content: '' }, { fileName: 'assets/a.js.map', content: '' }];
  expect(precache([...all, { fileName: '.vite/manifest.json', content: '' }]).files).toEqual([
    '/assets/a.js',
    '/index.html',
  ]);
});

test('its name changes with the text of any file, and not with their order', () => {
  const { version } = precache([page, script]);
  expect(precache([script, page]).version).toBe(version);
  expect(precache([page, { ...script, content: 'b' }]).version).not.toBe(version);
});
