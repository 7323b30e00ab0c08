import { expect, test } from 'vitest';
import { homeward, remembered } from '$app/frame/gate';

const gates = { outside: ['signIn', 'setUp'], home: '/inbox', signIn: '/sign-in' };
const at = (name: string | undefined, href: string): { name: string | undefined; href: string } => ({ name, href });

test('whoever is signed out is sent to sign in, and comes back to where he was', () => {
  const sent = homeward(at('settings', '/settings/labels?a=1#b'), 'signed_out', gates);
  expect(sent).toBe('/sign-in?to=%2Fsettings%2Flabels%3Fa%3D1%23b');
  expect(homeward(at('signIn', sent ?? ''), 'signed_in', gates)).toBe('/settings/labels?a=1#b');
});

test('nobody is sent anywhere before the server has said who he is', () => {
  expect(homeward(at('settings', '/settings'), 'unknown', gates)).toBeUndefined();
  expect(homeward(at('signIn', '/sign-in'), 'signed_out', gates)).toBeUndefined();
  expect(homeward(at('settings', '/settings'), 'signed_in', gates)).toBeUndefined();
});

test('the bare address leads home', () => {
  expect(homeward(at(undefined, '/'), 'signed_in', gates)).toBe('/inbox');
  expect(homeward(at(undefined, '/'), 'signed_out', gates)).toBe('/sign-in');
});

test.each([
  '//evil.example',
  '/\\evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  '/sign-in?to=/',
  '/\t/evil.example',
])('is not led to %s', (to) =>
  expect(remembered(`/sign-in?${new URLSearchParams({ to }).toString()}`)).toBeUndefined(),
);
