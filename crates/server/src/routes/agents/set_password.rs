//! `POST /agents/{agent}/password`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::{AgentId, Private};
use centrala_engine::commands::agents::set_password::SetPassword;
use centrala_store::agents;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::{Allowed, ManageAgents, password};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::{Json, Path};
use crate::state::App;

/// A new password for somebody else.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordIn {
    /// 8 to 256 characters.
    #[schema(value_type = String, min_length = 8, max_length = 256, example = "covrigi calzi la colț")]
    password: Private,
}

/// Give an agent a new password; his sessions end at once.
///
/// For somebody else: one's own password is changed at `/api/v1/me/password`, with the old one.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/password", tag = "agents", request_body = PasswordIn,
    params(("agent" = String, Path, description = "Agent", example = "agt_0000000000000000000000000e")),
    responses((status = 204, description = "Changed")),
    extensions(("x-problems" = json!(["password-refused"]))))]
pub async fn set_password(
    State(app): State<App>,
    allowed: Allowed<ManageAgents>,
    Path(id): Path<AgentId>,
    Json(input): Json<PasswordIn>,
) -> Answer<StatusCode> {
    if id == allowed.caller.agent.id {
        return Err(Problem::new(Slug::Forbidden).detail("change your own password with the old one"));
    }
    let mut reader = app.store.read().await?;
    let agent = agents::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    drop(reader);
    password::check_rules(&input.password, &[&agent.email, &agent.name])?;
    let password_hash = app.passwords.hash(&input.password).await?;
    app.store.execute(allowed.origin(), SetPassword { agent: id, password_hash, kept: None }).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn new_password_ends_the_sessions_of_the_agent() {
        let app = TestApp::start().await;
        let path = format!("/api/v1/agents/{}/password", app.shop.agent.id);
        app.shop.admin.post(&path, json!({"password": "alt cuvânt bun"})).await.no_content();
        app.shop.agent.get("/api/v1/me").await.problem(401, "unauthenticated");
        app.sign_in(&app.shop.agent.email, "alt cuvânt bun").await;
        let own = format!("/api/v1/agents/{}/password", app.shop.admin.id);
        app.shop.admin.post(&own, json!({"password": "alt cuvânt bun"})).await.problem(403, "forbidden");
    }
}
