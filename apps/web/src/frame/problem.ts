// What went wrong, in the words of the person: by the problem's stable name. The server speaks English only.
import { browserZone, formats } from '$app/format';
import type { Problem } from '$api/index';
import type { I18n, PlainKey } from '$i18n/i18n.svelte';

export interface Explained {
  readonly text: string;
  /** Number of the request, where the log of the server says more. */
  readonly detail: string | undefined;
}

const TEXTS: Readonly<Record<string, PlainKey>> = {
  offline: 'problem.offline',
  timeout: 'problem.timeout',
  'request-timeout': 'problem.timeout',
  unavailable: 'problem.unavailable',
  unreadable: 'problem.unreadable',
  forbidden: 'problem.forbidden',
  'foreign-origin': 'problem.foreignOrigin',
  'not-found': 'problem.notFound',
  'invalid-input': 'problem.invalid',
  'wrong-credentials': 'problem.wrongCredentials',
  'password-refused': 'problem.passwordRefused',
  'email-taken': 'problem.emailTaken',
  'label-name-taken': 'problem.labelTaken',
  'inbox-already-connected': 'problem.inboxTaken',
  'last-owner': 'problem.lastOwner',
  'setup-link-invalid': 'problem.setupLink',
  'handshake-refused': 'problem.handshake',
  'receipt-waiting': 'problem.receiptWaiting',
  conflict: 'problem.conflict',
};

const FIELDS: Readonly<Record<string, PlainKey>> = {
  'too-short': 'problem.field.tooShort',
  'too-long': 'problem.field.tooLong',
  'too-common': 'problem.field.tooCommon',
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
  const key = pointer.endsWith('password') ? FIELDS[error.code] : undefined;
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
