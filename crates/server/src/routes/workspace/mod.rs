//! The workspace of whoever asks. There is no way to name another one.

pub mod change;
pub mod get;
pub mod hours;

use centrala_domain::permission::Permission::{ManageWorkspace, ReadWorkspace};
use centrala_domain::workspace::{Language, Settings, Workspace};
use centrala_domain::{Timestamp, WorkspaceId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use hours::HoursOut;

use super::schemas::LanguageSchema;
use super::table::Route;
use crate::problem::{Answer, Problem};

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::needs(ReadWorkspace, routes!(get::get_workspace)),
        Route::needs(ManageWorkspace, routes!(change::change_workspace)),
    ]
}

/// The workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkspaceOut {
    /// Id.
    #[schema(value_type = String, example = "ws_0000000000000000000000000e")]
    pub id: WorkspaceId,
    /// What its people call it.
    #[schema(example = "Brutăria Spicul")]
    pub name: String,
    /// Its settings.
    pub settings: SettingsOut,
    /// When the team works, by the clock of the zone in the settings.
    pub hours: HoursOut,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    pub created_at: Timestamp,
}

/// Settings of the workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsOut {
    /// Language of texts that the server writes.
    #[schema(value_type = LanguageSchema)]
    pub language: Language,
    /// IANA zone of the people.
    #[schema(example = "Europe/Bucharest")]
    pub time_zone: String,
}

/// Whether that is the name of a zone.
///
/// # Errors
/// [`crate::problem::Slug::InvalidInput`] at `pointer`.
pub fn check_zone(zone: &str, pointer: &str) -> Answer<()> {
    jiff::tz::TimeZone::get(zone)
        .map(drop)
        .map_err(|_| Problem::wrong(pointer, "time-zone", "not the name of a time zone"))
}

impl From<Workspace> for WorkspaceOut {
    fn from(workspace: Workspace) -> Self {
        let Workspace { id, name, settings, created_at } = workspace;
        let Settings { language, time_zone, hours } = settings;
        let settings = SettingsOut { language, time_zone };
        Self { id, name, settings, hours: hours.into(), created_at }
    }
}
