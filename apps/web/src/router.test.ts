// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { route, Router } from '$app/router';

const page = () => Promise.reject(new Error('no page is drawn here'));

function router() {
  return new Router({
    start: route('/', page),
    inbox: route('/inbox/:view/:conversation?', page),
    area: route('/settings/a.b', page),
  });
}

beforeEach(() => history.replaceState(null, '', '/'));

describe('an address', () => {
  it('is written from a name and its parameters', () => {
    expect(router().href('start', {})).toBe('/');
    expect(router().href('inbox', { view: 'a/ș' }, { q: 'x y' })).toBe('/inbox/a%2F%C8%99?q=x+y');
    expect(router().href('inbox', { view: 'mine', conversation: '7' })).toBe('/inbox/mine/7');
  });

  it('is read back', () => {
    const found = router().locate('http://localhost/inbox/a%2F%C8%99/?q=1');
    expect([found.name, found.params, found.query.get('q')]).toEqual([
      'inbox',
      { view: 'a/ș', conversation: undefined },
      '1',
    ]);
    expect(router().locate('http://localhost/inbox').name).toBeUndefined();
    expect(router().locate('http://localhost/settings/axb').name).toBeUndefined();
    expect(router().locate('http://localhost/inbox/%zz').params['view']).toBe('%zz');
  });
});

describe('going somewhere', () => {
  it('changes the address and the page', () => {
    const here = router();
    here.go('inbox', { view: 'mine' });
    expect([here.current.name, location.pathname]).toEqual(['inbox', '/inbox/mine']);
  });

  it('asks the guards first', () => {
    const here = router();
    const asked = vi.fn((to: { name: string | undefined }) => (to.name === 'inbox' ? '/settings/a.b' : undefined));
    const free = here.guard(asked);
    here.go('inbox', { view: 'mine' });
    expect(location.pathname).toBe('/settings/a.b');
    free();
    const stay = here.guard(() => false);
    here.go('start', {});
    expect(location.pathname).toBe('/settings/a.b');
    stay();
  });

  it('follows plain clicks on our links only', () => {
    const here = router();
    const link = (attributes: Record<string, string>, keys: MouseEventInit = {}): boolean => {
      const element = document.createElement('a');
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      document.body.append(element);
      const event = new MouseEvent('click', { cancelable: true, bubbles: true, ...keys });
      element.addEventListener('click', here.follow);
      const taken = { over: false };
      element.addEventListener('click', (heard) => {
        taken.over = heard.defaultPrevented;
        // The simulated browser would otherwise really go there.
        heard.preventDefault();
      });
      element.dispatchEvent(event);
      return taken.over;
    };
    expect(link({ href: '/inbox/mine' })).toBe(true);
    expect(here.current.name).toBe('inbox');
    expect(link({ href: '/inbox/mine' }, { ctrlKey: true })).toBe(false);
    expect(link({ href: 'https://example.com/' })).toBe(false);
    expect(link({ href: '/x', target: '_blank' })).toBe(false);
    expect(link({ href: '/x', download: '' })).toBe(false);
  });
});
