// The devices that are told while no page is open there: `/me/push_subscriptions`.

import { toProblem, type Api, type Problem, type Schema } from '$api/index';

/** A device of the signed-in agent. */
export type PushDevice = Schema<'PushSubscriptionOut'>;

/** Where the browser's push service takes messages for a device, and the keys that they are encrypted with. */
export type PushAddress = Omit<Schema<'PushSubscriptionIn'>, 'device'>;

const PATH = '/api/v1/me/push_subscriptions';

export class PushDevices {
  value = $state.raw<readonly PushDevice[] | null>(null);
  problem = $state.raw<Problem | null>(null);
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async show(): Promise<void> {
    try {
      const { items } = await this.#api.ask((client) => client.GET(PATH));
      this.value = items;
      this.problem = null;
    } catch (thrown) {
      this.problem = toProblem(thrown);
    }
  }

  /** The server's public key (RFC 8292), base64url. */
  async key(): Promise<string> {
    return (await this.#api.ask((client) => client.GET('/api/v1/push/key'))).public_key;
  }

  /** Adds a device, or tells that it is still there: the same address stays the same device. */
  async add({ endpoint, keys }: PushAddress, device: string): Promise<PushDevice> {
    const body = { endpoint, keys, device };
    const added = await this.#api.ask((client) => client.POST(PATH, { body }));
    this.value = [added, ...(this.value ?? []).filter(({ id }) => id !== added.id)];
    return added;
  }

  async remove(subscription: string): Promise<void> {
    const params = { path: { subscription } };
    await this.#api.ask((client) => client.DELETE(`${PATH}/{subscription}`, { params }));
    this.value = (this.value ?? []).filter(({ id }) => id !== subscription);
  }

  /** Sends a notification to one device, by the whole way. */
  async test(subscription: string): Promise<void> {
    const params = { path: { subscription } };
    await this.#api.ask((client) => client.POST(`${PATH}/{subscription}/test`, { params }));
  }
}
