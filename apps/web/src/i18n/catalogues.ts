import type { LoadCatalogue, Locale, Tree } from '$i18n/i18n.svelte';

const FILES: Record<Locale, () => Promise<{ default: Tree }>> = {
  en: () => import('$messages/en.json'),
  ro: () => import('$messages/ro.json'),
};

/** Each language is a chunk of its own: nobody fetches words they do not read. */
export const loadCatalogue: LoadCatalogue = async (locale) => (await FILES[locale]()).default;
