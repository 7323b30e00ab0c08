// Where preferences are kept: `/me/preferences`.

import type { Api, Schema } from '$api/index';
import type { Preferences, PreferencesServer } from './preferences.svelte';

export function preferencesServer(api: Api): PreferencesServer {
  return {
    load: async () => preferencesOf(await api.ask((client) => client.GET('/api/v1/me/preferences'))),
    change: async (change) =>
      preferencesOf(await api.ask((client) => client.PATCH('/api/v1/me/preferences', { body: patchOf(change) }))),
  };
}

/** As the server tells them, with nothing left out. */
export function preferencesOf({ keyboard, notifications, first_minutes }: Schema<'PreferencesOut'>): Preferences {
  const quiet_hours = notifications.quiet_hours ?? null;
  return { keyboard, notifications: { ...notifications, quiet_hours }, first_minutes };
}

/** The same with lists that a request may own. */
function patchOf({ keyboard, notifications, first_minutes }: Partial<Preferences>): Schema<'PreferencesPatch'> {
  const keysOf = (keys: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
    Object.fromEntries(Object.entries(keys).map(([id, each]) => [id, [...each]]));
  const quietOf = ({ quiet_hours }: Preferences['notifications']) =>
    quiet_hours === null ? null : { ...quiet_hours, days: [...quiet_hours.days] };
  return {
    ...(keyboard && { keyboard: { ...keyboard, keys: keysOf(keyboard.keys) } }),
    ...(notifications && { notifications: { ...notifications, quiet_hours: quietOf(notifications) } }),
    ...(first_minutes && { first_minutes: { ...first_minutes, done: [...first_minutes.done] } }),
  };
}
