//! `POST /messages/{message}/retry`

use axum::extract::State;
use centrala_domain::MessageId;
use centrala_engine::commands::messages::retry::{RetryError, RetryMessage};
use centrala_store::messages;

use super::out::{MessageOut, load_one};
use super::{limits_of, refused};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::Path;
use crate::state::App;

/// Try a message again that failed, or whose outcome nobody knows.
///
/// A new attempt of the same message. One whose outcome is unknown may reach the customer twice then.
#[utoipa::path(post, path = "/api/v1/messages/{message}/retry", tag = "messages",
    params(("message" = String, Path, description = "Message", example = "msg_0000000000000000000000000e")),
    responses((status = 200, description = "It waits for its turn again", body = MessageOut)),
    extensions(("x-problems" = json!(["message-not-failed", "window-closed"]))))]
pub async fn retry_message(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(id): Path<MessageId>,
) -> Answer<axum::Json<MessageOut>> {
    let mut reader = app.store.read().await?;
    let message = messages::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    let limits = limits_of(&app, &allowed.scope, &mut reader, message.inbox).await?;
    drop(reader);
    let retried = app.store.execute(allowed.origin(), RetryMessage { message: id, limits }).await;
    let message = retried.map_err(|error| match error {
        RetryError::NotFound => Problem::not_found(),
        RetryError::NotFailed { status } => Problem::new(Slug::MessageNotFailed).detail(status.as_str()),
        RetryError::Send(error) => refused(error, |_| String::new()),
    })?;
    let mut reader = app.store.read().await?;
    Ok(axum::Json(load_one(&app, &allowed.scope, &mut reader, message).await?))
}
