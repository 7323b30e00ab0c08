// The sections of the settings: one line each. What a section needs to be shown at all stands here too.
import Palette from '@lucide/svelte/icons/palette';
import User from '@lucide/svelte/icons/user-round';
import type { Component } from 'svelte';
import type { PlainKey } from '$i18n/i18n.svelte';
import type { Icon } from '$ui/icon';

export type SectionPage = Component<{ item?: string | undefined }> | Component<Record<string, never>>;

export interface Section {
  readonly name: string;
  readonly title: PlainKey;
  readonly icon: Icon;
  readonly part: 'you' | 'workspace';
  readonly permission?: string;
  readonly load: () => Promise<{ readonly default: SectionPage }>;
}

export const SECTIONS: readonly Section[] = [
  {
    name: 'profile',
    title: 'settings.profile.title',
    icon: User,
    part: 'you',
    load: () => import('$pages/settings/Profile.svelte'),
  },
  {
    name: 'appearance',
    title: 'settings.appearance.title',
    icon: Palette,
    part: 'you',
    load: () => import('$pages/settings/Appearance.svelte'),
  },
];
