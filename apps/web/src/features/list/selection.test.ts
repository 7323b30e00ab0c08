import { expect, test } from 'vitest';
import { Selection } from './selection.svelte';

const ORDER = ['a', 'b', 'c', 'd', 'e'];

test('a stretch grows and shrinks from where it began', () => {
  const selection = new Selection();
  selection.stretch(ORDER, 'b', 'c');
  selection.stretch(ORDER, 'c', 'd');
  expect([...selection.ids]).toEqual(['b', 'c', 'd']);
  selection.stretch(ORDER, 'd', 'c');
  expect([...selection.ids]).toEqual(['b', 'c']);
  selection.stretch(ORDER, 'c', 'a');
  expect([...selection.ids].sort()).toEqual(['a', 'b']);
});

test('what was chosen one by one stays when a stretch begins elsewhere', () => {
  const selection = new Selection();
  selection.toggle('a');
  selection.toggle('d');
  selection.stretch(ORDER, 'd', 'e');
  expect([...selection.ids].sort()).toEqual(['a', 'd', 'e']);
});
