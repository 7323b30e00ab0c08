// What a channel answered about an endpoint, in the words of the person. Its own words for states are those of Meta's
// number and health fields; one that is new is shown as it came.
import type { Schema } from '$api/index';
import type { I18n, PlainKey } from '$i18n/i18n.svelte';

type Said = Schema<'EvidenceSaid'>;

export interface ToldEvidence {
  readonly text: string;
  /** What the channel itself said, in English. */
  readonly details: readonly string[];
}

const NUMBER: Readonly<Record<string, PlainKey>> = {
  CONNECTED: 'evidence.numberStatus.CONNECTED',
  PENDING: 'evidence.numberStatus.PENDING',
  FLAGGED: 'evidence.numberStatus.FLAGGED',
  RATE_LIMITED: 'evidence.numberStatus.RATE_LIMITED',
  RESTRICTED: 'evidence.numberStatus.RESTRICTED',
  BANNED: 'evidence.numberStatus.BANNED',
  DISCONNECTED: 'evidence.numberStatus.DISCONNECTED',
  MIGRATED: 'evidence.numberStatus.MIGRATED',
  DELETED: 'evidence.numberStatus.DELETED',
  UNVERIFIED: 'evidence.numberStatus.UNVERIFIED',
};
const QUALITY: Readonly<Record<string, PlainKey>> = {
  GREEN: 'evidence.quality.GREEN',
  YELLOW: 'evidence.quality.YELLOW',
  RED: 'evidence.quality.RED',
};
/** A name that was approved needs no word. */
const NAME: Readonly<Record<string, PlainKey>> = {
  DECLINED: 'evidence.displayName.DECLINED',
  EXPIRED: 'evidence.displayName.EXPIRED',
  PENDING_REVIEW: 'evidence.displayName.PENDING_REVIEW',
};
const STATE: Readonly<Record<string, PlainKey>> = {
  AVAILABLE: 'evidence.state.AVAILABLE',
  LIMITED: 'evidence.state.LIMITED',
  BLOCKED: 'evidence.state.BLOCKED',
};

export function tellEvidence({ t }: Pick<I18n, 't'>, said: Said, full: (at: Date) => string): ToldEvidence {
  const plain = (text: string, ...details: string[]): ToldEvidence => ({ text, details });
  switch (said.code) {
    case 'not_asked':
      return plain(t('evidence.said.unasked'), said.params.why);
    case 'refused':
      return plain(t('evidence.said.refused'), said.params.why);
    case 'app_not_set':
      return plain(t('evidence.said.appMissing'));
    case 'token_fine':
      return plain(t('evidence.said.tokenFine'));
    case 'token_expires':
      return plain(t('evidence.said.tokenExpires', { at: full(new Date(said.params.at)) }));
    case 'token_invalid':
      return plain(t('evidence.said.tokenInvalid'), said.params.why);
    case 'token_lacks':
      return plain(t('evidence.said.tokenLacks', said.params));
    case 'token_of_another_app':
      return plain(t('evidence.said.tokenOther'));
    case 'number': {
      const { status, quality, name_status: name, is_test: isTest } = said.params;
      const words = [
        status && (NUMBER[status] ? t(NUMBER[status]) : status),
        quality && QUALITY[quality] && t(QUALITY[quality]),
        name && NAME[name] && t(NAME[name]),
        isTest && t('evidence.test'),
      ].filter(Boolean);
      return plain(words.length > 0 ? words.join(' · ') : t('evidence.said.numberSilent'));
    }
    case 'not_subscribed':
      return plain(t('evidence.said.unsubscribed'));
    case 'subscribed_here':
      return plain(t('evidence.said.subscribed'));
    case 'subscribed_by_app':
      return plain(t('evidence.said.subscribedByApp'));
    case 'sending': {
      const { state, obstacles } = said.params;
      const text = !state ? t('evidence.said.sendingSilent') : STATE[state] ? t(STATE[state]) : state;
      return plain(text, ...obstacles.map(({ description, solution }) => `${description} ${solution}`.trim()));
    }
  }
}
