// Addresses and pages on the History API. Routes are typed: a name, the parameters in its path, and a page that is
// fetched when first needed.
import type { Component } from 'svelte';
import { createSubscriber } from 'svelte/reactivity';

type Names<Path extends string> = Path extends `${infer Part}/${infer Rest}`
  ? Names<Part> | Names<Rest>
  : Path extends `:${infer Name}`
    ? Name
    : never;

/** `:id` must be there, `:id?` may be. */
export type Params<Path extends string> = {
  readonly [N in Names<Path> as N extends `${string}?` ? never : N]: string;
} & {
  readonly [N in Names<Path> as N extends `${infer Bare}?` ? Bare : never]?: string | undefined;
};

/** A page is handed the parameters of its path; one without any may do without the property. */
export type Page<Path extends string> = Component<{ params: Params<Path> }> | Component<Record<string, never>>;

/** Names of routes whose path wants no parameter. */
export type PlainName<R extends Routes> = {
  [N in keyof R]: Record<never, never> extends Params<R[N]['path']> ? N : never;
}[keyof R] &
  string;

export interface Route<Path extends string = string> {
  readonly path: Path;
  readonly load: () => Promise<{ readonly default: unknown }>;
}

export function route<const Path extends string>(
  path: Path,
  load: () => Promise<{ readonly default: Page<Path> }>,
): Route<Path> {
  return { path, load };
}

export type Routes = Readonly<Record<string, Route>>;

export interface Location {
  /** The name of the route; undefined where nothing is. */
  readonly name: string | undefined;
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  readonly href: string;
}

/** Asked before each navigation: nothing lets it pass, an address sends it elsewhere, false stops it. */
export type Guard = (to: Location, from: Location) => string | false | undefined;

export interface GoOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly replace?: boolean;
}

type PathOf<R extends Routes, N extends keyof R> = R[N]['path'];

export class Router<R extends Routes = Routes> {
  readonly routes: R;
  readonly #guards = new Set<Guard>();
  readonly #subscribe: () => void;
  readonly #patterns: readonly (readonly [name: string, pattern: RegExp])[];
  #update: () => void = () => undefined;
  #current: Location;

  constructor(routes: R) {
    this.routes = routes;
    this.#patterns = Object.entries(routes).map(([name, { path }]) => [name, pattern(path)]);
    this.#current = this.locate(location.href);
    this.#subscribe = createSubscriber((update) => {
      this.#update = update;
      const moved = (): void => this.#arrive(this.locate(location.href), 'pop');
      addEventListener('popstate', moved);
      return () => removeEventListener('popstate', moved);
    });
  }

  /** Where the person is; whoever reads it in a component or effect is told of changes. */
  get current(): Location {
    this.#subscribe();
    return this.#current;
  }

  href<N extends keyof R & string>(name: N, params: Params<PathOf<R, N>>, query?: GoOptions['query']): string {
    const values: Readonly<Record<string, string | undefined>> = params;
    const parts = (this.routes[name]?.path ?? '/').split('/').flatMap((part) => {
      if (!part.startsWith(':')) return [part];
      const value = values[part.slice(1).replace('?', '')];
      return value === undefined ? [] : [encodeURIComponent(value)];
    });
    const search = new URLSearchParams(query).toString();
    return (parts.join('/') || '/') + (search === '' ? '' : `?${search}`);
  }

  go<N extends keyof R & string>(name: N, params: Params<PathOf<R, N>>, options: GoOptions = {}): void {
    this.open(this.href(name, params, options.query), options.replace);
  }

  /** Goes to an address of ours: from a link, a notification, or one remembered from before signing in. */
  open(href: string, replace = false): void {
    const to = this.locate(new URL(href, location.href).href);
    this.#arrive(to, replace || to.href === this.#current.href ? 'replace' : 'push');
  }

  guard(guard: Guard): () => void {
    this.#guards.add(guard);
    return () => this.#guards.delete(guard);
  }

  locate(href: string): Location {
    const url = new URL(href);
    const rest = { query: url.searchParams, href: url.pathname + url.search + url.hash };
    for (const [name, expression] of this.#patterns) {
      const found = expression.exec(url.pathname);
      if (found) return { name, params: decode(found.groups ?? {}), ...rest };
    }
    return { name: undefined, params: {}, ...rest };
  }

  /** Takes over a click on a link of ours, unless the person asked for a new tab or a download. */
  readonly follow = (event: MouseEvent): void => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link?.href || link.target !== '' || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.hash !== '' && link.pathname === location.pathname && link.search === location.search) return;
    event.preventDefault();
    this.open(link.href);
  };

  #arrive(to: Location, how: 'push' | 'replace' | 'pop'): void {
    for (const guard of this.#guards) {
      const answer = guard(to, this.#current);
      if (answer === undefined) continue;
      if (how === 'pop') history.pushState(null, '', this.#current.href);
      if (answer !== false) this.open(answer, true);
      return;
    }
    if (how === 'push') history.pushState(null, '', to.href);
    if (how === 'replace') history.replaceState(null, '', to.href);
    this.#current = to;
    this.#update();
  }
}

function pattern(path: string): RegExp {
  const parts = path.split('/').filter((part) => part !== '');
  const source = parts.map((part) => {
    const name = /^:(\w+)(\??)$/.exec(part);
    if (!name) return `/${part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;
    return name[2] === '?' ? `(?:/(?<${name[1] ?? ''}>[^/]+))?` : `/(?<${name[1] ?? ''}>[^/]+)`;
  });
  return new RegExp(`^${source.join('')}/?$`);
}

function decode(groups: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const pairs = Object.entries(groups).map(([name, value]) => {
    try {
      return [name, value === undefined ? undefined : decodeURIComponent(value)];
    } catch {
      return [name, value];
    }
  });
  return Object.fromEntries(pairs) as Record<string, string | undefined>;
}
