// The only place that asks the server: cookies, time limits, idempotency keys, problems.
// Not here: what the answers mean (`state/`), and facts (`live/`).

import { createApiClient, type ApiClient } from '@centrala/api-client';
import { newId } from './id';
import { Problem, problemOf, toProblem } from './problem';
import { uploadFile, type Upload, type UploadOptions } from './upload';

export interface ApiOptions {
  /** Origin of the server; empty for that of the page. */
  baseUrl?: string;
  fetch?: (request: Request) => Promise<Response>;
  /** For clients without a cookie jar, such as tests. */
  headers?: Record<string, string>;
  timeoutMs?: number;
  newKey?: () => string;
  now?: () => number;
  request?: () => XMLHttpRequest;
}

/** What openapi-fetch gives back. */
interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

const TIMEOUT_MS = 20_000;
// Creates with a client id need no key; these take none, because the answer is too secret or the body too large
// to be kept.
const WITHOUT_KEY = [
  /\/media$/,
  /\/api_tokens$/,
  /\/live\/tickets$/,
  /\/me\/password$/,
  /\/session$/,
  /\/setup$/,
  /\/conversations\/[^/]+\/messages$/,
  /\/messages\/[^/]+\/react$/,
  /\/conversations\/[^/]+\/notes$/,
];

export class Api {
  /** Every operation, typed. Use it through `ask`, which turns refusals into a thrown `Problem`. */
  readonly client: ApiClient;
  readonly #options: ApiOptions;
  readonly #unauthenticated = new Set<() => void>();

  constructor(options: ApiOptions = {}) {
    this.#options = options;
    const send = options.fetch ?? ((request: Request) => fetch(request));
    this.client = createApiClient({
      baseUrl: options.baseUrl ?? (typeof location === 'undefined' ? '' : location.origin),
      credentials: 'same-origin',
      headers: options.headers ?? {},
      fetch: (request) => this.#send(send, request),
    });
  }

  /** The data of an answer: `const me = await api.ask((c) => c.GET('/api/v1/me'))`. */
  async ask<T>(operation: (client: ApiClient) => Promise<Answer<T>>): Promise<T> {
    let answer: Answer<T>;
    try {
      answer = await operation(this.client);
    } catch (thrown) {
      throw this.#told(toProblem(thrown));
    }
    const { data, error, response } = answer;
    if (response.ok) return data as T;
    throw this.#told(problemOf(response.status, (name) => response.headers.get(name), error, this.#now()));
  }

  /** Sends a file, with progress and a way to give it up. */
  upload(file: Blob, name: string, options: UploadOptions = {}): Upload {
    return uploadFile(file, name, {
      url: `${this.#options.baseUrl ?? ''}/api/v1/media`,
      headers: this.#options.headers ?? {},
      request: this.#options.request ?? (() => new XMLHttpRequest()),
      now: () => this.#now(),
      ...options,
    });
  }

  /** Calls back when the server no longer knows us; returns the way to stop that. */
  onUnauthenticated(listener: () => void): () => void {
    this.#unauthenticated.add(listener);
    return () => this.#unauthenticated.delete(listener);
  }

  /** Address of the bytes of a file. */
  mediaUrl(media: string): string {
    return `${this.#options.baseUrl ?? ''}/api/v1/media/${encodeURIComponent(media)}/content`;
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  #told(problem: Problem): Problem {
    if (problem.slug === 'unauthenticated') for (const listener of this.#unauthenticated) listener();
    return problem;
  }

  async #send(send: (request: Request) => Promise<Response>, request: Request): Promise<Response> {
    const headers = new Headers(request.headers);
    const takesKey = request.method === 'POST' && !WITHOUT_KEY.some((path) => path.test(new URL(request.url).pathname));
    if (takesKey && !headers.has('idempotency-key')) {
      headers.set('idempotency-key', (this.#options.newKey ?? newId)());
    }
    const limit = AbortSignal.timeout(this.#options.timeoutMs ?? TIMEOUT_MS);
    const signal = AbortSignal.any([request.signal, limit]);
    try {
      return await send(new Request(request, { headers, signal }));
    } catch (thrown) {
      if (limit.aborted && !request.signal.aborted) throw new Problem({ slug: 'timeout' });
      throw thrown;
    }
  }
}
