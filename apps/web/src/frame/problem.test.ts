import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Problem } from '$api/index';
import { explain, fieldError } from '$app/frame/problem';
import type { I18n } from '$i18n/i18n.svelte';

const language = { t: ((key: string) => key) as I18n['t'], locale: 'en' as const };
const source = readFileSync(new URL('../../../../packages/api-client/src/slugs.ts', import.meta.url), 'utf8');
const slugs = [...source.matchAll(/\| '([a-z-]+)'/g)].flatMap(([, slug]) => slug ?? []);

test('every problem that the server can name has words of ours', () => {
  expect(slugs.length).toBeGreaterThan(30);
  const english = slugs.filter((slug) => {
    const { text } = explain(
      language,
      new Problem({ slug, status: slug === 'internal' ? 500 : 409, title: 'in English', detail: 'in English' }),
    );
    return text.includes('in English');
  });
  expect(english).toEqual([]);
});

test('a value that is refused is told at its field', () => {
  const wrong = (pointer: string, code = 'invalid'): Problem =>
    new Problem({ slug: 'invalid-input', status: 422, errors: [{ pointer, code, detail: 'in English' }] });
  expect(fieldError(language, wrong('/owner_email'), '/owner_email')).toBe('problem.field.email');
  expect(fieldError(language, wrong('/whatsapp_cloud/base_url'), '/whatsapp_cloud/base_url')).toBe(
    'problem.field.address',
  );
  expect(fieldError(language, wrong('/password', 'too-common'), '/password')).toBe('problem.field.tooCommon');
  expect(fieldError(language, wrong('/color'), '/color')).toBe('In English');
  expect(fieldError(language, wrong('/color'), '/name')).toBeUndefined();
});
