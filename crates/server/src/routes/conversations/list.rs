//! `GET /conversations`

use axum::extract::{RawQuery, State};
use centrala_store::{conversations, events};

use super::filter::ConversationsIn;
use super::out::{ConversationOut, load};
use crate::auth::{Allowed, ReadConversations};
use crate::problem::Answer;
use crate::routes::page::{PageOut, limit, write_cursor};
use crate::state::App;

/// List conversations, those with the newest message first.
///
/// A row holds everything that a list shows, so that no further requests are needed.
#[utoipa::path(get, path = "/api/v1/conversations", tag = "conversations", params(ConversationsIn),
    responses((status = 200, description = "The conversations", body = PageOut<ConversationOut>)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-id", "invalid-input", "malformed-request"]))))]
pub async fn list_conversations(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    RawQuery(query): RawQuery,
) -> Answer<axum::Json<PageOut<ConversationOut>>> {
    let input = ConversationsIn::read(query.as_deref().unwrap_or_default())?;
    let filter = input.filter(allowed.caller.agent.id)?;
    let limit = limit(input.limit)?;
    let more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let mut found = conversations::list(&allowed.scope, &mut reader, &filter, more).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|last| write_cursor(&(last.last_message_at.0, last.id)));
    let items = load(&app, &allowed.scope, &mut reader, found).await?;
    Ok(axum::Json(PageOut { items, next, as_of }))
}
