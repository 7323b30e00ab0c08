// The API of the server in types, and a thin client over `fetch`.
// Not here: what to do about a refusal, time limits, retries (`apps/web/src/api`).

import createFetchClient, { type Client, type ClientOptions } from 'openapi-fetch';
import type { components, paths } from './schema';

export type { components, paths, operations } from './schema';
export type { ServerSlug } from './slugs';
export { EVENT_KINDS, type KnownEvent } from './events';

/** The types of the API by name: `Schema<'MessageOut'>`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

/** A fact of a newer server, of which only the name is known, and which ids it carries. */
export type UnknownEvent = { kind: string } & { [member: string]: unknown };

/** Who caused a fact. */
export type Actor = Schema<'Actor'>;

/** A fact with its circumstances, as socket and `/events` hand it out. */
export type Recorded = Schema<'Recorded'>;

/** A frame of the live socket. Those after the first two are no facts: not numbered, and not replayed. */
export type LiveFrame =
  | { type: 'events'; items: Recorded[]; seq: number }
  | { type: 'resync'; seq: number }
  | { type: 'draft'; conversation: string; draft: Schema<'DraftOut'> | null }
  | { type: 'preferences'; preferences: Schema<'PreferencesOut'> }
  | Schema<'LiveNewsFrame'>;

/** What a client says on the live socket. */
export type LiveClientFrame = Schema<'LiveClientFrame'>;

export type ApiClient = Client<paths>;

/** A client; paths, parameters, bodies and answers are checked against the description of the API. */
export function createApiClient(options: ClientOptions): ApiClient {
  return createFetchClient<paths>(options);
}
