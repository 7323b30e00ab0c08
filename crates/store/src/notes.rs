//! Internal notes: what agents write to each other in a conversation, never sent to the customer.
//!
//! Not here: whether an actor sees the conversation ([`crate::conversations`]); the caller asks that first.

use centrala_domain::permission::Scope;
use centrala_domain::{AgentId, ConversationId, NoteId, Private, Timestamp};

use crate::error::Result;
use crate::filter::Select;
use crate::waist::{Reader, Row};
use crate::write::Tx;
use crate::{args, statements};

statements! {
    INSERT = "INSERT INTO notes (id, workspace, conversation, author, body, client_id, created_at)
        SELECT $1, c.workspace, c.id, $4, $5, $6, $7 FROM conversations c WHERE c.workspace = $2 AND c.id = $3
        ON CONFLICT (workspace, client_id) WHERE client_id IS NOT NULL DO NOTHING";
    FIND = "SELECT id, conversation, author, body, client_id, created_at FROM notes
        WHERE workspace = $1 AND id = $2 AND deleted_at IS NULL";
    FIND_BY_CLIENT_ID = "SELECT id, conversation, author, body, client_id, created_at FROM notes
        WHERE workspace = $1 AND client_id = $2";
    // The text is gone at once; the row stays, so that its client id makes no second note.
    DELETE = "UPDATE notes SET deleted_at = $3, body = '' WHERE workspace = $1 AND id = $2 AND deleted_at IS NULL";
}

const LIST: &str = "SELECT id, conversation, author, body, client_id, created_at FROM notes";

/// An internal note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Id.
    pub id: NoteId,
    /// Where it stands.
    pub conversation: ConversationId,
    /// Who wrote it.
    pub author: AgentId,
    /// What it says.
    pub body: Private,
    /// The client's own id for it: at most one note for each.
    pub client_id: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
}

/// Where a page of notes begins: after this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoteCursor {
    /// When that note was written.
    pub created_at: Timestamp,
    /// Its id.
    pub id: NoteId,
}

impl Note {
    /// The cursor of the page that follows this note.
    #[must_use]
    pub const fn cursor(&self) -> NoteCursor {
        NoteCursor { created_at: self.created_at, id: self.id }
    }
}

/// Keeps a new note; says whether it did. It does not when the client id has a note already, or when the
/// conversation is not of the workspace.
///
/// # Errors
/// See [`crate::Error`].
pub async fn insert(scope: &Scope, tx: &mut Tx, note: &Note) -> Result<bool> {
    let args = args![
        note.id,
        scope.workspace,
        note.conversation,
        note.author,
        note.body.clone(),
        note.client_id.as_deref(),
        note.created_at
    ];
    Ok(tx.run(INSERT, args).await? == 1)
}

/// One note, unless it is deleted.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find(scope: &Scope, reader: &mut Reader, id: NoteId) -> Result<Option<Note>> {
    reader.opt(FIND, args![scope.workspace, id]).await?.as_ref().map(read).transpose()
}

/// The note of a client id; without its text when it is deleted.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find_by_client_id(scope: &Scope, reader: &mut Reader, client_id: &str) -> Result<Option<Note>> {
    reader.opt(FIND_BY_CLIENT_ID, args![scope.workspace, client_id]).await?.as_ref().map(read).transpose()
}

/// Deletes a note; says whether there was one.
///
/// # Errors
/// See [`crate::Error`].
pub async fn delete(scope: &Scope, tx: &mut Tx, id: NoteId, now: Timestamp) -> Result<bool> {
    Ok(tx.run(DELETE, args![scope.workspace, id, now]).await? == 1)
}

/// The notes of a conversation, newest first.
///
/// # Errors
/// See [`crate::Error`].
pub async fn list(
    scope: &Scope,
    reader: &mut Reader,
    conversation: ConversationId,
    after: Option<NoteCursor>,
    limit: i64,
) -> Result<Vec<Note>> {
    let mut select = Select::new(LIST)
        .filter("workspace = ?", args![scope.workspace])
        .filter("conversation = ?", args![conversation])
        .filter("deleted_at IS NULL", args![]);
    if let Some(after) = after {
        select = select.filter("(created_at, id) < (?, ?)", args![after.created_at, after.id]);
    }
    let rows = select.end("ORDER BY created_at DESC, id DESC LIMIT ?", args![limit]).all(reader).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Note> {
    Ok(Note {
        id: row.get("id")?,
        conversation: row.get("conversation")?,
        author: row.get("author")?,
        body: row.get("body")?,
        client_id: row.get("client_id")?,
        created_at: row.get("created_at")?,
    })
}
