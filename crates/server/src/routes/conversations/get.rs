//! `GET /conversations/{conversation}`

use axum::extract::State;
use centrala_domain::ConversationId;
use centrala_store::conversations;

use super::{ConversationOut, load};
use crate::auth::{Allowed, ReadConversations};
use crate::problem::{Answer, Problem};
use crate::routes::input::Path;
use crate::routes::page::OneOut;
use crate::state::App;

/// Show a conversation.
#[utoipa::path(get, path = "/api/v1/conversations/{conversation}", tag = "conversations",
    params(("conversation" = String, Path, description = "Conversation",
        example = "conv_0000000000000000000000000e")),
    responses((status = 200, description = "The conversation", body = OneOut<ConversationOut>)))]
pub async fn get_conversation(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    Path(id): Path<ConversationId>,
) -> Answer<axum::Json<OneOut<ConversationOut>>> {
    let mut reader = app.store.read().await?;
    let found = conversations::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    let mut loaded = load(&app, &allowed.scope, &mut reader, vec![found]).await?;
    OneOut::of(&allowed.scope, &mut reader, loaded.pop().ok_or_else(Problem::not_found)?).await
}
