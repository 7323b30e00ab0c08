//! The tenant and its settings.

use serde::{Deserialize, Serialize};

use crate::hours::Hours;
use crate::{Timestamp, WorkspaceId};

/// Language of texts that the server itself must write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Romanian.
    Ro,
}

/// A tenant: nothing inside is visible to another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// What its people call it.
    pub name: String,
    /// Its settings.
    pub settings: Settings,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What an owner can set for the whole workspace. Every field has a default, so older rows stay readable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Language of texts that the server writes.
    pub language: Language,
    /// IANA zone of the people, for hours and dates.
    pub time_zone: String,
    /// When the team works, by the clock of that zone.
    pub hours: Hours,
}

impl Default for Settings {
    fn default() -> Self {
        Self { language: Language::En, time_zone: "Europe/Bucharest".into(), hours: Hours::default() }
    }
}
