// The door of this room.

export { App, getApp, setApp, type AppOptions } from './app.svelte';
export { attend, browserApp } from './browser';
export type { Commands } from './commands';
export type { ContactPanel } from './contact_panel.svelte';
export type { ConversationList } from './conversation_list.svelte';
export type { Counts } from './counts.svelte';
export type { Desk } from './desk.svelte';
export type { Directory } from './directory.svelte';
export { LocalDrafts, type Draft, type DraftMode, type Drafts, type DraftStore } from './drafts.svelte';
export { STEPS, type FirstMinutes, type Step } from './first_minutes.svelte';
export { keyOf, type Filter } from './filter';
export type { Entry, EntryState, Outbox, Written } from './outbox.svelte';
export {
  DAYS,
  PRESETS,
  USUAL_PREFERENCES,
  type Day,
  type FirstMinutesPreferences,
  type KeyboardPreferences,
  type NotificationPreferences,
  type Preferences,
  type PreferencesStore,
  type Preset,
  type QuietHours,
} from './preferences.svelte';
export type { Presence } from './presence.svelte';
export type { Doctor, Receipts, Sessions, Tokens } from './admin.svelte';
export type { Search } from './search.svelte';
export type { Session } from './session.svelte';
export type { Thread } from './thread.svelte';
export type { Item } from './timeline';
export { Notices, type News } from './notices';
export type { PushDevice, PushDevices } from './push.svelte';
