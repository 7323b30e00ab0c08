import { mount } from 'svelte';
import App from '$app/App.svelte';
import { routes } from '$app/nav';
import { Router } from '$app/router';
import { loadCatalogue } from '$i18n/catalogues';
import { catalogue, I18n, Language, LOCALES, preferredLocale } from '$i18n/i18n.svelte';
import { Appearance } from '$shell/appearance.svelte';
import { browserShell } from '$shell/browser';
import { attend, browserApp } from '$state/index';

async function start(target: HTMLElement): Promise<void> {
  const shell = browserShell(import.meta.url);
  const app = browserApp();
  attend(app);
  // Asked while the words are fetched: both are needed before anything can be drawn.
  void app.start();
  const chosen = LOCALES.find((locale) => locale === shell.storage.get('locale'));
  const locale = chosen ?? preferredLocale(navigator.languages);
  const i18n = new I18n(new Language(locale, catalogue(await loadCatalogue(locale))), loadCatalogue);
  const appearance = new Appearance(shell.storage);
  mount(App, { target, props: { app, shell, i18n, appearance, router: new Router(routes) } });
  // After the first paint: the worker fetches every file of the build. In development there is none.
  if (import.meta.env.PROD) void shell.updates.start();
}

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
void start(target);
