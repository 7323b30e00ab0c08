//! `POST /conversations/{conversation}/resolve`

use axum::extract::State;
use centrala_domain::ConversationId;
use centrala_engine::commands::conversations::resolve::ResolveConversation;

use super::{ConversationOut, answer};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::Answer;
use crate::routes::input::Path;
use crate::state::App;

/// Close the matter.
#[utoipa::path(post, path = "/api/v1/conversations/{conversation}/resolve", tag = "conversations",
    params(("conversation" = String, Path, description = "Conversation",
        example = "conv_0000000000000000000000000e")),
    responses((status = 200, description = "The conversation", body = ConversationOut)))]
pub async fn resolve_conversation(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(conversation): Path<ConversationId>,
) -> Answer<axum::Json<ConversationOut>> {
    let command = ResolveConversation { conversation };
    let changed = app.store.execute(allowed.origin(), command).await?;
    answer(&app, &allowed.scope, changed).await
}
