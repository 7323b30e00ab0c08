// The second step of actions that need one: to whom, until when, which label. They are levels of the palette, so they
// are the same from a key, a button, a menu and the palette itself.

import Check from '@lucide/svelte/icons/check';
import Later from '@lucide/svelte/icons/calendar-clock';
import Minus from '@lucide/svelte/icons/minus';
import Nobody from '@lucide/svelte/icons/user-x';
import Person from '@lucide/svelte/icons/user-round';
import Plus from '@lucide/svelte/icons/plus';
import Snoozed from '@lucide/svelte/icons/alarm-clock';
import Tag from '@lucide/svelte/icons/tag';
import type { Formats } from '$app/format';
import type { Translate } from '$i18n/i18n.svelte';
import type { Desk, Session } from '$state/index';
import { hueOf, type Hue } from '$ui/avatar';
import { fold } from '$ui/fold';
import type { PaletteItem, PaletteLevel } from '$ui/keyboard/palette.svelte';
import type { Actions } from './actions.svelte';
import { momentOf } from './moment';
import { presets } from './snooze';

export interface ChoiceOptions {
  readonly actions: Actions;
  readonly desk: Desk;
  readonly session: Session;
  readonly t: Translate;
  /** In the time zone of the workspace. */
  readonly written: () => Formats;
  /** Asks for an own date and time. */
  readonly onown: (ids: readonly string[]) => void;
}

/** What a new label is given; anybody who may can change it in the settings. */
const COLORS: Record<Hue, string> = {
  red: '#d92d20',
  orange: '#e0700f',
  yellow: '#c79a08',
  green: '#1f9d57',
  teal: '#0f9a9a',
  blue: '#2f6fe4',
  violet: '#7a5af8',
  pink: '#d6358f',
};
const NAME_MOST = 40;

export class Choices {
  readonly #to: ChoiceOptions;

  constructor(options: ChoiceOptions) {
    this.#to = options;
  }

  assign(ids: readonly string[]): PaletteLevel {
    const { actions, desk, session, t } = this.#to;
    const me = session.agent?.id;
    const owners = new Set(ids.map((id) => desk.rows.get(id)?.assignee?.id));
    const only = owners.size === 1 ? [...owners][0] : undefined;
    const people = async (): Promise<readonly PaletteItem[]> => {
      await actions.learnMembers(ids);
      const all = [...actions.candidates(ids)].sort(
        (a, b) => Number(b.id === me) - Number(a.id === me) || a.name.localeCompare(b.name),
      );
      return all.map(({ id, name }) => ({
        id: `assign.${id}`,
        title: name,
        icon: id === only ? Check : Person,
        ...(id === me && { detail: t('actions.you') }),
        run: () => actions.assign(ids, id),
      }));
    };
    const nobody: PaletteItem = {
      id: 'assign.nobody',
      title: t('actions.nobody'),
      icon: Nobody,
      run: () => actions.unassign(ids),
    };
    return {
      title: t('actions.assign'),
      placeholder: t('actions.assignTo'),
      providers: [
        { id: 'people', title: () => t('actions.people'), items: people },
        {
          id: 'nobody',
          title: () => t('actions.otherwise'),
          items: () => (actions.whyNot('unassign', ids) === undefined ? [nobody] : []),
        },
      ],
    };
  }

  snooze(ids: readonly string[]): PaletteLevel {
    const { actions, t, onown } = this.#to;
    const until = (id: string, title: string, at: Date, detail?: string): PaletteItem => {
      const written = this.#to.written();
      const said = `${written.date(at)}, ${written.time(at)}`;
      return {
        id: `snooze.${id}`,
        title,
        ...(detail !== undefined && { detail }),
        icon: Snoozed,
        run: () => actions.snooze(ids, at, said),
      };
    };
    // What was typed, as it was understood: nobody has to guess what the machine guessed.
    const typed = (query: string): readonly PaletteItem[] => {
      const written = this.#to.written();
      const at = momentOf(query, new Date(), written.zone);
      return at === undefined ? [] : [until('typed', written.full(at), at)];
    };
    const items = (): readonly PaletteItem[] => {
      const written = this.#to.written();
      const at = presets(new Date(), written.zone);
      const names = ['hour', 'today', 'tomorrow', 'monday'] as const;
      const usual = names.flatMap((name) => {
        const moment = at[name];
        return moment === undefined ? [] : [until(name, t(`actions.snoozeTo.${name}`), moment, written.full(moment))];
      });
      return [...usual, { id: 'snooze.own', title: t('actions.snoozeTo.own'), icon: Later, run: () => onown(ids) }];
    };
    return {
      title: t('actions.snooze'),
      placeholder: t('actions.snoozeOrType'),
      providers: [
        { id: 'typed', title: () => t('actions.snoozeTyped'), items: typed, searches: true },
        { id: 'moments', title: () => t('actions.snoozeUntil'), items },
      ],
    };
  }

  label(ids: readonly string[]): PaletteLevel {
    const { actions, desk, t } = this.#to;
    const items = (): readonly PaletteItem[] =>
      desk.directory.labels.map((label) => {
        const state = actions.labelled(ids, label.id);
        return {
          id: `label.${label.id}`,
          title: label.name,
          icon: { all: Check, some: Minus, none: Tag }[state],
          ...(state !== 'none' && { detail: t(`actions.labelled.${state}`) }),
          run: () => actions.toggleLabel(ids, label),
        };
      });
    const create = (query: string): readonly PaletteItem[] => {
      const name = query.trim();
      const isKnown = desk.directory.labels.some((label) => fold(label.name) === fold(name));
      if (name === '' || [...name].length > NAME_MOST || isKnown || !actions.mayCreateLabels) return [];
      return [
        {
          id: 'label.create',
          title: t('actions.createLabel', { name }),
          icon: Plus,
          run: () => void actions.createLabel(ids, name, COLORS[hueOf(name)]),
        },
      ];
    };
    return {
      title: t('actions.label'),
      placeholder: t(actions.mayCreateLabels ? 'actions.labelOrNew' : 'actions.labelFind'),
      providers: [
        { id: 'labels', title: () => t('actions.labels'), items },
        { id: 'create', title: () => t('actions.newLabel'), items: create, searches: true },
      ],
    };
  }
}
