// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest';
import { progress, remember } from '$pages/setup/progress';

beforeEach(() => history.replaceState(null, '', '/setup'));

test('the secret leaves the address at once, and is there after a reload', () => {
  history.replaceState(null, '', '/setup#5e1f');
  expect(progress()).toEqual({ secret: '5e1f' });
  expect(location.href).not.toContain('5e1f');
  expect(progress()).toEqual({ secret: '5e1f' });
});

test('a step that was reached is kept without the secret', () => {
  history.replaceState(null, '', '/setup#5e1f');
  progress();
  remember({ step: 'inbox' });
  expect(progress()).toEqual({ step: 'inbox' });
});

test.each([null, 'text', 7, { step: 'nowhere', secret: 1 }])('%j in the history is nothing', (state) => {
  history.replaceState(state, '', '/setup');
  expect(progress()).toEqual({});
});
