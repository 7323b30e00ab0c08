// Every page of the app: its address, and for those in the rail their name and sign. A page is one line here.
import House from '@lucide/svelte/icons/house';
import type { PlainKey } from '$i18n/i18n.svelte';
import { route, type PlainName, type Router, type Routes } from '$app/router';
import type { Icon } from '$ui/icon';
import { createContext } from 'svelte';

const pages = {
  start: route('/', () => import('$pages/start/Start.svelte')),
} as const satisfies Routes;

/** The gallery of `ui/`; a release has neither the address nor the page. */
const workshop: Routes = import.meta.env.DEV
  ? { gallery: route('/gallery', () => import('$pages/gallery/Gallery.svelte')) }
  : {};

export const routes: typeof pages & Routes = { ...pages, ...workshop };

export type AppRouter = Router<typeof pages>;

export interface RailEntry {
  readonly name: PlainName<typeof pages>;
  readonly title: PlainKey;
  readonly icon: Icon;
  /** At the foot of the rail: settings and the like. */
  readonly foot?: boolean;
}

export const rail: readonly RailEntry[] = [{ name: 'start', title: 'start.nav', icon: House }];

const [router, setRouter] = createContext<AppRouter>();
export { router, setRouter };
