//! How an agent likes his screens: his own, the same on all of his devices.

pub mod change;
pub mod get;

use std::collections::{BTreeMap, BTreeSet};

use centrala_domain::hours::{TimeOfDay, Weekday};
use centrala_domain::permission::Permission::ManageSelf;
use centrala_domain::preferences::{
    FirstMinutes, KeyPreset, Keyboard, Notifications, NotifyAbout, Preferences, QuietHours, SendKey,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::schemas::WeekdaySchema;
use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::needs(ManageSelf, routes!(get::get_preferences)),
        Route::needs(ManageSelf, routes!(change::change_preferences)),
    ]
}

/// A set of keys.
#[derive(Debug, ToSchema)]
#[schema(as = KeyPreset, rename_all = "snake_case")]
pub enum KeyPresetSchema {
    /// Ours.
    Centrala,
    /// As in WhatsApp on a computer.
    Whatsapp,
    /// As in Gmail.
    Gmail,
}

/// What sends what is written.
#[derive(Debug, ToSchema)]
#[schema(as = SendKey, rename_all = "snake_case")]
pub enum SendKeySchema {
    /// Enter; with Shift it is a new line.
    Enter,
    /// Enter with Ctrl or Cmd.
    ModEnter,
}

/// Messages of which conversations are told.
#[derive(Debug, ToSchema)]
#[schema(as = NotifyAbout, rename_all = "snake_case")]
pub enum NotifyAboutSchema {
    /// Of all that he may see.
    All,
    /// Of his own, and of those that nobody has.
    MineAndUnassigned,
    /// Of his own.
    Mine,
    /// Of none.
    None,
}

/// An agent's preferences.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreferencesOut {
    /// Keys.
    keyboard: KeyboardPreferences,
    /// What he is told of, and when.
    notifications: NotificationPreferences,
    /// How far he came in his first minutes.
    first_minutes: FirstMinutesPreferences,
}

impl From<Preferences> for PreferencesOut {
    fn from(preferences: Preferences) -> Self {
        let Preferences { keyboard, notifications, first_minutes } = preferences;
        Self {
            keyboard: keyboard.into(),
            notifications: notifications.into(),
            first_minutes: first_minutes.into(),
        }
    }
}

/// Keys.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyboardPreferences {
    /// Which set of keys the rest builds on.
    #[schema(value_type = KeyPresetSchema)]
    preset: KeyPreset,
    /// Whether letters alone are keys.
    single_letters: bool,
    /// What sends.
    #[schema(value_type = SendKeySchema)]
    send: SendKey,
    /// Keys of one's own, by name of the command; an empty list means that it has no key. At most 500 commands with
    /// at most 8 keys each.
    #[schema(example = json!({"conversation.resolve": ["e", "mod+enter"]}))]
    keys: BTreeMap<String, Vec<String>>,
}

impl From<Keyboard> for KeyboardPreferences {
    fn from(keyboard: Keyboard) -> Self {
        let Keyboard { preset, single_letters, send, keys } = keyboard;
        Self { preset, single_letters, send, keys }
    }
}

impl From<KeyboardPreferences> for Keyboard {
    fn from(keyboard: KeyboardPreferences) -> Self {
        let KeyboardPreferences { preset, single_letters, send, keys } = keyboard;
        Self { preset, single_letters, send, keys }
    }
}

/// What an agent is told of, and when.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NotificationPreferences {
    /// Messages of which conversations.
    #[schema(value_type = NotifyAboutSchema)]
    about: NotifyAbout,
    /// Whether it may be heard.
    sound: bool,
    /// When he wants to be left alone; none means never.
    quiet_hours: Option<QuietHoursPreferences>,
}

/// When an agent wants to be left alone, by the clock of the workspace's zone.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHoursPreferences {
    /// From when, `HH:MM`.
    #[schema(value_type = String, example = "22:00")]
    from: TimeOfDay,
    /// Until when, `HH:MM`; what is before `from` is on the next day.
    #[schema(value_type = String, example = "07:00")]
    to: TimeOfDay,
    /// The days on which they begin; one at least.
    #[schema(value_type = Vec<WeekdaySchema>, example = json!(["monday", "tuesday"]))]
    days: BTreeSet<Weekday>,
}

impl From<Notifications> for NotificationPreferences {
    fn from(notifications: Notifications) -> Self {
        let Notifications { about, sound, quiet_hours } = notifications;
        let quiet_hours =
            quiet_hours.map(|QuietHours { from, to, days }| QuietHoursPreferences { from, to, days });
        Self { about, sound, quiet_hours }
    }
}

impl From<NotificationPreferences> for Notifications {
    fn from(notifications: NotificationPreferences) -> Self {
        let NotificationPreferences { about, sound, quiet_hours } = notifications;
        let quiet_hours =
            quiet_hours.map(|QuietHoursPreferences { from, to, days }| QuietHours { from, to, days });
        Self { about, sound, quiet_hours }
    }
}

/// How far an agent came in his first minutes.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstMinutesPreferences {
    /// Steps that he has done; at most 50.
    #[schema(example = json!(["answer", "claim"]))]
    done: BTreeSet<String>,
    /// Whether he does not want to see them.
    dismissed: bool,
}

impl From<FirstMinutes> for FirstMinutesPreferences {
    fn from(steps: FirstMinutes) -> Self {
        let FirstMinutes { done, dismissed } = steps;
        Self { done, dismissed }
    }
}

impl From<FirstMinutesPreferences> for FirstMinutes {
    fn from(steps: FirstMinutesPreferences) -> Self {
        let FirstMinutesPreferences { done, dismissed } = steps;
        Self { done, dismissed }
    }
}
