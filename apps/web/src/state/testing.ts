// A server in memory for tests: answers by path, remembers what was asked. Not part of the app.

import { Api, type Conversation, type KnownEvent, type Message, type Recorded } from '$api/index';

type Route = (request: Request, match: RegExpExecArray) => unknown;

export class TestServer {
  readonly asked: { method: string; path: string; query: URLSearchParams; body: unknown }[] = [];
  isOnline = true;
  readonly #routes: [string, RegExp, Route][] = [];
  readonly api = new Api({ baseUrl: 'http://localhost', fetch: (request) => this.#answer(request) });

  on(method: string, path: RegExp, route: Route): this {
    this.#routes.unshift([method, path, route]);
    return this;
  }

  count(method: string, path: RegExp): number {
    return this.asked.filter((one) => one.method === method && path.test(one.path)).length;
  }

  async #answer(request: Request): Promise<Response> {
    if (!this.isOnline) throw new TypeError('Failed to fetch');
    const url = new URL(request.url);
    const body: unknown =
      request.method === 'POST'
        ? await request
            .clone()
            .json()
            .catch(() => null)
        : null;
    this.asked.push({ method: request.method, path: url.pathname, query: url.searchParams, body });
    for (const [method, path, route] of this.#routes) {
      const match = method === request.method ? path.exec(url.pathname) : null;
      if (match !== null) {
        const answer = await route(request, match);
        return answer instanceof Response ? answer : json(200, answer);
      }
    }
    return json(404, { type: '/problems/not-found', title: 'Not found', status: 404, instance: 'trc_1' });
  }
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
}

/** Seconds after nine o'clock, as the server writes them. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 10, 2, 9, 0, seconds)).toISOString().replace('.000Z', 'Z');
}

export function conversation(id: string, seconds: number, more: Partial<Conversation> = {}): Conversation {
  return {
    id,
    status: 'open',
    column: 'new',
    contact: { id: `con_${id}`, name: 'Ion' },
    identity: { id: `idn_${id}` },
    inbox: { id: 'inb_1', name: 'Magazin', channel: 'whatsapp_cloud' },
    assignee: null,
    labels: [],
    unread: 0,
    last_message: null,
    last_message_at: at(seconds),
    window: { is_open: true, until: at(seconds + 86_400) },
    created_at: at(0),
    ...more,
  };
}

export function message(id: string, seconds: number, more: Partial<Message> = {}): Message {
  return {
    id,
    conversation: 'conv_1',
    inbox: 'inb_1',
    direction: 'in',
    author: { kind: 'contact', id: 'con_1' },
    content: { type: 'text', body: id, preview_url: false },
    status: 'received',
    attempt: 0,
    needs_decision: false,
    sent_at: at(seconds),
    received_at: at(seconds),
    position: at(seconds),
    is_late: false,
    is_forwarded: false,
    reactions: [],
    ...more,
  };
}

export function fact(seq: number, event: KnownEvent): Recorded {
  return { seq, id: `evt_${seq}`, at: at(seq), actor: { kind: 'system' }, depth: 0, trace: 'trc_1', event };
}

export function received(seq: number, conversation: string, message: string, seconds: number): Recorded {
  return fact(seq, {
    kind: 'message_received',
    conversation,
    message,
    content_kind: 'text',
    sent_at: at(seconds),
    position: at(seconds),
    is_listed: true,
    receipt: null,
  });
}

/** The storage of a browser, in memory. */
export function memoryStorage(): Storage {
  const all = new Map<string, string>();
  return {
    get length() {
      return all.size;
    },
    key: (index) => [...all.keys()][index] ?? null,
    getItem: (key) => all.get(key) ?? null,
    setItem: (key, value) => void all.set(key, value),
    removeItem: (key) => void all.delete(key),
    clear: () => all.clear(),
  };
}
