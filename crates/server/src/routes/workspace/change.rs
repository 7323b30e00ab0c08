//! `PATCH /workspace`

use axum::extract::State;
use centrala_domain::workspace::{Language, Settings};
use centrala_engine::commands::workspace::change::{ChangeWorkspace, ChangeWorkspaceError};
use centrala_store::workspaces;
use serde::Deserialize;
use utoipa::ToSchema;

use super::hours::HoursIn;
use super::{WorkspaceOut, check_zone};
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
    /// When the team works from now on.
    hours: Option<HoursIn>,
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

/// Change the workspace's name, settings or hours.
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
    let mut settings = before.settings;
    if let Some(patch) = patch.settings {
        settings = patch.apply(settings)?;
    }
    if let Some(hours) = patch.hours {
        settings.hours = hours.into_domain()?;
    }
    let command = ChangeWorkspace { name: patch.name, settings: Some(settings) };
    Ok(axum::Json(app.store.execute(allowed.origin(), command).await?.into()))
}

impl SettingsPatch {
    fn apply(
        self,
        mut settings: Settings,
    ) -> Answer<Settings> {
        if let Some(zone) = self.time_zone {
            check_zone(&zone, "/settings/time_zone")?;
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
            ChangeWorkspaceError::Name => Self::length("/name", 1, 100, error),
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

    #[tokio::test]
    async fn hours_are_replaced_whole_and_tidied() {
        let app = TestApp::start().await;
        let path = "/api/v1/workspace";
        let office = json!([{"from": "09:00", "to": "18:00"}]);
        let usual = app.shop.agent.get(path).await.ok()["hours"].clone();
        let expected = json!({"days": {"monday": office, "tuesday": office, "wednesday": office,
            "thursday": office, "friday": office, "saturday": [], "sunday": []}});
        assert_eq!(usual, expected);
        app.shop.owner.patch(path, json!({"name": "Spicul"})).await.ok();
        assert_eq!(app.shop.agent.get(path).await.ok()["hours"], usual);

        let facts = async || app.shop.owner.get("/api/v1/events?after=0").await.ok()["next"].clone();
        let before = facts().await;
        let evening = json!({"from": "14:00", "to": "24:00"});
        let morning = json!({"from": "08:00", "to": "12:30"});
        let days = json!({"saturday": [evening, morning], "sunday": []});
        let patch = json!({"hours": {"days": days}});
        let changed = app.shop.owner.patch(path, patch.clone()).await.ok();
        assert_eq!(changed["hours"]["days"]["saturday"], json!([morning, evening]));
        assert_eq!(changed["hours"]["days"]["monday"], json!([]));
        assert_eq!(changed["name"], "Spicul");
        let after = facts().await;
        assert_ne!(before, after);
        app.shop.owner.patch(path, patch).await.ok();
        assert_eq!(facts().await, after);
    }

    #[tokio::test]
    async fn wrong_hours_are_pointed_at() {
        let app = TestApp::start().await;
        let span = |from: &str, to: &str| json!({"from": from, "to": to});
        for (spans, pointer, code) in [
            (json!([span("09:00", "09:00")]), "/hours/days/monday/0", "backwards"),
            (json!([span("09:00", "12:00"), span("11:59", "13:00")]), "/hours/days/monday/1", "overlap"),
            (json!(vec![span("09:00", "10:00"); 5]), "/hours/days/monday", "too-many"),
        ] {
            let body = json!({"hours": {"days": {"monday": spans}}});
            let problem = app.shop.owner.patch("/api/v1/workspace", body).await.problem(422, "invalid-input");
            let error = &problem["errors"][0];
            assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)));
        }
        for days in [json!({"monday": [span("9:00", "10:00")]}), json!({"luni": []})] {
            let body = json!({"hours": {"days": days}});
            app.shop.owner.patch("/api/v1/workspace", body).await.problem(400, "malformed-request");
        }
    }
}
