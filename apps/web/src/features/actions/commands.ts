// The actions as commands: for keys, the palette, menus and buttons.

import Assign from '@lucide/svelte/icons/user-plus';
import Claim from '@lucide/svelte/icons/user-check';
import Reopen from '@lucide/svelte/icons/rotate-ccw';
import Resolve from '@lucide/svelte/icons/circle-check';
import Snooze from '@lucide/svelte/icons/alarm-clock';
import Tag from '@lucide/svelte/icons/tag';
import Unassign from '@lucide/svelte/icons/user-x';
import Undo from '@lucide/svelte/icons/undo-2';
import Unread from '@lucide/svelte/icons/mail';
import type { Translate } from '$i18n/i18n.svelte';
import type { Icon } from '$ui/icon';
import type { Palette } from '$ui/keyboard/palette.svelte';
import type { Registered } from '$ui/keyboard/registry.svelte';
import type { MenuItem } from '$ui/menu';
import type { ActionName, Actions } from './actions.svelte';
import type { Choices } from './choices';

export interface Deed {
  readonly name: ActionName;
  readonly icon: Icon;
  readonly run: (ids: readonly string[]) => void;
}

/** Every action, in the order of menus. */
export function deeds(actions: Actions, choices: Choices, palette: Palette): readonly Deed[] {
  return [
    { name: 'claim', icon: Claim, run: (ids) => actions.claim(ids) },
    { name: 'assign', icon: Assign, run: (ids) => palette.show(choices.assign(ids)) },
    { name: 'unassign', icon: Unassign, run: (ids) => actions.unassign(ids) },
    { name: 'label', icon: Tag, run: (ids) => palette.show(choices.label(ids)) },
    { name: 'unread', icon: Unread, run: (ids) => actions.markUnread(ids) },
    { name: 'snooze', icon: Snooze, run: (ids) => palette.show(choices.snooze(ids)) },
    { name: 'resolve', icon: Resolve, run: (ids) => actions.resolve(ids) },
    { name: 'reopen', icon: Reopen, run: (ids) => actions.reopen(ids) },
  ];
}

export const commandOf = (name: ActionName): string => `conversation.${name}`;

/** What they are called and their keys, the keymap knows. */
export function commandsOf(
  all: readonly Deed[],
  { actions, targets }: { actions: Actions; targets: () => readonly string[] },
): readonly Registered[] {
  const commands = all.map(({ name, icon, run }) => ({
    id: commandOf(name),
    icon,
    when: () => actions.whyNot(name, targets()) === undefined,
    run: () => run(targets()),
  }));
  const undo: Registered = {
    id: 'conversation.undo',
    icon: Undo,
    when: () => actions.canUndo,
    run: () => actions.undo(),
  };
  return [...commands, undo];
}

/** The same as a menu; what makes no sense says why. */
export function menuOf(
  all: readonly Deed[],
  { actions, ids, t }: { actions: Actions; ids: readonly string[]; t: Translate },
): readonly MenuItem[] {
  return all.map(({ name, icon, run }) => {
    const why = actions.whyNot(name, ids);
    const label = t(`actions.${name}`);
    return {
      label: why === undefined ? label : t('actions.because', { label, why }),
      icon,
      command: commandOf(name),
      disabled: why !== undefined,
      run: () => run(ids),
    };
  });
}
