//! `POST /conversations/{conversation}/claim`

use axum::extract::State;
use centrala_domain::ConversationId;
use centrala_engine::commands::conversations::claim::ClaimConversation;

use super::{ConversationOut, answer};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::Answer;
use crate::routes::input::Path;
use crate::state::App;

/// Take a conversation for oneself, only if nobody owns it.
///
/// Of a hundred who try, one wins; the others learn who.
#[utoipa::path(post, path = "/api/v1/conversations/{conversation}/claim", tag = "conversations",
    params(("conversation" = String, Path, description = "Conversation",
        example = "conv_0000000000000000000000000e")),
    responses((status = 200, description = "The conversation", body = ConversationOut)),
    extensions(("x-problems" = json!(["already-assigned"]))))]
pub async fn claim_conversation(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(conversation): Path<ConversationId>,
) -> Answer<axum::Json<ConversationOut>> {
    let command = ClaimConversation { conversation, by: allowed.caller.agent.id };
    let changed = app.store.execute(allowed.origin(), command).await?;
    answer(&app, &allowed.scope, changed).await
}
