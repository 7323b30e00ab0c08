//! `GET /drafts`

use axum::extract::State;
use centrala_engine::commands::drafts::save::DRAFTS;
use centrala_store::{drafts, events};
use serde::Serialize;
use utoipa::ToSchema;

use super::{DraftOut, load};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::Answer;
use crate::state::App;

/// Everything that one has begun to write.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftsOut {
    /// The drafts, newest first.
    items: Vec<DraftOut>,
    /// Number of the workspace's last fact that this list knows of.
    #[schema(example = 4711)]
    as_of: i64,
}

/// List one's own drafts.
///
/// All of them, newest first; those in conversations that one may not see any more are left out. Changes come over the
/// live socket, as `{"type":"draft","conversation":"conv_…","draft":{…}}` with `null` for a draft that is gone; these
/// frames are no facts and are not replayed.
#[utoipa::path(get, path = "/api/v1/drafts", tag = "drafts",
    responses((status = 200, description = "The drafts", body = DraftsOut)))]
pub async fn list_drafts(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
) -> Answer<axum::Json<DraftsOut>> {
    let scope = &allowed.scope;
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(scope, &mut reader).await?;
    let found = drafts::list(scope, &mut reader, allowed.caller.agent.id, DRAFTS).await?;
    let items = load(&app, scope, &mut reader, found).await?;
    Ok(axum::Json(DraftsOut { items, as_of }))
}
