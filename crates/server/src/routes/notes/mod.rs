//! Internal notes of a conversation.

pub mod add;
pub mod delete;
pub mod list;

use centrala_domain::permission::Permission::{ReadConversations, WorkConversations};
use centrala_domain::{AgentId, ConversationId, NoteId, Private, Timestamp};
use centrala_store::notes::Note;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::needs(ReadConversations, routes!(list::list_notes)),
        Route::needs(WorkConversations, routes!(add::add_note)),
        Route::needs(WorkConversations, routes!(delete::delete_note)),
    ]
}

/// An internal note; never sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteOut {
    /// Id.
    #[schema(value_type = String, example = "note_0000000000000000000000000e")]
    pub id: NoteId,
    /// Where it stands.
    #[schema(value_type = String, example = "conv_0000000000000000000000000e")]
    pub conversation: ConversationId,
    /// Who wrote it.
    #[schema(value_type = String, example = "agt_0000000000000000000000000e")]
    pub author: AgentId,
    /// What it says.
    #[schema(value_type = String, example = "Clienta vrea fără zahăr.")]
    pub body: Private,
    /// The client's own id for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// When it was written.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    pub created_at: Timestamp,
}

impl From<Note> for NoteOut {
    fn from(note: Note) -> Self {
        let Note { id, conversation, author, body, client_id, created_at } = note;
        Self { id, conversation, author, body, client_id, created_at }
    }
}
