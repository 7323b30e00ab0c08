//! Messages: the thread, one message, sending, and the journey of a message.

pub mod content;
pub mod create;
pub mod get;
pub mod list;
pub mod out;
pub mod react;
pub mod retry;
pub mod settle;
pub mod trace;

use centrala_domain::InboxId;
use centrala_domain::limits::Limits;
use centrala_domain::permission::Permission::{ReadConversations, WorkConversations};
use centrala_domain::permission::Scope;
use centrala_domain::{ConversationId, MessageId};
use centrala_engine::commands::messages::send::SendError;
use centrala_store::{Reader, inboxes};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa_axum::routes;

pub(super) use out::{DeliveryStatusSchema, DirectionSchema, ErrorOut, error_out, excerpt};

use super::table::Route;
use crate::problem::{Answer, Problem, Slug};
use crate::state::App;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::needs(ReadConversations, routes!(list::list_messages)),
        Route::needs(WorkConversations, routes!(create::send_message)),
        Route::needs(ReadConversations, routes!(get::get_message)),
        Route::needs(WorkConversations, routes!(retry::retry_message)),
        Route::needs(WorkConversations, routes!(settle::settle_message)),
        Route::needs(WorkConversations, routes!(react::react_to_message)),
        Route::needs(ReadConversations, routes!(trace::get_message_trace)),
    ]
}

/// What the channel of an inbox carries.
async fn limits_of(app: &App, scope: &Scope, reader: &mut Reader, inbox: InboxId) -> Answer<&'static Limits> {
    let inbox = inboxes::find(scope, reader, inbox).await?.ok_or_else(Problem::not_found)?;
    let channel = app.engine.channels.of(inbox.channel());
    channel
        .map(|channel| channel.limits())
        .ok_or_else(|| Problem::new(Slug::Unavailable).detail("the channel of this inbox is not plugged in"))
}

/// Digest of what a client asked for: the same client id with another request is a mistake.
fn digest(request: &impl Serialize) -> Answer<Vec<u8>> {
    let text = serde_json::to_vec(request).map_err(|_| Slug::Internal)?;
    Ok(Sha256::digest(text).to_vec())
}

/// What a client asked for: where, and what.
#[derive(Serialize)]
struct Asked<'a, T> {
    conversation: Option<ConversationId>,
    message: Option<MessageId>,
    what: &'a T,
}

/// The problem behind a refusal to send. `pointer` leads to the part of the body that the content stands in.
fn refused(error: SendError, pointer: impl Fn(&str) -> String) -> Problem {
    let sentence = error.to_string();
    let at = |pointer: String, code: &str| Problem::new(Slug::InvalidInput).at(pointer, code, &sentence);
    match error {
        SendError::NotFound => Problem::not_found(),
        SendError::QuotedNotFound => at("/reply_to".into(), "not-found"),
        SendError::MediaNotFound => at("/content/media".into(), "not-found"),
        SendError::MediaNotAccepted { why, max_bytes } => Problem::new(Slug::MediaNotAccepted)
            .detail(format!("a file of this kind has at most {max_bytes} bytes"))
            .at("/content/media", why, &sentence)
            .with("max_bytes", max_bytes),
        SendError::Content { why } => at(pointer(why), &why.replace('_', "-")),
        SendError::WindowClosed { since: Some(since) } => {
            Problem::new(Slug::WindowClosed).detail(&sentence).at("since", "window-closed", since).with("since", since.to_string())
        }
        SendError::WindowClosed { since: None } => {
            Problem::new(Slug::WindowClosed).detail("the customer has not written yet")
        }
        SendError::NoAddress => Slug::NoAddress.into(),
        SendError::ClientIdReused => Slug::ClientIdReused.into(),
        SendError::ClientId => at("/client_id".into(), "length").with("min", 1).with("max", 80),
        SendError::AnotherIsOpen => Slug::AnotherOpen.into(),
        SendError::Store(error) => error.into(),
    }
}
