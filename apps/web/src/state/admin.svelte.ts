// What the screens behind the inbox show: deliveries, doctor, API tokens, sessions.

import { toProblem, type Api, type Problem, type Schema } from '$api/index';
import type { Need } from '$live/index';
import type { Follower } from './feed';
import { given, readAll, Turn } from './pages';

/** Something that is loaded, fails, and is loaded again. */
class Loaded<T> {
  value = $state.raw<T | null>(null);
  isLoading = $state(false);
  problem = $state.raw<Problem | null>(null);
  readonly #turn = new Turn();

  async load(ask: () => Promise<T>): Promise<void> {
    const isLatest = this.#turn.take();
    this.isLoading = true;
    try {
      const value = await ask();
      if (!isLatest()) return;
      this.value = value;
      this.problem = null;
    } catch (thrown) {
      if (isLatest()) this.problem = toProblem(thrown);
    } finally {
      if (isLatest()) this.isLoading = false;
    }
  }
}

export class Doctor extends Loaded<Schema<'ReportOut'>> {
  readonly #api: Api;

  constructor(api: Api) {
    super();
    this.#api = api;
  }

  examine(): Promise<void> {
    return this.load(() => this.#api.ask((client) => client.GET('/api/v1/doctor')));
  }
}

export class Sessions extends Loaded<readonly Schema<'SessionOut'>[]> implements Follower {
  readonly #api: Api;

  constructor(api: Api) {
    super();
    this.#api = api;
  }

  show(): Promise<void> {
    return this.load(async () => {
      const { items } = await readAll((after) =>
        this.#api.ask((client) => client.GET('/api/v1/sessions', { params: { query: given({ after, limit: 200 }) } })),
      );
      return items;
    });
  }

  async end(session: string): Promise<void> {
    const params = { path: { session } };
    await this.#api.ask((client) => client.DELETE('/api/v1/sessions/{session}', { params }));
    await this.show();
  }

  async endOthers(): Promise<number> {
    const { ended } = await this.#api.ask((client) => client.POST('/api/v1/sessions/end_others'));
    await this.show();
    return ended;
  }

  async fetch(needs: readonly Need[]): Promise<void> {
    if (this.value !== null && needs.some((need) => need.what === 'sessions')) await this.show();
  }
}

export class Tokens extends Loaded<readonly Schema<'ApiTokenOut'>[]> implements Follower {
  readonly #api: Api;

  constructor(api: Api) {
    super();
    this.#api = api;
  }

  show(): Promise<void> {
    return this.load(async () => {
      const { items } = await readAll((after) =>
        this.#api.ask((client) =>
          client.GET('/api/v1/api_tokens', { params: { query: given({ after, limit: 200 }) } }),
        ),
      );
      return items;
    });
  }

  /** The answer holds the secret; it is shown once and kept nowhere. */
  async create(name: string): Promise<Schema<'NewApiTokenOut'>> {
    const token = await this.#api.ask((client) => client.POST('/api/v1/api_tokens', { body: { name } }));
    await this.show();
    return token;
  }

  async revoke(token: string): Promise<void> {
    const params = { path: { token } };
    await this.#api.ask((client) => client.DELETE('/api/v1/api_tokens/{token}', { params }));
    await this.show();
  }

  async fetch(needs: readonly Need[]): Promise<void> {
    if (this.value !== null && needs.some((need) => need.what === 'tokens')) await this.show();
  }
}

interface ReceiptFilter {
  state?: Schema<'ReceiptState'>;
  inbox?: string;
}

export class Receipts implements Follower {
  items = $state.raw<readonly Schema<'ReceiptOut'>[]>([]);
  counts = $state.raw<Schema<'ReceiptCountsOut'> | null>(null);
  isLoading = $state(false);
  problem = $state.raw<Problem | null>(null);
  #next = $state.raw<string | null>(null);
  readonly hasMore = $derived(this.#next !== null);
  readonly #api: Api;
  readonly #turn = new Turn();
  #filter: ReceiptFilter | null = null;

  constructor(api: Api) {
    this.#api = api;
  }

  show(filter: ReceiptFilter = {}): Promise<void> {
    this.#filter = filter;
    return this.#read(undefined);
  }

  async loadMore(): Promise<void> {
    if (this.#next !== null && !this.isLoading) await this.#read(this.#next);
  }

  async replay(receipt: string): Promise<void> {
    const params = { path: { receipt } };
    const changed = await this.#api.ask((client) => client.POST('/api/v1/receipts/{receipt}/replay', { params }));
    this.items = this.items.map((one) => (one.id === receipt ? changed : one));
  }

  async fetch(needs: readonly Need[]): Promise<void> {
    if (this.#filter !== null && needs.some((need) => need.what === 'receipts')) await this.#read(undefined);
  }

  async reload(): Promise<void> {
    if (this.#filter !== null) await this.#read(undefined);
  }

  async #read(after: string | undefined): Promise<void> {
    const isLatest = this.#turn.take();
    this.isLoading = true;
    try {
      const params = { query: given({ ...this.#filter, after, limit: 50 }) };
      const [page, counts] = await Promise.all([
        this.#api.ask((client) => client.GET('/api/v1/receipts', { params })),
        this.#api.ask((client) => client.GET('/api/v1/receipts/counts')),
      ]);
      if (!isLatest()) return;
      this.items = after === undefined ? page.items : [...this.items, ...page.items];
      this.#next = page.next ?? null;
      this.counts = counts;
      this.problem = null;
    } catch (thrown) {
      if (isLatest()) this.problem = toProblem(thrown);
    } finally {
      if (isLatest()) this.isLoading = false;
    }
  }
}
