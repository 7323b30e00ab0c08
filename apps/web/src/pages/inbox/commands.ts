// Moving about in the inbox by keys.

import Panel from '@lucide/svelte/icons/panel-right';
import Search from '@lucide/svelte/icons/search';
import SignOfView from '@lucide/svelte/icons/inbox';
import Chosen from '@lucide/svelte/icons/square-check';
import type { View } from '$features/list/views';
import type { Translate } from '$i18n/i18n.svelte';
import type { Command } from '$ui/keyboard/registry.svelte';

export interface Moves {
  readonly t: Translate;
  readonly step: (by: 1 | -1) => void;
  readonly search: () => void;
  /** Into the thread, from wherever the focus is. */
  readonly enter: () => void;
  readonly isOpen: () => boolean;
  readonly back: () => void;
  readonly canGoBack: () => boolean;
  readonly choose: () => void;
  readonly chooseAll: () => void;
  readonly togglePanel: () => void;
  readonly views: readonly { readonly name: View; readonly go: () => void }[];
}

export function navigation(to: Moves): readonly Command[] {
  const { t } = to;
  const group = (): string => t('inbox.nav');
  const scope = 'inbox';
  return [
    {
      id: 'inbox.next',
      title: () => t('inbox.next'),
      group,
      scope,
      keys: ['j'],
      keysOnly: true,
      run: () => to.step(1),
    },
    {
      id: 'inbox.previous',
      title: () => t('inbox.previous'),
      group,
      scope,
      keys: ['k'],
      keysOnly: true,
      run: () => to.step(-1),
    },
    { id: 'inbox.enter', title: () => t('inbox.enter'), group, scope, keys: ['o'], when: to.isOpen, run: to.enter },
    {
      id: 'inbox.back',
      title: () => t('inbox.back'),
      group,
      scope,
      keys: ['Escape'],
      when: to.canGoBack,
      run: to.back,
    },
    { id: 'inbox.search', title: () => t('inbox.search'), group, scope, icon: Search, keys: ['/'], run: to.search },
    { id: 'inbox.choose', title: () => t('inbox.choose'), group, scope, keys: ['x'], keysOnly: true, run: to.choose },
    {
      id: 'inbox.chooseAll',
      title: () => t('inbox.chooseAll'),
      group,
      scope,
      icon: Chosen,
      keys: ['Shift+x'],
      run: to.chooseAll,
    },
    { id: 'inbox.panel', title: () => t('inbox.panel'), group, scope, icon: Panel, keys: ['i'], run: to.togglePanel },
    ...to.views.map(({ name, go }, at) => ({
      id: `inbox.view.${name}`,
      title: () => t('inbox.showView', { view: t(`inbox.view.${name}`) }),
      group,
      scope,
      icon: SignOfView,
      keys: [String(at + 1)],
      run: go,
    })),
  ];
}
