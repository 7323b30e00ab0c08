//! `GET /conversations/{conversation}`

use axum::extract::State;
use centrala_domain::ConversationId;
use centrala_store::conversations;

use super::{ConversationOut, answer};
use crate::auth::{Allowed, ReadConversations};
use crate::problem::{Answer, Problem};
use crate::routes::input::Path;
use crate::state::App;

/// Show a conversation.
#[utoipa::path(get, path = "/api/v1/conversations/{conversation}", tag = "conversations",
    params(("conversation" = String, Path, description = "Conversation",
        example = "conv_0000000000000000000000000e")),
    responses((status = 200, description = "The conversation", body = ConversationOut)))]
pub async fn get_conversation(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    Path(id): Path<ConversationId>,
) -> Answer<axum::Json<ConversationOut>> {
    let mut reader = app.store.read().await?;
    let found = conversations::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    drop(reader);
    answer(&app, &allowed.scope, found).await
}
