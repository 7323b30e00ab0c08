//! `GET /conversations/{conversation}/messages`

use axum::extract::State;
use centrala_domain::{ConversationId, MessageId, Timestamp};
use centrala_store::messages::{self, ThreadCursor, ThreadFrom};
use centrala_store::{conversations, events};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::out::{MessageOut, load};
use crate::auth::{Allowed, ReadConversations};
use crate::problem::{Answer, Problem};
use crate::routes::input::{Path, Query};
use crate::routes::page::{limit, read_cursor, write_cursor};
use crate::state::App;

/// Which part of a thread.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ThreadIn {
    /// Only newer messages than this place. Not together with `before`.
    after: Option<String>,
    /// Only older messages than this place. Without either, the newest are given.
    before: Option<String>,
    /// How many messages: 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200, example = 50)]
    limit: Option<usize>,
}

/// A part of a thread.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThreadOut {
    /// The messages, oldest first whichever way was asked.
    items: Vec<MessageOut>,
    /// There is more the way that was asked: give it as `after` again, otherwise as `before`. Absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Place of the first message here: give it as `before` for older ones.
    before: Option<String>,
    /// Place of the last message here: give it as `after` for newer ones, also for those still to come.
    after: Option<String>,
    /// Number of the workspace's last fact that this list knows of; the live socket goes on from there.
    #[schema(example = 4711)]
    as_of: i64,
}

impl ThreadIn {
    fn from(&self) -> Answer<ThreadFrom> {
        match (&self.before, &self.after) {
            (None, None) => Ok(ThreadFrom::End),
            (Some(before), None) => Ok(ThreadFrom::Before(place(before)?)),
            (None, Some(after)) => Ok(ThreadFrom::After(place(after)?)),
            (Some(_), Some(_)) => Err(Problem::invalid("before", "a thread is read one way at a time")),
        }
    }
}

fn place(cursor: &str) -> Answer<ThreadCursor> {
    let (position, id): (i64, MessageId) = read_cursor(cursor)?;
    Ok((Timestamp(position), id))
}

fn cursor((position, id): ThreadCursor) -> String {
    write_cursor(&(position.0, id))
}

/// List the messages of a conversation, from its end or from a place in it, either way.
#[utoipa::path(get, path = "/api/v1/conversations/{conversation}/messages", tag = "messages",
    params(("conversation" = String, Path, description = "Conversation",
        example = "conv_0000000000000000000000000e"), ThreadIn),
    responses((status = 200, description = "The messages", body = ThreadOut)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-input", "malformed-request"]))))]
pub async fn list_messages(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    Path(conversation): Path<ConversationId>,
    Query(input): Query<ThreadIn>,
) -> Answer<axum::Json<ThreadOut>> {
    let (from, limit) = (input.from()?, limit(input.limit)?);
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    if !conversations::is_visible(&allowed.scope, &mut reader, conversation).await? {
        return Err(Problem::not_found());
    }
    // One more than wanted tells whether there is more.
    let more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut found = messages::list(&allowed.scope, &mut reader, conversation, from, more).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let is_forward = matches!(from, ThreadFrom::After(_));
    if !is_forward {
        found.reverse();
    }
    let place_of = |message: &centrala_domain::message::Message| cursor((message.position, message.id));
    let (before, after) = match from {
        ThreadFrom::End | ThreadFrom::Before(_) => {
            (found.first().map(place_of), found.last().map(place_of).or(input.before))
        }
        ThreadFrom::After(_) => (found.first().map(place_of), found.last().map(place_of).or(input.after)),
    };
    let next = if is_forward { &after } else { &before };
    let next = next.clone().filter(|_| has_more);
    let items = load(&app, &allowed.scope, &mut reader, found).await?;
    Ok(axum::Json(ThreadOut { items, next, before, after, as_of }))
}
