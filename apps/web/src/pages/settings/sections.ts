// The sections of the settings: one line each. What a section needs to be shown at all stands here too.
import Bell from '@lucide/svelte/icons/bell';
import Workspace from '@lucide/svelte/icons/building-2';
import Key from '@lucide/svelte/icons/key-round';
import Sessions from '@lucide/svelte/icons/monitor-smartphone';
import Keyboard from '@lucide/svelte/icons/keyboard';
import Inbox from '@lucide/svelte/icons/inbox';
import Palette from '@lucide/svelte/icons/palette';
import Tag from '@lucide/svelte/icons/tag';
import User from '@lucide/svelte/icons/user-round';
import Users from '@lucide/svelte/icons/users-round';
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
    name: 'sessions',
    title: 'sessions.title',
    icon: Sessions,
    part: 'you',
    load: () => import('$pages/settings/Sessions.svelte'),
  },
  {
    name: 'appearance',
    title: 'settings.appearance.title',
    icon: Palette,
    part: 'you',
    load: () => import('$pages/settings/Appearance.svelte'),
  },
  {
    name: 'notifications',
    title: 'notifications.title',
    icon: Bell,
    part: 'you',
    load: () => import('$pages/settings/Notifications.svelte'),
  },
  {
    name: 'keyboard',
    title: 'keyboard.title',
    icon: Keyboard,
    part: 'you',
    load: () => import('$pages/settings/Keyboard.svelte'),
  },
  {
    name: 'tokens',
    title: 'tokens.title',
    icon: Key,
    part: 'you',
    load: () => import('$pages/settings/Tokens.svelte'),
  },
  {
    name: 'workspace',
    title: 'workspace.title',
    icon: Workspace,
    part: 'workspace',
    permission: 'manage_workspace',
    load: () => import('$pages/settings/Workspace.svelte'),
  },
  {
    name: 'agents',
    title: 'agents.title',
    icon: Users,
    part: 'workspace',
    permission: 'manage_agents',
    load: () => import('$pages/settings/Agents.svelte'),
  },
  {
    name: 'inboxes',
    title: 'inboxes.title',
    icon: Inbox,
    part: 'workspace',
    permission: 'manage_inboxes',
    load: () => import('$pages/settings/Inboxes.svelte'),
  },
  {
    name: 'labels',
    title: 'labels.title',
    icon: Tag,
    part: 'workspace',
    permission: 'manage_labels',
    load: () => import('$pages/settings/Labels.svelte'),
  },
];
