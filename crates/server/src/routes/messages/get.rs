//! `GET /messages/{message}`

use axum::extract::State;
use centrala_domain::MessageId;
use centrala_store::messages;

use super::out::{MessageOut, load_one};
use crate::auth::{Allowed, ReadConversations};
use crate::problem::{Answer, Problem};
use crate::routes::input::Path;
use crate::routes::page::OneOut;
use crate::state::App;

/// Show a message.
#[utoipa::path(get, path = "/api/v1/messages/{message}", tag = "messages",
    params(("message" = String, Path, description = "Message", example = "msg_0000000000000000000000000e")),
    responses((status = 200, description = "The message", body = OneOut<MessageOut>)))]
pub async fn get_message(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    Path(id): Path<MessageId>,
) -> Answer<axum::Json<OneOut<MessageOut>>> {
    let mut reader = app.store.read().await?;
    let found = messages::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    let loaded = load_one(&app, &allowed.scope, &mut reader, found).await?;
    OneOut::of(&allowed.scope, &mut reader, loaded).await
}
