//! Files of messages: the rows. The bytes are in [`crate::blobs`].

use centrala_domain::media::{Media, MediaState};
use centrala_domain::permission::Scope;
use centrala_domain::{ConversationId, InboxId, MediaId, MessageId, Timestamp};

use crate::error::Result;
use crate::filter::Select;
use crate::waist::{Reader, Row};
use crate::write::Tx;
use crate::{args, statements};

statements! {
    INSERT = "INSERT INTO media (id, workspace, inbox, message, conversation, state, mime_type, size_bytes, sha256,
            filename, upstream_id, upstream_expires_at, tries, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13)";
    ATTACH = "UPDATE media SET message = $3, conversation = $4 WHERE workspace = $1 AND id = $2 AND message IS NULL";
    SET_STORED = "UPDATE media SET state = 'stored', mime_type = $3, size_bytes = $4, sha256 = $5, problem = NULL
        WHERE workspace = $1 AND id = $2";
    SET_PROBLEM = "UPDATE media SET state = $3, problem = $4, tries = tries + 1 WHERE workspace = $1 AND id = $2";
    PLACE = "SELECT message, conversation FROM media WHERE workspace = $1 AND id = $2";
    PUT_UPLOAD = "INSERT INTO media_uploads (media, inbox, upstream_id, expires_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (media, inbox) DO UPDATE SET upstream_id = excluded.upstream_id, expires_at = excluded.expires_at";
    FIND_UPLOAD = "SELECT u.upstream_id FROM media_uploads u JOIN media m ON m.id = u.media
        WHERE m.workspace = $1 AND u.media = $2 AND u.inbox = $3 AND u.expires_at > $4";
}

const SELECT: &str =
    "SELECT f.id, f.inbox, f.state, f.mime_type, f.size_bytes, f.sha256, f.filename, f.upstream_id,
    f.upstream_expires_at, f.problem, f.created_at FROM media f";
/// An agent sees the files of his inboxes' conversations, and those that are not attached to anything yet.
const IS_MEMBER: &str = "(f.conversation IS NULL OR f.conversation IN (SELECT c.id FROM conversations c
    JOIN inbox_members m ON m.inbox = c.inbox WHERE m.agent = ?))";

/// Adds a file; `at` says where it stands.
///
/// # Errors
/// See [`crate::Error`].
pub async fn insert(
    scope: &Scope,
    tx: &mut Tx,
    it: &Media,
    at: Option<(MessageId, ConversationId)>,
) -> Result<()> {
    let args = args![
        it.id,
        scope.workspace,
        it.inbox,
        at.map(|(message, _)| message),
        at.map(|(_, conversation)| conversation),
        it.state,
        it.mime_type.as_str(),
        it.size_bytes,
        it.sha256.as_deref(),
        it.filename.clone(),
        it.upstream_id.as_deref(),
        it.upstream_expires_at,
        it.created_at
    ];
    tx.run(INSERT, args).await.map(drop)
}

/// Says where an uploaded file is used first.
///
/// # Errors
/// See [`crate::Error`].
pub async fn attach(
    scope: &Scope,
    tx: &mut Tx,
    id: MediaId,
    message: MessageId,
    conversation: ConversationId,
) -> Result<()> {
    tx.run(ATTACH, args![scope.workspace, id, message, conversation]).await.map(drop)
}

/// Several files; those that the scope may not see are left out.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find_many(scope: &Scope, reader: &mut Reader, ids: &[MediaId]) -> Result<Vec<Media>> {
    let select = Select::new(SELECT)
        .visible(scope, "f.workspace = ?", IS_MEMBER)
        .filter_in("f.id", ids.iter().copied());
    select.all(reader).await?.iter().map(read).collect()
}

/// One file, if the scope may see it.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find(scope: &Scope, reader: &mut Reader, id: MediaId) -> Result<Option<Media>> {
    Ok(find_many(scope, reader, &[id]).await?.pop())
}

/// The message and conversation that a file stands in.
///
/// # Errors
/// See [`crate::Error`].
pub async fn place(
    scope: &Scope,
    reader: &mut Reader,
    id: MediaId,
) -> Result<Option<(MessageId, ConversationId)>> {
    let Some(row) = reader.opt(PLACE, args![scope.workspace, id]).await? else { return Ok(None) };
    let message: Option<MessageId> = row.get("message")?;
    let conversation: Option<ConversationId> = row.get("conversation")?;
    Ok(message.zip(conversation))
}

/// The bytes are here.
///
/// # Errors
/// See [`crate::Error`].
pub async fn set_stored(
    scope: &Scope,
    tx: &mut Tx,
    id: MediaId,
    mime_type: &str,
    size_bytes: i64,
    sha256: &str,
) -> Result<()> {
    tx.run(SET_STORED, args![scope.workspace, id, mime_type, size_bytes, sha256]).await.map(drop)
}

/// The bytes could not be had, or are to be fetched (again).
///
/// # Errors
/// See [`crate::Error`].
pub async fn set_state(
    scope: &Scope,
    tx: &mut Tx,
    id: MediaId,
    state: MediaState,
    problem: Option<&str>,
) -> Result<()> {
    tx.run(SET_PROBLEM, args![scope.workspace, id, state, problem]).await.map(drop)
}

/// Remembers that a channel has a file of ours. The file has been found within its scope.
///
/// # Errors
/// See [`crate::Error`].
pub async fn put_upload(
    _scope: &Scope,
    tx: &mut Tx,
    id: MediaId,
    inbox: InboxId,
    upstream_id: &str,
    expires_at: Timestamp,
) -> Result<()> {
    tx.run(PUT_UPLOAD, args![id, inbox, upstream_id, expires_at]).await.map(drop)
}

/// The channel's id of a file of ours, if it still has it.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find_upload(
    scope: &Scope,
    reader: &mut Reader,
    id: MediaId,
    inbox: InboxId,
    now: Timestamp,
) -> Result<Option<String>> {
    let row = reader.opt(FIND_UPLOAD, args![scope.workspace, id, inbox, now]).await?;
    row.map(|row| row.get("upstream_id")).transpose()
}

fn read(row: &Row) -> Result<Media> {
    Ok(Media {
        id: row.get("id")?,
        inbox: row.get("inbox")?,
        state: row.get("state")?,
        mime_type: row.get("mime_type")?,
        size_bytes: row.get("size_bytes")?,
        sha256: row.get("sha256")?,
        filename: row.get("filename")?,
        upstream_id: row.get("upstream_id")?,
        upstream_expires_at: row.get("upstream_expires_at")?,
        problem: row.get("problem")?,
        created_at: row.get("created_at")?,
    })
}
