// The map of the keys: every command by area, with its keys in each preset. Whoever can do one registers it by its id.
//
// `whatsapp` follows the dialog of WhatsApp Web (Windows) and its older one (Mac), where it has a key that a browser
// gives to pages; `gmail` follows https://support.google.com/mail/answer/6594. What they have not keeps Centrala's key.
import type { PlainKey, Translate } from '$i18n/i18n.svelte';
import { VIEWS, type View } from '$features/list/views';
import type { Description, Keys, KeyboardSettings, Preset, WhileWriting } from '$ui/keyboard/registry.svelte';

/** Scopes whose keys come before the same keys of what is around: the message in focus before its conversation. */
export const OVER = ['message'] as const;

interface Line {
  readonly id: string;
  readonly title: PlainKey;
  readonly keys?: Keys | ((settings: KeyboardSettings) => Keys);
  readonly presets?: Partial<Record<Preset, Keys>>;
  readonly shares?: readonly string[];
  readonly fixed?: boolean;
  readonly keysOnly?: boolean;
  readonly whileWriting?: WhileWriting;
  /** Only for those who may do this. */
  readonly permission?: string;
}

interface Area {
  readonly title: PlainKey;
  readonly scope: string;
  readonly lines: readonly Line[];
}

const other = (keys: readonly string[], mac: readonly string[]): Keys => ({ mac, other: keys });

/** What Gmail reaches by G and a letter. */
const GMAIL_VIEWS: Partial<Record<View, string>> = { all: 'g a', snoozed: 'g b' };

const AREAS: readonly Area[] = [
  {
    title: 'cheatSheet.group',
    scope: 'app',
    lines: [
      {
        id: 'app.palette',
        title: 'palette.open',
        keys: ['$mod+k'],
        presets: { whatsapp: other(['$mod+k', 'Alt+k'], ['$mod+k']) },
        keysOnly: true,
      },
      { id: 'app.cheatSheet', title: 'cheatSheet.open', keys: ['?'] },
      { id: 'go.inbox', title: 'inbox.nav', keys: ['g i'] },
      {
        id: 'go.settings',
        title: 'nav.settings',
        keys: ['g s'],
        presets: { whatsapp: other(['Alt+s'], ['Meta+Control+,']) },
      },
      { id: 'go.doctor', title: 'nav.doctor', keys: ['g d'], permission: 'operate' },
      { id: 'go.receipts', title: 'nav.receipts', keys: ['g c'], permission: 'operate' },
      { id: 'app.firstMinutes', title: 'firstMinutes.open' },
      { id: 'app.install', title: 'install.action' },
      { id: 'app.signOut', title: 'account.signOut' },
    ],
  },
  {
    title: 'inbox.nav',
    scope: 'inbox',
    lines: [
      { id: 'inbox.arrows', title: 'keyboard.moveInList', keys: ['ArrowDown', 'ArrowUp'], fixed: true },
      {
        id: 'inbox.next',
        title: 'inbox.next',
        keys: ['j'],
        presets: { whatsapp: ['Control+]'] },
        keysOnly: true,
      },
      {
        id: 'inbox.previous',
        title: 'inbox.previous',
        keys: ['k'],
        presets: { whatsapp: ['Control+['] },
        keysOnly: true,
      },
      { id: 'inbox.enter', title: 'inbox.enter', keys: ['o'] },
      { id: 'inbox.back', title: 'inbox.back', keys: ['Escape'], presets: { gmail: ['u', 'Escape'] } },
      {
        id: 'inbox.search',
        title: 'inbox.search',
        keys: ['/'],
        presets: { whatsapp: other(['Control+Shift+f', '/'], ['Meta+Control+/', '/']) },
      },
      { id: 'inbox.showNew', title: 'inbox.showNew', keys: ['.'] },
      { id: 'inbox.choose', title: 'inbox.choose', keys: ['x'], keysOnly: true },
      { id: 'inbox.chooseAll', title: 'inbox.chooseAll', keys: ['Shift+x'], presets: { gmail: ['* a'] } },
      { id: 'inbox.panel', title: 'inbox.panel', keys: ['i'], presets: { whatsapp: other(['Alt+i'], ['i']) } },
    ],
  },
  {
    title: 'actions.group',
    scope: 'inbox',
    lines: [
      { id: 'conversation.claim', title: 'actions.claim', keys: ['Shift+a'] },
      { id: 'conversation.assign', title: 'actions.assign', keys: ['a'] },
      { id: 'conversation.unassign', title: 'actions.unassign', keys: ['Shift+u'], presets: { gmail: ['Shift+d'] } },
      {
        id: 'conversation.label',
        title: 'actions.label',
        keys: ['l'],
        presets: { whatsapp: other(['Control+Shift+l'], ['Meta+Control+Shift+l']) },
      },
      {
        id: 'conversation.unread',
        title: 'actions.unread',
        keys: ['u'],
        presets: { whatsapp: other(['Control+Shift+u'], ['Meta+Control+Shift+u']), gmail: ['Shift+u'] },
      },
      { id: 'conversation.snooze', title: 'actions.snooze', keys: ['h'], presets: { gmail: ['b'] } },
      {
        id: 'conversation.resolve',
        title: 'actions.resolve',
        keys: ['e'],
        presets: { whatsapp: other(['Control+Shift+a'], ['Meta+Control+Shift+e']), gmail: ['e', '#'] },
      },
      { id: 'conversation.reopen', title: 'actions.reopen', keys: ['Shift+e'] },
      {
        id: 'conversation.undo',
        title: 'actions.undoLast',
        keys: ['$mod+z'],
        presets: { gmail: ['z', '$mod+z'] },
        shares: ['composer.undo'],
        // In a field the same keys take back what was typed.
        whileWriting: 'never',
      },
    ],
  },
  {
    title: 'composer.title',
    scope: 'thread',
    lines: [
      {
        id: 'composer.reply',
        title: 'composer.writeReply',
        keys: ['r'],
        presets: { whatsapp: other(['Alt+r'], ['r']) },
      },
      { id: 'composer.note', title: 'composer.writeNote', keys: ['n'] },
      { id: 'composer.switch', title: 'composer.switch', keys: ['$mod+Shift+m'], whileWriting: 'modified' },
      {
        id: 'composer.send',
        title: 'composer.send',
        keys: ({ send }) => (send === 'enter' ? ['Enter'] : ['$mod+Enter']),
        fixed: true,
      },
      {
        id: 'composer.attach',
        title: 'composer.attach',
        keys: ['$mod+Shift+a'],
        presets: { whatsapp: other(['Alt+a'], ['$mod+Shift+a']) },
        whileWriting: 'modified',
      },
      {
        id: 'composer.undo',
        title: 'thread.undo',
        keys: ['$mod+z'],
        shares: ['conversation.undo'],
        whileWriting: 'modified',
      },
      { id: 'composer.leave', title: 'keyboard.leaveComposer', keys: ['Escape'], shares: ['inbox.back'], fixed: true },
    ],
  },
  {
    title: 'thread.messages',
    scope: 'message',
    lines: [
      { id: 'message.arrows', title: 'keyboard.moveInThread', keys: ['ArrowUp', 'ArrowDown'], fixed: true },
      { id: 'message.reply', title: 'thread.reply', keys: ['r'], presets: { whatsapp: other(['Alt+r'], ['r']) } },
      { id: 'message.react', title: 'thread.react', keys: ['e'] },
      { id: 'message.trace', title: 'trace.open', keys: ['t'] },
      { id: 'message.copy', title: 'thread.copy', keys: ['c'] },
      { id: 'message.open', title: 'media.open', keys: ['Enter'] },
    ],
  },
];

/** Everything that has a name and may have keys, in the order in which people read it. */
export function keymap(t: Translate, may: (permission: string) => boolean): readonly Description[] {
  const described = ({ title, scope, lines }: Area): readonly Description[] =>
    lines.map(({ title: name, permission, ...line }) => ({
      ...line,
      scope,
      title: () => t(name),
      group: () => t(title),
      ...(permission !== undefined && { isFor: () => may(permission) }),
    }));
  const views = VIEWS.map((view, at): Description => {
    const [usual, gmail] = [String(at + 1), GMAIL_VIEWS[view]];
    return {
      id: `inbox.view.${view}`,
      title: () => t('inbox.showView', { view: t(`inbox.view.${view}`) }),
      group: () => t('inbox.nav'),
      scope: 'inbox',
      keys: [usual],
      ...(gmail !== undefined && { presets: { gmail: [usual, gmail] } }),
    };
  });
  const all = AREAS.flatMap(described);
  const actions = all.findIndex(({ id }) => id.startsWith('conversation.'));
  return [...all.slice(0, actions), ...views, ...all.slice(actions)];
}
