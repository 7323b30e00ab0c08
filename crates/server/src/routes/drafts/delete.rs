//! `DELETE /conversations/{conversation}/draft`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::ConversationId;
use centrala_engine::commands::drafts::delete::DeleteDraft;

use super::tell;
use crate::auth::{Allowed, WorkConversations};
use crate::problem::Answer;
use crate::routes::input::Path;
use crate::state::App;

/// Delete one's own draft; nothing happens when there is none.
#[utoipa::path(delete, path = "/api/v1/conversations/{conversation}/draft", tag = "drafts",
    params(("conversation" = String, Path, description = "Conversation", example = "conv_0000000000000000000000000e")),
    responses((status = 204, description = "There is none")))]
pub async fn delete_draft(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(conversation): Path<ConversationId>,
) -> Answer<StatusCode> {
    if app.store.execute(allowed.origin(), DeleteDraft { conversation }).await? {
        tell(&app, &allowed.caller, conversation).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
