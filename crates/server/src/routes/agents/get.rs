//! `GET /agents/{agent}`

use axum::extract::State;
use centrala_domain::AgentId;
use centrala_store::agents;

use super::AgentOut;
use crate::auth::{Allowed, ReadWorkspace};
use crate::problem::{Answer, Problem};
use crate::routes::input::Path;
use crate::routes::page::OneOut;
use crate::state::App;

/// Show an agent.
#[utoipa::path(get, path = "/api/v1/agents/{agent}", tag = "agents",
    params(("agent" = String, Path, description = "Agent", example = "agt_0000000000000000000000000e")),
    responses((status = 200, description = "The agent", body = OneOut<AgentOut>)))]
pub async fn get_agent(
    State(app): State<App>,
    allowed: Allowed<ReadWorkspace>,
    Path(id): Path<AgentId>,
) -> Answer<axum::Json<OneOut<AgentOut>>> {
    let mut reader = app.store.read().await?;
    let agent = agents::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    OneOut::of(&allowed.scope, &mut reader, agent.into()).await
}
