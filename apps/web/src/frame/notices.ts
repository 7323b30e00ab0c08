// What a notice says.
import type { Conversation, Message } from '$api/index';
import type { Translate } from '$i18n/i18n.svelte';
import type { KeptWords } from '$shell/worker';
import type { Notice } from '$shell/shell';
import type { News } from '$state/index';

const KINDS = [
  'image',
  'video',
  'audio',
  'document',
  'sticker',
  'location',
  'contacts',
  'reaction',
  'choice',
  'order',
] as const;

function nameOf({ contact, identity }: Conversation, t: Translate): string {
  return contact.name ?? identity.phone ?? identity.username ?? t('inbox.unknown');
}

function textOf({ content }: Message, t: Translate): string {
  if (content.type === 'text') return content.body;
  const caption = 'caption' in content ? content.caption : null;
  if (caption) return caption;
  const known = KINDS.find((kind) => kind === content.type);
  return t(`inbox.kind.${known ?? 'other'}`);
}

/** The words of a piece of news; `nameOfAgent` names who caused it. */
export function noticeOf(news: News, t: Translate, nameOfAgent: (id: string) => string | null): Notice {
  switch (news.kind) {
    case 'message': {
      const { conversation, message } = news;
      const about = { conversation: conversation.id, message: message.id };
      return { ...about, tag: conversation.id, title: nameOf(conversation, t), body: textOf(message, t) };
    }
    case 'assigned': {
      const { conversation, by } = news;
      const name = by === null ? null : nameOfAgent(by);
      const body = name === null ? t('notices.assigned') : t('notices.assignedBy', { name });
      return { conversation: conversation.id, tag: conversation.id, title: nameOf(conversation, t), body };
    }
    case 'many':
      return { tag: 'centrala', title: t('notices.many'), body: t('notices.manyText', { count: news.messages }) };
  }
}

/** What the service worker says while no page is open. */
export function keptWords(t: Translate, locale: string, isSilent: boolean): KeptWords {
  return {
    locale,
    isSilent,
    message: t('notices.message'),
    unknown: t('inbox.unknown'),
    testTitle: t('notices.testTitle'),
    testBody: t('notices.testText'),
    kinds: Object.fromEntries(KINDS.map((kind) => [kind, t(`inbox.kind.${kind}`)])),
  };
}
