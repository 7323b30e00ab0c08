import { expect, test } from 'vitest';
import { strength } from '$pages/sign_in/strength';

test.each([
  ['abc', 'short'],
  ['aaaaaaaaaaaaaa', 'weak'],
  ['1234567890', 'weak'],
  ['abcdefgh', 'weak'],
  ['covrigi calzi', 'fair'],
  ['covrigi calzi la colț', 'strong'],
  ['x7!Kq_92mVp#', 'strong'],
])('%s is %s', (password, rating) => expect(strength(password)).toBe(rating));
