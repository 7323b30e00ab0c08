//! `PATCH /workspace`

use axum::extract::State;
use centrala_domain::workspace::{Language, Settings};
use centrala_engine::commands::workspace::change::{ChangeWorkspace, ChangeWorkspaceError};
use centrala_store::workspaces;
use serde::Deserialize;
use utoipa::ToSchema;

use super::WorkspaceOut;
use crate::auth::{Allowed, ManageWorkspace};
use crate::problem::{Answer, Problem};
use crate::routes::input::Json;
use crate::routes::schemas::LanguageSchema;
use crate::state::App;

/// What changes; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkspacePatch {
    /// What its people call it; 1 to 100 characters.
    #[schema(example = "Brutăria Spicul")]
    name: Option<String>,
    /// Settings that change.
    settings: Option<SettingsPatch>,
}

/// Settings that change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsPatch {
    /// Language of texts that the server writes.
    #[schema(value_type = Option<LanguageSchema>)]
    language: Option<Language>,
    /// IANA zone of the people.
    #[schema(example = "Europe/Bucharest")]
    time_zone: Option<String>,
}

/// Change the workspace's name or settings.
#[utoipa::path(patch, path = "/api/v1/workspace", tag = "workspace", request_body = WorkspacePatch,
    responses((status = 200, description = "The workspace", body = WorkspaceOut)),
    extensions(("x-problems" = json!(["invalid-input"]))))]
pub async fn change_workspace(
    State(app): State<App>,
    allowed: Allowed<ManageWorkspace>,
    Json(patch): Json<WorkspacePatch>,
) -> Answer<axum::Json<WorkspaceOut>> {
    let mut reader = app.store.read().await?;
    let before = workspaces::find(&allowed.scope, &mut reader).await?.ok_or_else(Problem::not_found)?;
    drop(reader);
    let settings = patch.settings.map(|patch| patch.apply(before.settings)).transpose()?;
    let command = ChangeWorkspace { name: patch.name, settings };
    Ok(axum::Json(app.store.execute(allowed.origin(), command).await?.into()))
}

impl SettingsPatch {
    fn apply(
        self,
        mut settings: Settings,
    ) -> Answer<Settings> {
        if let Some(zone) = self.time_zone {
            if jiff::tz::TimeZone::get(&zone).is_err() {
                return Err(Problem::invalid("/settings/time_zone", "not the name of a time zone"));
            }
            settings.time_zone = zone;
        }
        settings.language = self.language.unwrap_or(settings.language);
        Ok(settings)
    }
}

impl From<ChangeWorkspaceError> for Problem {
    fn from(error: ChangeWorkspaceError) -> Self {
        match error {
            ChangeWorkspaceError::NotFound => Self::not_found(),
            ChangeWorkspaceError::Name => Self::invalid("/name", error),
            ChangeWorkspaceError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn absent_settings_stay() {
        let app = TestApp::start().await;
        let path = "/api/v1/workspace";
        let changed = app.shop.owner.patch(path, json!({"settings": {"language": "ro"}})).await.ok();
        assert_eq!(changed["settings"]["language"], "ro");
        assert_eq!(changed["settings"]["time_zone"], "Europe/Bucharest");
        let renamed = app.shop.owner.patch(path, json!({"name": "Spicul"})).await.ok();
        assert_eq!(renamed["settings"]["language"], "ro");
    }

    #[tokio::test]
    async fn wrong_zone_is_pointed_at() {
        let app = TestApp::start().await;
        let body = json!({"settings": {"time_zone": "Mars/Phobos"}});
        let problem = app.shop.owner.patch("/api/v1/workspace", body).await.problem(422, "invalid-input");
        assert_eq!(problem["errors"][0]["pointer"], "/settings/time_zone");
    }
}
