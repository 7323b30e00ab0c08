// Where somebody must be sent from where he is; undefined where he may stay.
import type { Location } from '$app/router';

interface Gates {
  /** Names of pages for whoever is not signed in. */
  readonly outside: readonly (string | undefined)[];
  readonly home: string;
  readonly signIn: string;
}

export function homeward(
  at: Pick<Location, 'name' | 'href'>,
  standing: 'unknown' | 'signed_out' | 'signed_in',
  gates: Gates,
): string | undefined {
  const [path = ''] = at.href.split(/[?#]/);
  if (standing === 'signed_out' && !gates.outside.includes(at.name)) {
    return at.href === '/' ? gates.signIn : `${gates.signIn}?${new URLSearchParams({ to: at.href }).toString()}`;
  }
  if (standing !== 'signed_in') return undefined;
  if (path === '/') return gates.home;
  if (path === gates.signIn) return remembered(at.href) ?? gates.home;
  return undefined;
}

/** The address in `?to=`, if it is one of ours: a link in a message must not lead from here to somebody else. */
export function remembered(href: string): string | undefined {
  const here = 'https://here.invalid';
  const to = new URL(href, here).searchParams.get('to');
  if (to?.startsWith('/') !== true || to.startsWith('/sign-in')) return undefined;
  // What `//host` and `/\host` are is for the browser to say.
  const url = new URL(to, here);
  return url.origin === here ? url.pathname + url.search + url.hash : undefined;
}
