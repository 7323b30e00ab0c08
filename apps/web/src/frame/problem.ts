// What went wrong, in the words of the person: by the problem's stable name. The server speaks English only.
import { browserZone, formats } from '$app/format';
import type { Problem } from '$api/index';
import type { I18n, PlainKey } from '$i18n/i18n.svelte';

export interface Explained {
  readonly text: string;
  /** Number of the request, where the log of the server says more. */
  readonly detail: string | undefined;
}

/** Words for every problem that operations answer with; a newer server's are told in its own words. */
const TEXTS: Readonly<Record<string, PlainKey>> = {
  offline: 'problem.offline',
  timeout: 'problem.timeout',
  unreadable: 'problem.unreadable',
  'already-assigned': 'problem.alreadyAssigned',
  'another-open': 'problem.anotherOpen',
  'client-id-reused': 'problem.clientIdReused',
  conflict: 'problem.conflict',
  'conversation-resolved': 'problem.conversationResolved',
  'email-taken': 'problem.emailTaken',
  forbidden: 'problem.forbidden',
  'foreign-origin': 'problem.foreignOrigin',
  'handshake-refused': 'problem.handshake',
  'idempotency-in-progress': 'problem.underWay',
  'idempotency-key-reused': 'problem.doneOtherwise',
  'inbox-already-connected': 'problem.inboxTaken',
  'invalid-cursor': 'problem.outdatedPage',
  'invalid-id': 'problem.invalidId',
  'invalid-input': 'problem.invalid',
  'invalid-signature': 'problem.unreadable',
  'label-name-taken': 'problem.labelTaken',
  'last-owner': 'problem.lastOwner',
  'malformed-request': 'problem.malformed',
  'media-expired': 'problem.mediaExpired',
  'media-failed': 'problem.mediaFailed',
  'media-not-accepted': 'problem.mediaNotAccepted',
  'media-not-needed': 'problem.mediaNotNeeded',
  'media-pending': 'problem.mediaPending',
  'message-not-failed': 'problem.messageNotFailed',
  'no-address': 'problem.noAddress',
  'no-inbound-message': 'problem.noInbound',
  'not-found': 'problem.notFound',
  'password-refused': 'problem.passwordRefused',
  'nothing-to-decide': 'problem.nothingToDecide',
  'too-many-devices': 'problem.tooManyDevices',
  'push-service-refused': 'problem.pushRefused',
  'range-not-satisfiable': 'problem.mediaFailed',
  'receipt-waiting': 'problem.receiptWaiting',
  'request-timeout': 'problem.timeout',
  'setup-link-invalid': 'problem.setupLink',
  'too-large': 'problem.tooLarge',
  'too-many-drafts': 'problem.tooManyDrafts',
  unauthenticated: 'problem.unauthenticated',
  unavailable: 'problem.unavailable',
  'unsupported-media-type': 'problem.mediaNotAccepted',
  'window-closed': 'problem.windowClosed',
  'wrong-credentials': 'problem.wrongCredentials',
};

const FIELDS: Readonly<Record<string, PlainKey>> = {
  'too-short': 'problem.field.tooShort',
  'too-long': 'problem.field.tooLong',
  'too-common': 'problem.field.tooCommon',
};

/** What is wrong with a value that is not a password, by the end of its pointer. */
const VALUES: Readonly<Record<string, PlainKey>> = {
  email: 'problem.field.email',
  owner_email: 'problem.field.email',
  name: 'problem.field.name',
  owner_name: 'problem.field.name',
  workspace_name: 'problem.field.name',
  time_zone: 'problem.field.zone',
  base_url: 'problem.field.address',
};

type Speaks = Pick<I18n, 't' | 'locale'>;

export function explain({ t, locale }: Speaks, problem: Problem): Explained {
  const detail = problem.request ?? undefined;
  const key = TEXTS[problem.slug];
  if (key !== undefined) return { text: t(key), detail };
  if (problem.slug === 'too-many-requests') {
    const wait = formats(locale, browserZone()).duration(Math.max(1_000, problem.retryAfterMs ?? 60_000));
    return { text: t('problem.tooMany', { wait }), detail };
  }
  if (problem.slug === 'channel-refused') {
    return { text: t('problem.channelRefused', { detail: problem.detail ?? problem.message }), detail };
  }
  if (problem.status < 500 && problem.status > 0) return { text: problem.detail ?? problem.message, detail };
  return { text: t('problem.internal', { request: problem.request ?? '—' }), detail };
}

/** What is wrong with one value, for the field that holds it. */
export function fieldError({ t }: Speaks, problem: Problem | null, pointer: string): string | undefined {
  const error = problem?.at(pointer);
  if (!error) return undefined;
  const key = pointer.endsWith('password') ? FIELDS[error.code] : VALUES[pointer.split('/').at(-1) ?? ''];
  if (key !== undefined) return t(key);
  return error.detail.charAt(0).toUpperCase() + error.detail.slice(1);
}

/** What no field on the screen shows: the whole problem, unless each of its parts stands at a field. */
export function remainder(
  language: Speaks,
  problem: Problem | null,
  pointers: readonly string[],
): Explained | undefined {
  if (problem === null) return undefined;
  const isShown = problem.errors.length > 0 && problem.errors.every(({ pointer }) => pointers.includes(pointer));
  return isShown ? undefined : explain(language, problem);
}
