import { expect, test } from 'vitest';
import { marked } from './marks';

const hits = (text: string, query: string): string[] =>
  marked(text, query)
    .filter((part) => part.isHit)
    .map((part) => part.text);

test('words are found without regard to capitals and diacritics, and shown as they were written', () => {
  expect(hits('Aveți COLIVĂ pentru sâmbătă?', 'coliva sambata')).toEqual(['COLIVĂ', 'sâmbătă']);
});

test('nothing is lost around signs that fold to several letters or none', () => {
  const text = '🥐 Straße ﷽ e\u0301clair';
  expect(
    marked(text, 'strasse')
      .map((part) => part.text)
      .join(''),
  ).toBe(text);
  expect(hits(text, 'strasse')).toEqual(['Straße']);
});
