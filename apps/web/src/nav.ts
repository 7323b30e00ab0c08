// Every page of the app: its address, and for those in the rail their name and sign. A page is one line here.
import Receipts from '@lucide/svelte/icons/package-open';
import Settings from '@lucide/svelte/icons/settings';
import Doctor from '@lucide/svelte/icons/stethoscope';
import InboxSign from '@lucide/svelte/icons/inbox';
import type { PlainKey } from '$i18n/i18n.svelte';
import { route, type PlainName, type Router, type Routes } from '$app/router';
import type { Icon } from '$ui/icon';
import { createContext } from 'svelte';

const pages = {
  inbox: route('/inbox/:view?/:conversation?', () => import('$pages/inbox/Inbox.svelte')),
  doctor: route('/doctor', () => import('$pages/doctor/Doctor.svelte')),
  receipts: route('/receipts/:receipt?', () => import('$pages/receipts/Receipts.svelte')),
  settings: route('/settings/:section?/:item?', () => import('$pages/settings/Settings.svelte')),
  // The address that the server prints while it has no workspace.
  setUp: route('/setup', () => import('$pages/setup/SetUp.svelte')),
  signIn: route('/sign-in', () => import('$pages/sign_in/SignIn.svelte')),
} as const satisfies Routes;

/** Where `/` leads. */
export const HOME = 'inbox' in pages ? '/inbox' : '/settings';

/** Pages for whoever is not signed in. */
export const OUTSIDE: readonly (string | undefined)[] = ['signIn', 'setUp', 'gallery'];

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
  /** Only for those who may do this. */
  readonly permission?: string;
}

export const rail: readonly RailEntry[] = [
  { name: 'inbox', title: 'inbox.nav', icon: InboxSign },
  { name: 'receipts', title: 'nav.receipts', icon: Receipts, foot: true, permission: 'operate' },
  { name: 'doctor', title: 'nav.doctor', icon: Doctor, foot: true, permission: 'operate' },
  { name: 'settings', title: 'nav.settings', icon: Settings, foot: true },
];

const [router, setRouter] = createContext<AppRouter>();
export { router, setRouter };
