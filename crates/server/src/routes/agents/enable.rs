//! `POST /agents/{agent}/enable`

use axum::extract::State;
use centrala_domain::AgentId;
use centrala_engine::commands::agents::enable::EnableAgent;

use super::AgentOut;
use crate::auth::{Allowed, ManageAgents};
use crate::problem::Answer;
use crate::routes::input::Path;
use crate::state::App;

/// Let a disabled agent sign in again.
#[utoipa::path(post, path = "/api/v1/agents/{agent}/enable", tag = "agents",
    params(("agent" = String, Path, description = "Agent", example = "agt_0000000000000000000000000e")),
    responses((status = 200, description = "The agent", body = AgentOut)))]
pub async fn enable_agent(
    State(app): State<App>,
    allowed: Allowed<ManageAgents>,
    Path(agent): Path<AgentId>,
) -> Answer<axum::Json<AgentOut>> {
    Ok(axum::Json(app.store.execute(allowed.origin(), EnableAgent { agent }).await?.into()))
}
