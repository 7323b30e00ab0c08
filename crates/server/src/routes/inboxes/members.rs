//! `GET /inboxes/{inbox}/members`

use axum::extract::State;
use centrala_domain::{AgentId, InboxId};
use centrala_store::inboxes;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Allowed, ReadWorkspace};
use crate::problem::{Answer, Problem};
use crate::routes::input::Path;
use crate::routes::page::OneOut;
use crate::state::App;

/// Who works in an inbox.
#[derive(Debug, Serialize, ToSchema)]
pub struct MembersOut {
    /// The agents. Admins and owners see every inbox without being members.
    #[schema(value_type = Vec<String>, example = json!(["agt_0000000000000000000000000e"]))]
    pub(super) agents: Vec<AgentId>,
}

/// Show who works in an inbox.
#[utoipa::path(get, path = "/api/v1/inboxes/{inbox}/members", tag = "inboxes",
    params(("inbox" = String, Path, description = "Inbox", example = "inb_0000000000000000000000000e")),
    responses((status = 200, description = "The members", body = OneOut<MembersOut>)))]
pub async fn list_inbox_members(
    State(app): State<App>,
    allowed: Allowed<ReadWorkspace>,
    Path(id): Path<InboxId>,
) -> Answer<axum::Json<OneOut<MembersOut>>> {
    let mut reader = app.store.read().await?;
    inboxes::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    let agents = inboxes::members(&allowed.scope, &mut reader, id).await?;
    OneOut::of(&allowed.scope, &mut reader, MembersOut { agents }).await
}
