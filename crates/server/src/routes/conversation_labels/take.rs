//! `DELETE /conversations/{conversation}/labels/{label}`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::{ConversationId, LabelId};
use centrala_engine::commands::labels::take::TakeLabel;

use crate::auth::{Allowed, WorkConversations};
use crate::problem::Answer;
use crate::routes::input::Path;
use crate::state::App;

/// Take a label off a conversation; nothing happens when it is not there.
#[utoipa::path(delete, path = "/api/v1/conversations/{conversation}/labels/{label}", tag = "conversations",
    params(
        ("conversation" = String, Path, description = "Conversation", example = "conv_0000000000000000000000000e"),
        ("label" = String, Path, description = "Label", example = "lbl_0000000000000000000000000e"),
    ),
    responses((status = 204, description = "Off it")))]
pub async fn take_label(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path((conversation, label)): Path<(ConversationId, LabelId)>,
) -> Answer<StatusCode> {
    app.store.execute(allowed.origin(), TakeLabel { conversation, label }).await?;
    Ok(StatusCode::NO_CONTENT)
}
