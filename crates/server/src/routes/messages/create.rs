//! `POST /conversations/{conversation}/messages`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::message::Author;
use centrala_domain::{ConversationId, MessageId};
use centrala_engine::commands::messages::send::SendMessage;
use centrala_store::conversations;
use serde::Deserialize;
use utoipa::ToSchema;

use super::content::ContentIn;
use super::out::{MessageOut, load_one};
use super::{Asked, digest, limits_of, refused};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::{Json, Path};
use crate::state::App;

/// A message to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageIn {
    /// The client's own id for it, 1 to 80 characters: however often it is asked for, there is one message.
    #[schema(example = "9f0c2c7e-1d7e-4f5e-8f2e-0c8f6c1d2b3a")]
    client_id: String,
    /// What.
    content: ContentIn,
    /// The message that it answers.
    #[schema(value_type = Option<String>, example = "msg_0000000000000000000000000e")]
    reply_to: Option<MessageId>,
}

/// Send a message.
///
/// 201 when it was kept and waits for its turn; 200 with the same message when the client id was used for the
/// same request before. Facts tell what becomes of it.
#[utoipa::path(post, path = "/api/v1/conversations/{conversation}/messages", tag = "messages",
    request_body = MessageIn,
    params(("conversation" = String, Path, description = "Conversation",
        example = "conv_0000000000000000000000000e")),
    responses((status = 201, description = "It waits for its turn", body = MessageOut),
        (status = 200, description = "It was sent before", body = MessageOut)),
    extensions(("x-problems" = json!(["window-closed", "client-id-reused", "invalid-input", "media-not-accepted",
        "no-address", "another-open"]))))]
pub async fn send_message(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(id): Path<ConversationId>,
    Json(input): Json<MessageIn>,
) -> Answer<(StatusCode, axum::Json<MessageOut>)> {
    let mut reader = app.store.read().await?;
    let conversation =
        conversations::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    let limits = limits_of(&app, &allowed.scope, &mut reader, conversation.inbox).await?;
    drop(reader);
    let asked = Asked { conversation: Some(id), message: input.reply_to, what: &input.content };
    let client_digest = digest(&asked)?;
    let shape = input.content.clone();
    let content = input.content.into_domain().ok_or_else(|| {
        Problem::new(Slug::InvalidInput).at("/content/cards", "too-long", "a message has at most 257 cards")
    })?;
    let command = SendMessage {
        conversation: id,
        author: Author::Agent { id: allowed.caller.agent.id },
        client_id: input.client_id,
        client_digest,
        content,
        reply_to: input.reply_to,
        limits,
    };
    let sent = app.store.execute(allowed.origin(), command).await;
    let sent = sent.map_err(|error| refused(error, |why| shape.pointer(why)))?;
    let mut reader = app.store.read().await?;
    let message = load_one(&app, &allowed.scope, &mut reader, sent.message).await?;
    Ok((if sent.is_new { StatusCode::CREATED } else { StatusCode::OK }, axum::Json(message)))
}
