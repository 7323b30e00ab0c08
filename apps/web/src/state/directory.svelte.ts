// The few things that everything else names: agents, inboxes, labels; what channels take, and what their errors mean.
/* eslint svelte/prefer-svelte-reactivity: "off" -- plain maps behind raw state: reactive ones cost seconds in big lists */

import type { Agent, Api, Channel, ChannelError, Inbox, Label, Recorded, Schema } from '$api/index';
import { foldAgents, foldInboxes, foldLabels, type Names, type Need } from '$live/index';
import type { Follower } from './feed';
import { given, readAll } from './pages';

export interface DirectorySnapshot {
  agents: readonly Agent[];
  inboxes: readonly Inbox[];
  labels: readonly Label[];
  channels: readonly Channel[];
  errors: readonly [Schema<'ChannelKind'>, readonly ChannelError[]][];
}

type Part = 'agents' | 'inboxes' | 'labels';
/** WhatsApp's window, until the server has said. */
const WINDOW_HOURS = 24;

function byId<T extends { id: string }>(all: readonly T[]): ReadonlyMap<string, T> {
  return new Map(all.map((one) => [one.id, one]));
}

export class Directory implements Follower, Names {
  agents = $state.raw<readonly Agent[]>([]);
  inboxes = $state.raw<readonly Inbox[]>([]);
  labels = $state.raw<readonly Label[]>([]);
  channels = $state.raw<readonly Channel[]>([]);
  isLoaded = $state(false);
  /** Those who can still be given something. */
  readonly activeAgents = $derived(this.agents.filter((agent) => !agent.disabled_at));
  readonly agentById = $derived(byId(this.agents));
  readonly inboxById = $derived(byId(this.inboxes));
  readonly labelById = $derived(byId(this.labels));
  #errors = $state.raw<DirectorySnapshot['errors']>([]);
  readonly #errorByCode = $derived(
    new Map<string, ChannelError>(
      this.#errors.flatMap(([kind, all]) => all.map((error) => [`${kind}/${error.code}`, error] as const)),
    ),
  );
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  agent(id: string): Schema<'AgentRefOut'> | null {
    const agent = this.agentById.get(id);
    return agent ? { id: agent.id, name: agent.name } : null;
  }

  label(id: string): Schema<'LabelRefOut'> | null {
    const label = this.labelById.get(id);
    return label ? { id: label.id, name: label.name, color: label.color } : null;
  }

  limits(channel: Schema<'ChannelKind'>): Schema<'LimitsOut'> | null {
    return this.channels.find((one) => one.kind === channel)?.limits ?? null;
  }

  windowHours(channel: Schema<'ChannelKind'>): number {
    return this.limits(channel)?.window_hours ?? WINDOW_HOURS;
  }

  /** What an error code of an inbox's channel means; just the code where nobody knows. */
  explain(inbox: string, code: number): ChannelError {
    const channel = this.inboxById.get(inbox)?.channel ?? this.channels[0]?.kind;
    return this.#errorByCode.get(`${channel}/${code}`) ?? { code };
  }

  /** Loads everything; gives the number of the last fact that all of it knows. */
  async load(): Promise<number> {
    const asOf = await Promise.all([this.#loadPart('agents'), this.#loadPart('inboxes'), this.#loadPart('labels')]);
    const { items } = await readAll((after) =>
      this.#api.ask((client) => client.GET('/api/v1/channels', { params: { query: given({ after, limit: 200 }) } })),
    );
    this.channels = items;
    this.#errors = await Promise.all(items.map(async ({ kind }) => [kind, await this.#loadErrors(kind)] as const));
    this.isLoaded = true;
    return Math.min(...asOf);
  }

  snapshot(): DirectorySnapshot {
    const { agents, inboxes, labels, channels } = this;
    return { agents, inboxes, labels, channels, errors: this.#errors };
  }

  restore(it: DirectorySnapshot): void {
    this.agents = it.agents;
    this.inboxes = it.inboxes;
    this.labels = it.labels;
    this.channels = it.channels;
    this.#errors = it.errors;
    this.isLoaded = true;
  }

  fold(facts: readonly Recorded[]): Need[] {
    for (const { event, at } of facts) {
      this.agents = foldAgents(this.agents, event, at);
      this.inboxes = foldInboxes(this.inboxes, event, at);
      this.labels = foldLabels(this.labels, event);
    }
    return [];
  }

  async fetch(needs: readonly Need[]): Promise<void> {
    const parts: readonly Part[] = ['agents', 'inboxes', 'labels'];
    const wanted = parts.filter((part) => needs.some((need) => need.what === part));
    await Promise.all(wanted.map((part) => this.#loadPart(part)));
  }

  async reload(): Promise<void> {
    await this.load();
  }

  async #loadPart(part: Part): Promise<number> {
    const query = (after: string | undefined) => ({ params: { query: given({ after, limit: 200 }) } });
    switch (part) {
      case 'agents': {
        const { items, asOf } = await readAll((after) =>
          this.#api.ask((client) => client.GET('/api/v1/agents', query(after))),
        );
        this.agents = items;
        return asOf;
      }
      case 'inboxes': {
        const { items, asOf } = await readAll((after) =>
          this.#api.ask((client) => client.GET('/api/v1/inboxes', query(after))),
        );
        this.inboxes = items;
        return asOf;
      }
      case 'labels': {
        const { items, asOf } = await readAll((after) =>
          this.#api.ask((client) => client.GET('/api/v1/labels', query(after))),
        );
        this.labels = items;
        return asOf;
      }
    }
  }

  async #loadErrors(kind: Schema<'ChannelKind'>): Promise<readonly ChannelError[]> {
    const { items } = await readAll((after) =>
      this.#api.ask((client) =>
        client.GET('/api/v1/channels/{kind}/errors', {
          params: { path: { kind }, query: given({ after, limit: 200 }) },
        }),
      ),
    );
    return items;
  }
}
