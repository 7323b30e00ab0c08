// What a notice says.
import type { Message } from '$api/index';
import { textOf } from '$app/markup';
import { kindOf, KINDS, nameOf } from '$features/list/words';
import type { Translate } from '$i18n/i18n.svelte';
import type { KeptWords } from '$shell/worker';
import type { Notice } from '$shell/shell';
import type { News } from '$state/index';

function wordsOf({ content }: Message, t: Translate): string {
  if (content.type === 'text') return textOf(content.body) || content.body;
  const caption = 'caption' in content ? content.caption : null;
  return caption ? textOf(caption) : kindOf(content.type, t);
}

/** The words of a piece of news; `nameOfAgent` names who caused it. */
export function noticeOf(news: News, t: Translate, nameOfAgent: (id: string) => string | null): Notice {
  switch (news.kind) {
    case 'message': {
      const { conversation, message } = news;
      const about = { conversation: conversation.id, message: message.id };
      return { ...about, tag: conversation.id, title: nameOf(conversation, t), body: wordsOf(message, t) };
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
