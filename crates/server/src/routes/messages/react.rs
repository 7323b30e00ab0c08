//! `POST /messages/{message}/react`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::MessageId;
use centrala_domain::message::Author;
use centrala_engine::commands::messages::react::ReactToMessage;
use centrala_store::messages;
use serde::Deserialize;
use utoipa::ToSchema;

use super::out::{MessageOut, load_one};
use super::{Asked, digest, limits_of, refused};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::{Answer, Problem};
use crate::routes::input::{Json, Path};
use crate::state::App;

/// A reaction.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReactionIn {
    /// The client's own id for it, 1 to 80 characters.
    #[schema(example = "9f0c2c7e-1d7e-4f5e-8f2e-0c8f6c1d2b3a")]
    client_id: String,
    /// The emoji; `null` takes the reaction back.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true, example = "👍")]
    emoji: Option<String>,
}

/// React to a customer's message, or take the reaction back.
///
/// The reaction goes out like a message, and is shown on its message once the channel took it.
#[utoipa::path(post, path = "/api/v1/messages/{message}/react", tag = "messages", request_body = ReactionIn,
    params(("message" = String, Path, description = "Message", example = "msg_0000000000000000000000000e")),
    responses((status = 201, description = "The reaction, as a message", body = MessageOut),
        (status = 200, description = "It was sent before", body = MessageOut)),
    extensions(("x-problems" = json!(["window-closed", "client-id-reused", "invalid-input", "no-address",
        "another-open"]))))]
pub async fn react_to_message(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(id): Path<MessageId>,
    Json(input): Json<ReactionIn>,
) -> Answer<(StatusCode, axum::Json<MessageOut>)> {
    let mut reader = app.store.read().await?;
    let target = messages::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    let limits = limits_of(&app, &allowed.scope, &mut reader, target.inbox).await?;
    drop(reader);
    let asked = Asked { conversation: None, message: Some(id), what: &input.emoji };
    let command = ReactToMessage {
        message: id,
        client_digest: digest(&asked)?,
        emoji: input.emoji,
        author: Author::Agent { id: allowed.caller.agent.id },
        client_id: input.client_id,
        limits,
    };
    let sent = app.store.execute(allowed.origin(), command).await;
    let sent = sent.map_err(|error| refused(error, |_| "/emoji".to_owned()))?;
    let mut reader = app.store.read().await?;
    let message = load_one(&app, &allowed.scope, &mut reader, sent.message).await?;
    Ok((if sent.is_new { StatusCode::CREATED } else { StatusCode::OK }, axum::Json(message)))
}
