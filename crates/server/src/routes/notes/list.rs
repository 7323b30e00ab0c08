//! `GET /conversations/{conversation}/notes`

use axum::extract::State;
use centrala_domain::{ConversationId, NoteId, Timestamp};
use centrala_store::notes::NoteCursor;
use centrala_store::{conversations, events, notes};

use super::NoteOut;
use crate::auth::{Allowed, ReadConversations};
use crate::problem::{Answer, Problem};
use crate::routes::input::{Path, Query};
use crate::routes::page::{PageIn, PageOut, write_cursor};
use crate::state::App;

/// List the notes of a conversation, newest first.
#[utoipa::path(get, path = "/api/v1/conversations/{conversation}/notes", tag = "notes",
    params(("conversation" = String, Path, description = "Conversation", example = "conv_0000000000000000000000000e"), PageIn),
    responses((status = 200, description = "The notes", body = PageOut<NoteOut>)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-input", "malformed-request"]))))]
pub async fn list_notes(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    Path(conversation): Path<ConversationId>,
    Query(page): Query<PageIn>,
) -> Answer<axum::Json<PageOut<NoteOut>>> {
    let limit = page.limit()?;
    let after = page.after::<(Timestamp, NoteId)>()?.map(|(created_at, id)| NoteCursor { created_at, id });
    let mut reader = app.store.read().await?;
    if !conversations::is_visible(&allowed.scope, &mut reader, conversation).await? {
        return Err(Problem::not_found());
    }
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    // One more than asked for tells whether there is a next part.
    let wanted = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut found = notes::list(&allowed.scope, &mut reader, conversation, after, wanted).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|last| write_cursor(&(last.created_at, last.id)));
    Ok(axum::Json(PageOut { items: found.into_iter().map(NoteOut::from).collect(), next, as_of }))
}
