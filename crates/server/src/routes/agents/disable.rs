//! `POST /agents/{agent}/disable`

use axum::extract::State;
use centrala_domain::AgentId;
use centrala_engine::commands::agents::disable::DisableAgent;

use super::AgentOut;
use crate::auth::{Allowed, ManageAgents};
use crate::problem::Answer;
use crate::routes::input::Path;
use crate::state::App;

/// Disable an agent: his sessions end at once, and his tokens stop working.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/disable", tag = "agents",
    params(("agent" = String, Path, description = "Agent", example = "agt_0000000000000000000000000e")),
    responses((status = 200, description = "The agent", body = AgentOut)),
    extensions(("x-problems" = json!(["last-owner"]))))]
pub async fn disable_agent(
    State(app): State<App>,
    allowed: Allowed<ManageAgents>,
    Path(agent): Path<AgentId>,
) -> Answer<axum::Json<AgentOut>> {
    Ok(axum::Json(app.store.execute(allowed.origin(), DisableAgent { agent }).await?.into()))
}

#[cfg(test)]
mod tests {
    use crate::testing::TestApp;

    #[tokio::test]
    async fn disabled_agent_is_signed_out_and_stays_out_until_enabled() {
        let app = TestApp::start().await;
        let (agent, admin) = (&app.shop.agent, &app.shop.admin);
        agent.get("/api/v1/me").await.ok();
        admin.post_empty(&format!("/api/v1/agents/{}/disable", agent.id)).await.ok();
        agent.get("/api/v1/me").await.problem(401, "unauthenticated");
        app.try_sign_in(&agent.email, crate::testing::PASSWORD).await.problem(401, "wrong-credentials");
        admin.post_empty(&format!("/api/v1/agents/{}/enable", agent.id)).await.ok();
        app.sign_in(&agent.email, crate::testing::PASSWORD).await;
    }
}
