// What went wrong with a request, in one type: problems of the server (RFC 9457), and those that never reached it.
// Not here: words for people; screens translate by slug.

import type { Schema, ServerSlug } from '@centrala/api-client';

/** Problems that this side finds: no connection, no answer in time, given up, an answer that is no problem. */
export type OwnSlug = 'offline' | 'timeout' | 'aborted' | 'unreadable';
/** Known slugs are offered by the editor; a newer server may send others. */
export type Slug = ServerSlug | OwnSlug | (string & {});

/** One wrong value. Known codes are offered by the editor; a newer server may send others. */
export type FieldError = Omit<Schema<'FieldError'>, 'code'> & { code: Schema<'FieldError'>['code'] | (string & {}) };

export interface ProblemParts {
  slug: Slug;
  status?: number;
  title?: string;
  detail?: string | null;
  errors?: readonly FieldError[];
  request?: string;
  retryAfterMs?: number | null;
}

const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

export class Problem extends Error {
  /** Stable name; the key of the translation. */
  readonly slug: Slug;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly detail: string | null;
  /** Which values are wrong, by JSON pointer or name of the parameter. */
  readonly errors: readonly FieldError[];
  /** Id of the request, for the log of the server. */
  readonly request: string | null;
  readonly retryAfterMs: number | null;

  constructor(parts: ProblemParts) {
    super(parts.title ?? parts.slug);
    this.name = 'Problem';
    this.slug = parts.slug;
    this.status = parts.status ?? 0;
    this.detail = parts.detail ?? null;
    this.errors = parts.errors ?? [];
    this.request = parts.request ?? null;
    this.retryAfterMs = parts.retryAfterMs ?? null;
  }

  /** Whether the same request may succeed later. The channel's refusal (502) is an answer, not a passing fault. */
  get isPassing(): boolean {
    if (this.slug === 'channel-refused') return false;
    return (
      this.slug === 'offline' ||
      this.slug === 'timeout' ||
      this.slug === 'idempotency-in-progress' ||
      PASSING.has(this.status)
    );
  }

  /** What is wrong with one value, such as `/name`. */
  at(pointer: string): FieldError | null {
    return this.errors.find((error) => error.pointer === pointer) ?? null;
  }
}

/** Seconds or a date, as `Retry-After` may be; in milliseconds from `now`. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function fieldErrors(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((error) => ({
    pointer: String(error['pointer'] ?? ''),
    code: String(error['code'] ?? ''),
    ...(isRecord(error['params']) && { params: error['params'] }),
    detail: String(error['detail'] ?? ''),
  }));
}

/** The problem in an answer that is not 2xx. A proxy in between may answer with anything. */
export function problemOf(
  status: number,
  header: (name: string) => string | null,
  body: unknown,
  now: number,
): Problem {
  const wait = retryAfterMs(header('retry-after'), now);
  const request = header('x-request-id');
  const type = isRecord(body) && typeof body['type'] === 'string' ? body['type'] : null;
  if (!isRecord(body) || type === null) {
    const slug = status === 401 ? 'unauthenticated' : status === 503 ? 'unavailable' : 'unreadable';
    return new Problem({ slug, status, retryAfterMs: wait, ...(request === null ? {} : { request }) });
  }
  const id = typeof body['instance'] === 'string' ? body['instance'] : request;
  return new Problem({
    slug: type.slice(type.lastIndexOf('/') + 1),
    status,
    title: typeof body['title'] === 'string' ? body['title'] : type,
    detail: typeof body['detail'] === 'string' ? body['detail'] : null,
    errors: fieldErrors(body['errors']),
    ...(id === null ? {} : { request: id }),
    retryAfterMs: wait,
  });
}

/** Anything that was thrown, as a problem. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (isRecord(thrown) && thrown['name'] === 'AbortError') return new Problem({ slug: 'aborted' });
  if (isRecord(thrown) && thrown['name'] === 'TimeoutError') return new Problem({ slug: 'timeout' });
  // `fetch` throws TypeError for every fault of the network, and says nothing more.
  if (thrown instanceof TypeError) return new Problem({ slug: 'offline', detail: thrown.message });
  throw thrown;
}
