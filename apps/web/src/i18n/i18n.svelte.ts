// Words on the screen: catalogues in i18next's format, typed keys, plurals by the rules of the browser.
import { createContext } from 'svelte';
import type { Messages } from '$i18n/keys';

export const LOCALES = ['en', 'ro'] as const;
export type Locale = (typeof LOCALES)[number];

export type Key = keyof Messages;
/** Keys of texts that want no variables: for tables of titles. */
export type PlainKey = { [K in Key]: Messages[K] extends undefined ? K : never }[Key];
export type Vars<K extends Key> = Messages[K] extends undefined ? [] : [vars: Messages[K]];

/** The type of `t`, for whoever is handed it. */
export type Translate = <K extends Key>(key: K, ...vars: Vars<K>) => string;

export interface Tree {
  readonly [name: string]: string | Tree;
}

export type Catalogue = ReadonlyMap<string, string>;

export function catalogue(tree: Tree, path = ''): Catalogue {
  const entries = Object.entries(tree).flatMap(([name, value]): [string, string][] => {
    const key = path === '' ? name : `${path}.${name}`;
    return typeof value === 'string' ? [[key, value]] : [...catalogue(value, key)];
  });
  return new Map(entries);
}

/** A language by itself, without reactivity. */
export class Language {
  readonly locale: Locale;
  readonly #texts: Catalogue;
  readonly #plurals: Intl.PluralRules;
  readonly #numbers: Intl.NumberFormat;

  constructor(locale: Locale, texts: Catalogue) {
    this.locale = locale;
    this.#texts = texts;
    this.#plurals = new Intl.PluralRules(locale);
    this.#numbers = new Intl.NumberFormat(locale);
  }

  say(key: string, vars: Readonly<Record<string, string | number>> = {}): string {
    return this.#find(key, vars['count']).replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => {
      const value = vars[name];
      if (value === undefined) return whole;
      return typeof value === 'number' ? this.#numbers.format(value) : value;
    });
  }

  /** A text that is missing shows its key: ugly, but something a person can report. A test makes sure none is. */
  #find(key: string, count: string | number | undefined): string {
    const plural = typeof count === 'number' ? this.#texts.get(`${key}_${this.#plurals.select(count)}`) : undefined;
    return plural ?? this.#texts.get(key) ?? this.#texts.get(`${key}_other`) ?? key;
  }
}

export type LoadCatalogue = (locale: Locale) => Promise<Tree>;

/** The language of the screen now. Everything that read a text through `t` is drawn again when it changes. */
export class I18n {
  readonly #load: LoadCatalogue;
  #language: Language;

  constructor(language: Language, load: LoadCatalogue) {
    this.#language = $state.raw(language);
    this.#load = load;
  }

  get locale(): Locale {
    return this.#language.locale;
  }

  readonly t: Translate = (key, ...[vars]) => this.#language.say(key, vars);

  async switchTo(locale: Locale): Promise<void> {
    if (locale !== this.locale) this.#language = new Language(locale, catalogue(await this.#load(locale)));
  }
}

/** The first language of the browser that we speak. */
export function preferredLocale(wanted: readonly string[]): Locale {
  const known = wanted.map((tag) => LOCALES.find((locale) => tag.toLowerCase().split('-')[0] === locale));
  return known.find((locale) => locale !== undefined) ?? 'en';
}

const [i18n, setI18n] = createContext<I18n>();
export { i18n, setI18n };
