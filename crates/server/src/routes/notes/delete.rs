//! `DELETE /conversations/{conversation}/notes/{note}`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::{ConversationId, NoteId};
use centrala_engine::commands::notes::delete::{DeleteNote, DeleteNoteError};
use centrala_store::{conversations, notes};

use crate::auth::{Allowed, WorkConversations};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::Path;
use crate::state::App;

/// Delete an internal note: one's own, or, as an admin, anybody's.
#[utoipa::path(delete, path = "/api/v1/conversations/{conversation}/notes/{note}", tag = "notes",
    params(
        ("conversation" = String, Path, description = "Conversation", example = "conv_0000000000000000000000000e"),
        ("note" = String, Path, description = "Note", example = "note_0000000000000000000000000e"),
    ),
    responses((status = 204, description = "Deleted")))]
pub async fn delete_note(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path((conversation, id)): Path<(ConversationId, NoteId)>,
) -> Answer<StatusCode> {
    let mut reader = app.store.read().await?;
    let is_visible = conversations::is_visible(&allowed.scope, &mut reader, conversation).await?;
    let note = notes::find(&allowed.scope, &mut reader, id).await?;
    drop(reader);
    if !is_visible || note.is_none_or(|note| note.conversation != conversation) {
        return Err(Problem::not_found());
    }
    app.store.execute(allowed.origin(), DeleteNote { note: id }).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<DeleteNoteError> for Problem {
    fn from(error: DeleteNoteError) -> Self {
        match error {
            DeleteNoteError::NotFound => Self::not_found(),
            DeleteNoteError::NotAllowed => Self::new(Slug::Forbidden).detail(error),
            DeleteNoteError::Store(error) => error.into(),
        }
    }
}
