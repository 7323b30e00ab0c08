//! `PATCH /agents/{agent}`

use axum::extract::State;
use centrala_domain::AgentId;
use centrala_domain::permission::Role;
use centrala_domain::workspace::Language;
use centrala_engine::commands::agents::change::ChangeAgent;
use serde::Deserialize;
use utoipa::ToSchema;

use super::AgentOut;
use crate::auth::{Allowed, ManageAgents};
use crate::problem::Answer;
use crate::routes::input::{Json, Path};
use crate::routes::schemas::{LanguageSchema, RoleSchema};
use crate::state::App;

/// What changes; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentPatch {
    /// Shown to colleagues; 1 to 100 characters.
    #[schema(example = "Andrei P.")]
    name: Option<String>,
    /// What he may do. Only an owner makes or changes an owner.
    #[schema(value_type = Option<RoleSchema>)]
    role: Option<Role>,
    /// Language of his screens.
    #[schema(value_type = Option<LanguageSchema>)]
    language: Option<Language>,
}

/// Change an agent's name, role or language.
#[utoipa::path(patch, path = "/api/v1/agents/{agent}", tag = "agents", request_body = AgentPatch,
    params(("agent" = String, Path, description = "Agent", example = "agt_0000000000000000000000000e")),
    responses((status = 200, description = "The agent", body = AgentOut)),
    extensions(("x-problems" = json!(["last-owner", "invalid-input"]))))]
pub async fn change_agent(
    State(app): State<App>,
    allowed: Allowed<ManageAgents>,
    Path(agent): Path<AgentId>,
    Json(patch): Json<AgentPatch>,
) -> Answer<axum::Json<AgentOut>> {
    let AgentPatch { name, role, language } = patch;
    let command = ChangeAgent { agent, name, role, language };
    Ok(axum::Json(app.store.execute(allowed.origin(), command).await?.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn last_owner_stays_an_owner() {
        let app = TestApp::start().await;
        let path = format!("/api/v1/agents/{}", app.shop.owner.id);
        app.shop.owner.patch(&path, json!({"role": "admin"})).await.problem(409, "last-owner");
        app.shop.admin.patch(&path, json!({"name": "X"})).await.problem(403, "forbidden");
        let changed = app.shop.owner.patch(&path, json!({"name": "Maria P."})).await.ok();
        assert_eq!(changed["name"], "Maria P.");
    }
}
