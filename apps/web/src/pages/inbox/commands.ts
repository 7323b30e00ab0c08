// Moving about in the inbox by keys; which keys, says the keymap.

import Up from '@lucide/svelte/icons/arrow-up';
import Panel from '@lucide/svelte/icons/panel-right';
import Search from '@lucide/svelte/icons/search';
import SignOfView from '@lucide/svelte/icons/inbox';
import Chosen from '@lucide/svelte/icons/square-check';
import type { View } from '$features/list/views';
import type { Registered } from '$ui/keyboard/registry.svelte';

export interface Moves {
  readonly step: (by: 1 | -1) => void;
  readonly search: () => void;
  /** Into the thread, from wherever the focus is. */
  readonly enter: () => void;
  readonly isOpen: () => boolean;
  readonly back: () => void;
  readonly canGoBack: () => boolean;
  readonly hasNew: () => boolean;
  readonly showNew: () => void;
  readonly choose: () => void;
  readonly chooseAll: () => void;
  readonly togglePanel: () => void;
  readonly views: readonly { readonly name: View; readonly go: () => void }[];
}

export function navigation(to: Moves): readonly Registered[] {
  return [
    { id: 'inbox.next', run: () => to.step(1) },
    { id: 'inbox.previous', run: () => to.step(-1) },
    { id: 'inbox.enter', when: to.isOpen, run: to.enter },
    { id: 'inbox.back', when: to.canGoBack, run: to.back },
    { id: 'inbox.search', icon: Search, run: to.search },
    { id: 'inbox.showNew', icon: Up, when: to.hasNew, run: to.showNew },
    { id: 'inbox.choose', run: to.choose },
    { id: 'inbox.chooseAll', icon: Chosen, run: to.chooseAll },
    { id: 'inbox.panel', icon: Panel, run: to.togglePanel },
    ...to.views.map(({ name, go }) => ({ id: `inbox.view.${name}`, icon: SignOfView, run: go })),
  ];
}
