//! `PATCH /me`

use axum::extract::State;
use centrala_domain::workspace::Language;
use centrala_engine::commands::agents::change::ChangeAgent;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::{Allowed, ManageSelf};
use crate::problem::Answer;
use crate::routes::agents::AgentOut;
use crate::routes::input::Json;
use crate::routes::schemas::LanguageSchema;
use crate::state::App;

/// What changes of oneself; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MePatch {
    /// Shown to colleagues; 1 to 100 characters.
    #[schema(example = "Maria I.")]
    name: Option<String>,
    /// Language of one's screens.
    #[schema(value_type = Option<LanguageSchema>)]
    language: Option<Language>,
}

/// Change one's own name or language.
#[utoipa::path(patch, path = "/api/v1/me", tag = "session", request_body = MePatch,
    responses((status = 200, description = "Oneself", body = AgentOut)),
    extensions(("x-problems" = json!(["invalid-input"]))))]
pub async fn change_me(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
    Json(patch): Json<MePatch>,
) -> Answer<axum::Json<AgentOut>> {
    let MePatch { name, language } = patch;
    let command = ChangeAgent { agent: allowed.caller.agent.id, name, role: None, language };
    Ok(axum::Json(app.store.execute(allowed.origin(), command).await?.into()))
}
