//! How an agent likes his screens: his own, the same on each of his devices. Every member has a default, so that
//! what was kept by an older program stays readable.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::hours::{TimeOfDay, Weekday};

/// Commands with keys of one's own at most.
pub const COMMANDS: usize = 500;
/// Keys of one command at most.
pub const KEYS: usize = 8;
/// Characters of the name of a command, of a key, or of a step.
pub const NAME_CHARACTERS: usize = 100;
/// Steps at most.
pub const STEPS: usize = 50;

/// All preferences of an agent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Keys.
    pub keyboard: Keyboard,
    /// What he is told of, and when.
    pub notifications: Notifications,
    /// How far he came in his first minutes.
    pub first_minutes: FirstMinutes,
}

/// Keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Keyboard {
    /// Which set of keys the rest builds on.
    pub preset: KeyPreset,
    /// Whether letters alone are keys (WCAG 2.1.4 wants that they can be off).
    pub single_letters: bool,
    /// What sends.
    pub send: SendKey,
    /// Keys of one's own, by name of the command; none means that the command has no key.
    pub keys: BTreeMap<String, Vec<String>>,
}

impl Default for Keyboard {
    fn default() -> Self {
        Self {
            preset: KeyPreset::default(),
            single_letters: true,
            send: SendKey::default(),
            keys: BTreeMap::new(),
        }
    }
}

/// A set of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPreset {
    /// Ours.
    #[default]
    Centrala,
    /// As in WhatsApp on a computer.
    Whatsapp,
    /// As in Gmail.
    Gmail,
}

/// What sends what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendKey {
    /// Enter; with Shift it is a new line.
    #[default]
    Enter,
    /// Enter with Ctrl or Cmd.
    ModEnter,
}

/// What an agent is told of, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notifications {
    /// Messages of which conversations.
    pub about: NotifyAbout,
    /// Whether it may be heard.
    pub sound: bool,
    /// When he wants to be left alone.
    pub quiet_hours: Option<QuietHours>,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { about: NotifyAbout::default(), sound: true, quiet_hours: None }
    }
}

/// Messages of which conversations are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotifyAbout {
    /// Of all that he may see.
    All,
    /// Of his own, and of those that nobody has.
    #[default]
    MineAndUnassigned,
    /// Of his own.
    Mine,
    /// Of none.
    None,
}

/// When an agent wants to be left alone, by the workspace's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// From when.
    pub from: TimeOfDay,
    /// Until when; before `from` it is on the next day.
    pub to: TimeOfDay,
    /// The days on which they begin.
    pub days: BTreeSet<Weekday>,
}

/// How far an agent came in his first minutes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FirstMinutes {
    /// Steps that he has done.
    pub done: BTreeSet<String>,
    /// Whether he does not want to see them.
    pub dismissed: bool,
}

/// Why preferences are refused; each names the member.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PreferencesError {
    /// Too many commands, too many keys of one, or a name that is empty or too long.
    #[error("at most 500 commands with at most 8 keys each, named by 1 to 100 characters")]
    Keys,
    /// Quiet hours that have no length, no days, or begin at the end of a day.
    #[error("quiet hours have a beginning and another end within a day, and begin on one day at least")]
    QuietHours,
    /// Too many steps, or a name that is empty or too long.
    #[error("at most 50 steps, named by 1 to 100 characters")]
    Steps,
}

impl PreferencesError {
    /// Where it stands.
    #[must_use]
    pub const fn pointer(&self) -> &'static str {
        match self {
            Self::Keys => "/keyboard/keys",
            Self::QuietHours => "/notifications/quiet_hours",
            Self::Steps => "/first_minutes/done",
        }
    }
}

impl Preferences {
    /// Whether they can be kept.
    ///
    /// # Errors
    /// [`PreferencesError`].
    pub fn check(&self) -> Result<(), PreferencesError> {
        let is_name = |name: &String| {
            (1..=NAME_CHARACTERS).contains(&name.chars().count()) && !name.chars().any(char::is_control)
        };
        let keys = &self.keyboard.keys;
        let are_keys = |(command, keys): (&String, &Vec<String>)| {
            is_name(command) && keys.len() <= KEYS && keys.iter().all(is_name)
        };
        if keys.len() > COMMANDS || !keys.iter().all(are_keys) {
            return Err(PreferencesError::Keys);
        }
        if let Some(quiet) = &self.notifications.quiet_hours
            && (quiet.from == quiet.to || quiet.from == TimeOfDay::END || quiet.days.is_empty())
        {
            return Err(PreferencesError::QuietHours);
        }
        let steps = &self.first_minutes.done;
        if steps.len() > STEPS || !steps.iter().all(is_name) {
            return Err(PreferencesError::Steps);
        }
        Ok(())
    }
}

impl QuietHours {
    /// Whether they are on at a time of a day.
    #[must_use]
    pub fn are_on(&self, day: Weekday, at: TimeOfDay) -> bool {
        let (today, yesterday) = (self.days.contains(&day), self.days.contains(&day.before()));
        if self.from < self.to {
            today && (self.from..self.to).contains(&at)
        } else {
            today && at >= self.from || yesterday && at < self.to
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(from: &str, to: &str, days: &[Weekday]) -> QuietHours {
        let time = |text| TimeOfDay::parse(text).unwrap();
        QuietHours { from: time(from), to: time(to), days: days.iter().copied().collect() }
    }

    #[test]
    fn defaults_are_what_the_api_promises() {
        let expected = serde_json::json!({
            "keyboard": {"preset": "centrala", "single_letters": true, "send": "enter", "keys": {}},
            "notifications": {"about": "mine_and_unassigned", "sound": true, "quiet_hours": null},
            "first_minutes": {"done": [], "dismissed": false},
        });
        assert_eq!(serde_json::to_value(Preferences::default()).unwrap(), expected);
        // What an older program kept has fewer members.
        let older = serde_json::json!({"keyboard": {"preset": "gmail"}});
        let read: Preferences = serde_json::from_value(older).unwrap();
        assert_eq!((read.keyboard.preset, read.keyboard.single_letters), (KeyPreset::Gmail, true));
        assert_eq!(read.notifications, Notifications::default());
    }

    #[test]
    fn what_is_too_much_or_makes_no_sense_is_refused() {
        let refused = |change: &dyn Fn(&mut Preferences)| {
            let mut preferences = Preferences::default();
            change(&mut preferences);
            preferences.check().err()
        };
        assert_eq!(refused(&|_| {}), None);
        let names = |count: usize| (0..count).map(|n| n.to_string());
        let keys = |count: usize| names(count).map(|name| (name, vec!["j".to_owned()])).collect();
        assert_eq!(refused(&|it| it.keyboard.keys = keys(COMMANDS)), None);
        assert_eq!(refused(&|it| it.keyboard.keys = keys(COMMANDS + 1)), Some(PreferencesError::Keys));
        for (command, keys) in [
            ("", vec![]),
            ("a", vec![String::new()]),
            ("a", vec!["x".repeat(101)]),
            ("a", vec!["x".to_owned(); 9]),
            ("a\n", vec![]),
        ] {
            let one = BTreeMap::from([(command.to_owned(), keys)]);
            assert_eq!(refused(&|it| it.keyboard.keys = one.clone()), Some(PreferencesError::Keys));
        }
        assert_eq!(refused(&|it| it.first_minutes.done = names(50).collect()), None);
        assert_eq!(refused(&|it| it.first_minutes.done = names(51).collect()), Some(PreferencesError::Steps));
        let week = Weekday::ALL;
        for (wrong, expected) in [
            (quiet("22:00", "07:00", &week), None),
            (quiet("22:00", "22:00", &week), Some(PreferencesError::QuietHours)),
            (quiet("22:00", "24:00", &week), None),
            (quiet("24:00", "07:00", &week), Some(PreferencesError::QuietHours)),
            (quiet("22:00", "07:00", &[]), Some(PreferencesError::QuietHours)),
        ] {
            assert_eq!(refused(&|it| it.notifications.quiet_hours = Some(wrong.clone())), expected);
        }
    }

    #[test]
    fn quiet_hours_reach_into_the_next_day() {
        let at = |text| TimeOfDay::parse(text).unwrap();
        let night = quiet("22:00", "07:00", &[Weekday::Friday]);
        for (day, time, expected) in [
            (Weekday::Friday, "21:59", false),
            (Weekday::Friday, "22:00", true),
            (Weekday::Saturday, "06:59", true),
            (Weekday::Saturday, "07:00", false),
            (Weekday::Saturday, "23:00", false),
            (Weekday::Friday, "06:00", false),
        ] {
            assert_eq!(night.are_on(day, at(time)), expected, "{day:?} {time}");
        }
        let sunday = quiet("23:00", "01:00", &[Weekday::Sunday]);
        assert!(sunday.are_on(Weekday::Monday, at("00:30")));
        let noon = quiet("12:00", "13:00", &[Weekday::Monday]);
        assert!(noon.are_on(Weekday::Monday, at("12:30")) && !noon.are_on(Weekday::Tuesday, at("12:30")));
    }
}
