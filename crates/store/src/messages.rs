//! Messages of both directions, and the reactions on them.

use std::collections::{HashMap, HashSet};

use centrala_domain::contact::fold;
use centrala_domain::content::Content;
use centrala_domain::message::{DeliveryStatus, Direction, Message, Reaction};
use centrala_domain::permission::Scope;
use centrala_domain::{ConversationId, InboxId, MessageId, ReceiptId, Timestamp, TraceId};

use crate::dialect::{FULL_TEXT_POSTGRES, FULL_TEXT_SQLITE};
use crate::error::{Error, Result};
use crate::filter::{self, Select};
use crate::waist::{Reader, Row, Value};
use crate::write::Tx;
use crate::{args, statements};

statements! {
    INSERT = "INSERT INTO messages (id, workspace, conversation, inbox, direction, author, kind, content, is_listed,
            search_text, reply_to, reply_to_upstream_id, status, attempt, needs_decision, client_id, client_digest,
            upstream_id, sent_at, received_at, position, is_forwarded, referral, receipt, trace)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
            $22, $23, $24, $25)
        ON CONFLICT (inbox, upstream_id) DO NOTHING";
    FIND_UPSTREAM = "SELECT m.id, m.conversation, m.inbox, m.direction, m.author, m.content, m.reply_to,
            m.reply_to_upstream_id, m.status, m.error_code, m.client_id, m.upstream_id, m.sent_at, m.received_at,
            m.position, m.is_forwarded, m.edited_at, m.revoked_at
        FROM messages m WHERE m.workspace = $1 AND m.inbox = $2 AND m.upstream_id = $3";
    FIND_CLIENT = "SELECT id, client_digest FROM messages WHERE workspace = $1 AND client_id = $2";
    SEND_STATE = "SELECT status, attempt, needs_decision, receipt, trace FROM messages WHERE workspace = $1 AND id = $2";
    SET_STATUS = "UPDATE messages SET status = $3, error_code = $4, attempt = $5, needs_decision = $6,
            upstream_id = COALESCE($7, upstream_id)
        WHERE workspace = $1 AND id = $2";
    SET_CONTENT = "UPDATE messages SET content = $3, search_text = $4, edited_at = $5 WHERE workspace = $1 AND id = $2
        AND (edited_at IS NULL OR edited_at <= $5)";
    SET_REVOKED = "UPDATE messages SET revoked_at = $3 WHERE workspace = $1 AND id = $2
        AND (revoked_at IS NULL OR revoked_at > $3)";
    SET_REPLY_TO = "UPDATE messages SET reply_to = $3 WHERE workspace = $1 AND id = $2";
    SET_REACTION = "INSERT INTO reactions (message, direction, emoji, at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (message, direction) DO UPDATE SET emoji = excluded.emoji, at = excluded.at
        WHERE reactions.at <= excluded.at";
    WAIT_FOR_TARGET = "INSERT INTO waiting_changes (inbox, target_upstream_id, message) VALUES ($1, $2, $3)
        ON CONFLICT (inbox, target_upstream_id, message) DO NOTHING";
    TAKE_WAITING = "DELETE FROM waiting_changes WHERE inbox = $1 AND target_upstream_id = $2 RETURNING message";
    MOVE = "UPDATE messages SET conversation = $3 WHERE workspace = $1 AND conversation = $2";
    MOVE_NOTES = "UPDATE notes SET conversation = $3 WHERE workspace = $1 AND conversation = $2";
    MOVE_LABELS = "INSERT INTO conversation_labels (conversation, label)
        SELECT $3, l.label FROM conversation_labels l JOIN conversations c ON c.id = l.conversation
        WHERE c.workspace = $1 AND l.conversation = $2
        ON CONFLICT (conversation, label) DO NOTHING";
    MOVE_MEDIA = "UPDATE media SET conversation = $3 WHERE workspace = $1 AND conversation = $2
        AND message IN (SELECT id FROM messages WHERE conversation IN ($2, $3))";
    LAST_INBOUND = "SELECT upstream_id FROM messages WHERE workspace = $1 AND conversation = $2 AND direction = 'in'
        AND upstream_id IS NOT NULL AND is_listed ORDER BY position DESC, id DESC LIMIT 1";
}

const INSERT_MANY: &str = "INSERT INTO messages (id, workspace, conversation, inbox, direction, author, kind, content,
    is_listed, search_text, reply_to, reply_to_upstream_id, status, attempt, needs_decision, client_id, client_digest,
    upstream_id, sent_at, received_at, position, is_forwarded, referral, receipt, trace)";
const SELECT: &str = "SELECT m.id, m.conversation, m.inbox, m.direction, m.author, m.content, m.reply_to,
    m.reply_to_upstream_id, m.status, m.error_code, m.client_id, m.upstream_id, m.sent_at, m.received_at, m.position,
    m.is_forwarded, m.edited_at, m.revoked_at FROM messages m";
const IS_MEMBER: &str = "m.inbox IN (SELECT i.inbox FROM inbox_members i WHERE i.agent = ?)";

/// A message to be kept, with what only the store needs to know.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The message.
    pub message: Message,
    /// Digest of what the client asked for: the same client id with another request is an error.
    pub client_digest: Option<Vec<u8>>,
    /// Advertisement or post that the customer came from.
    pub referral: Option<serde_json::Value>,
    /// Delivery that it came in.
    pub receipt: Option<ReceiptId>,
    /// What it belongs to.
    pub trace: TraceId,
}

/// Adds a message. False when the channel's id is known already: nothing is changed then.
///
/// # Errors
/// [`Error::Conflict`] on `client` when the client id is taken.
pub async fn insert(scope: &Scope, tx: &mut Tx, new: &NewMessage) -> Result<bool> {
    Ok(tx.run(INSERT, row(scope, new)?).await? == 1)
}

/// Adds messages that are certainly new.
///
/// # Errors
/// [`Error::Conflict`] when one of them is not new.
pub async fn insert_many(scope: &Scope, tx: &mut Tx, new: &[NewMessage]) -> Result<()> {
    let rows = new.iter().map(|new| row(scope, new)).collect::<Result<Vec<_>>>()?;
    filter::insert_many(tx, INSERT_MANY, rows).await
}

fn row(scope: &Scope, new: &NewMessage) -> Result<Vec<Value>> {
    let it = &new.message;
    Ok(args![
        it.id,
        scope.workspace,
        it.conversation,
        it.inbox,
        it.direction,
        Value::json(&it.author)?,
        it.content.kind(),
        Value::json(&it.content)?,
        it.content.is_listed(),
        search_text(&it.content),
        it.reply_to,
        it.reply_to_upstream_id.as_deref(),
        it.status,
        i64::from(it.direction == Direction::Out),
        false,
        it.client_id.as_deref(),
        new.client_digest.clone(),
        it.upstream_id.as_deref(),
        it.sent_at,
        it.received_at,
        it.position,
        it.is_forwarded,
        new.referral.as_ref().map_or(Ok(Value::Json(None)), Value::json)?,
        new.receipt,
        new.trace
    ])
}

fn search_text(content: &Content) -> Option<String> {
    if content.is_listed() { content.search_text().map(fold) } else { None }
}

/// One message with its reactions, if the scope may see it.
///
/// # Errors
/// See [`Error`].
pub async fn find(scope: &Scope, reader: &mut Reader, id: MessageId) -> Result<Option<Message>> {
    Ok(find_many(scope, reader, &[id]).await?.pop())
}

/// Several messages with their reactions, in no order; those that the scope may not see are left out.
///
/// # Errors
/// See [`Error`].
pub async fn find_many(scope: &Scope, reader: &mut Reader, ids: &[MessageId]) -> Result<Vec<Message>> {
    let select = Select::new(SELECT)
        .visible(scope, "m.workspace = ?", IS_MEMBER)
        .filter_in("m.id", ids.iter().copied());
    let rows = select.all(reader).await?;
    with_reactions(reader, rows).await
}

/// A message by the channel's id, without reactions.
///
/// # Errors
/// See [`Error`].
pub async fn find_by_upstream_id(
    scope: &Scope,
    reader: &mut Reader,
    inbox: InboxId,
    upstream_id: &str,
) -> Result<Option<Message>> {
    reader
        .opt(FIND_UPSTREAM, args![scope.workspace, inbox, upstream_id])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// What is known of messages of the channel before they come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// Those that are here already, by the channel's id.
    pub known: HashSet<String>,
    /// Those of which reactions, edits, revokes or answers came earlier: see [`take_waiting`].
    pub waited_for: HashSet<String>,
}

/// Ids asked for at once.
const ASKED_AT_ONCE: usize = 256;

/// What is known of messages of the channel before they come.
///
/// # Errors
/// See [`Error`].
pub async fn expected(
    scope: &Scope,
    reader: &mut Reader,
    inbox: InboxId,
    upstream_ids: &[String],
) -> Result<Expected> {
    let mut expected = Expected::default();
    for ids in upstream_ids.chunks(ASKED_AT_ONCE) {
        let ids = || ids.iter().map(String::as_str);
        let known = Select::new("SELECT upstream_id FROM messages")
            .filter("workspace = ?", args![scope.workspace])
            .filter("inbox = ?", args![inbox])
            .filter_in("upstream_id", ids());
        let waited_for = Select::new("SELECT target_upstream_id AS upstream_id FROM waiting_changes")
            .filter("inbox = ?", args![inbox])
            .filter_in("target_upstream_id", ids());
        for row in known.all(reader).await? {
            expected.known.insert(row.get("upstream_id")?);
        }
        for row in waited_for.all(reader).await? {
            expected.waited_for.insert(row.get("upstream_id")?);
        }
    }
    Ok(expected)
}

/// The message of a client id, and the digest of the request that made it.
///
/// # Errors
/// See [`Error`].
pub async fn find_by_client_id(
    scope: &Scope,
    reader: &mut Reader,
    client_id: &str,
) -> Result<Option<(MessageId, Option<Vec<u8>>)>> {
    let row = reader.opt(FIND_CLIENT, args![scope.workspace, client_id]).await?;
    row.map(|row| Ok((row.get("id")?, row.get("client_digest")?))).transpose()
}

/// What the sending of a message stands at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendState {
    /// Its status.
    pub status: DeliveryStatus,
    /// Number of the current attempt; 0 for inbound.
    pub attempt: u32,
    /// Whether an agent must decide what to do about an unknown outcome.
    pub needs_decision: bool,
    /// Delivery that it came in.
    pub receipt: Option<ReceiptId>,
    /// What it belongs to.
    pub trace: TraceId,
}

/// Where the sending of a message stands. Visibility is the caller's business ([`find`] first).
///
/// # Errors
/// See [`Error`].
pub async fn send_state(scope: &Scope, reader: &mut Reader, id: MessageId) -> Result<Option<SendState>> {
    reader.opt(SEND_STATE, args![scope.workspace, id]).await?.as_ref().map(read_send_state).transpose()
}

/// Where the sending of several messages stands. Visibility is the caller's business.
///
/// # Errors
/// See [`Error`].
pub async fn send_states(
    scope: &Scope,
    reader: &mut Reader,
    ids: &[MessageId],
) -> Result<HashMap<MessageId, SendState>> {
    let select =
        Select::new("SELECT m.id, m.status, m.attempt, m.needs_decision, m.receipt, m.trace FROM messages m")
            .filter("m.workspace = ?", args![scope.workspace])
            .filter_in("m.id", ids.iter().copied());
    let rows = select.all(reader).await?;
    rows.iter().map(|row| Ok((row.get("id")?, read_send_state(row)?))).collect()
}

fn read_send_state(row: &Row) -> Result<SendState> {
    Ok(SendState {
        status: row.get("status")?,
        attempt: u32::try_from(row.get::<i64>("attempt")?).map_err(Error::corrupt)?,
        needs_decision: row.get("needs_decision")?,
        receipt: row.get("receipt")?,
        trace: row.get("trace")?,
    })
}

/// A new state of delivery.
#[derive(Debug, Clone, Copy)]
pub struct StatusChange<'a> {
    /// Status.
    pub status: DeliveryStatus,
    /// The channel's code of a failure.
    pub error_code: Option<i64>,
    /// Number of the current attempt.
    pub attempt: u32,
    /// Whether an agent must decide.
    pub needs_decision: bool,
    /// The channel's id, once there is one.
    pub upstream_id: Option<&'a str>,
}

/// Writes a new state of delivery.
///
/// # Errors
/// See [`Error`].
pub async fn set_status(scope: &Scope, tx: &mut Tx, id: MessageId, change: &StatusChange<'_>) -> Result<()> {
    let args = args![
        scope.workspace,
        id,
        change.status,
        change.error_code,
        change.attempt,
        change.needs_decision,
        change.upstream_id
    ];
    tx.run(SET_STATUS, args).await.map(drop)
}

/// Replaces the content after an edit by its author; an older edit that arrives late changes nothing. Of two
/// within one second of the provider, the one that arrived last counts.
///
/// # Errors
/// See [`Error`].
pub async fn set_content(
    scope: &Scope,
    tx: &mut Tx,
    id: MessageId,
    content: &Content,
    at: Timestamp,
) -> Result<bool> {
    let args = args![scope.workspace, id, Value::json(content)?, search_text(content), at];
    Ok(tx.run(SET_CONTENT, args).await? == 1)
}

/// Marks a message as taken back. The first time counts, whatever arrives first.
///
/// # Errors
/// See [`Error`].
pub async fn set_revoked(scope: &Scope, tx: &mut Tx, id: MessageId, at: Timestamp) -> Result<bool> {
    Ok(tx.run(SET_REVOKED, args![scope.workspace, id, at]).await? == 1)
}

/// Says which message it answers, once that has come.
///
/// # Errors
/// See [`Error`].
pub async fn set_reply_to(scope: &Scope, tx: &mut Tx, id: MessageId, quoted: MessageId) -> Result<()> {
    tx.run(SET_REPLY_TO, args![scope.workspace, id, quoted]).await.map(drop)
}

/// Puts, replaces or (no emoji) takes back the reaction of one side; an older one that arrives late changes
/// nothing. The message has been found within its scope.
///
/// # Errors
/// See [`Error`].
pub async fn set_reaction(
    _scope: &Scope,
    tx: &mut Tx,
    id: MessageId,
    direction: Direction,
    emoji: Option<&str>,
    at: Timestamp,
) -> Result<bool> {
    Ok(tx.run(SET_REACTION, args![id, direction, emoji, at]).await? == 1)
}

/// Remembers that a reaction, edit or revoke came before the message it is about.
///
/// # Errors
/// See [`Error`].
pub async fn wait_for_target(
    _scope: &Scope,
    tx: &mut Tx,
    inbox: InboxId,
    target_upstream_id: &str,
    message: MessageId,
) -> Result<()> {
    tx.run(WAIT_FOR_TARGET, args![inbox, target_upstream_id, message]).await.map(drop)
}

/// Takes what waited for a message that has come.
///
/// # Errors
/// See [`Error`].
pub async fn take_waiting(
    _scope: &Scope,
    tx: &mut Tx,
    inbox: InboxId,
    upstream_id: &str,
) -> Result<Vec<MessageId>> {
    let rows = tx.all(TAKE_WAITING, args![inbox, upstream_id]).await?;
    rows.iter().map(|row| row.get("message")).collect()
}

/// Moves everything of one conversation into another (after a merge).
///
/// # Errors
/// See [`Error`].
pub async fn move_all(scope: &Scope, tx: &mut Tx, from: ConversationId, into: ConversationId) -> Result<()> {
    for sql in [MOVE, MOVE_NOTES, MOVE_MEDIA, MOVE_LABELS] {
        tx.run(sql, args![scope.workspace, from, into]).await?;
    }
    Ok(())
}

/// The channel's id of the customer's newest message: what "read" and "typing" refer to.
///
/// # Errors
/// See [`Error`].
pub async fn last_inbound_upstream_id(
    scope: &Scope,
    reader: &mut Reader,
    conversation: ConversationId,
) -> Result<Option<String>> {
    let row = reader.opt(LAST_INBOUND, args![scope.workspace, conversation]).await?;
    row.map(|row| row.get("upstream_id")).transpose()
}

/// From where to list a thread: a position and the id there.
pub type ThreadCursor = (Timestamp, MessageId);

/// A direction in which to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreadFrom {
    /// The newest messages.
    End,
    /// Those before a place, nearest first.
    Before(ThreadCursor),
    /// Those after a place, nearest first.
    After(ThreadCursor),
}

/// Listed messages of a conversation, in the order of walking away from the place. The conversation has been
/// found within its scope.
///
/// # Errors
/// See [`Error`].
pub async fn list(
    scope: &Scope,
    reader: &mut Reader,
    conversation: ConversationId,
    from: ThreadFrom,
    limit: i64,
) -> Result<Vec<Message>> {
    let select = Select::new(SELECT)
        .visible(scope, "m.workspace = ?", IS_MEMBER)
        .filter("m.conversation = ?", args![conversation])
        .filter("m.is_listed", args![]);
    let select = match from {
        ThreadFrom::End => select.end("ORDER BY m.position DESC, m.id DESC LIMIT ?", args![limit]),
        ThreadFrom::Before((at, id)) => select
            .filter("(m.position < ? OR (m.position = ? AND m.id < ?))", args![at, at, id])
            .end("ORDER BY m.position DESC, m.id DESC LIMIT ?", args![limit]),
        ThreadFrom::After((at, id)) => select
            .filter("(m.position > ? OR (m.position = ? AND m.id > ?))", args![at, at, id])
            .end("ORDER BY m.position, m.id LIMIT ?", args![limit]),
    };
    let rows = select.all(reader).await?;
    with_reactions(reader, rows).await
}

/// Messages that contain all of these words (as beginnings) and that the scope may see, newest first; not
/// those that the customer took back.
///
/// # Errors
/// See [`Error`].
pub async fn search(scope: &Scope, reader: &mut Reader, text: &str, limit: i64) -> Result<Vec<Message>> {
    let folded = fold(text);
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(8).collect();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let (full_text, query) = if reader.is_postgres() {
        (FULL_TEXT_POSTGRES, words.iter().map(|word| format!("{word}:*")).collect::<Vec<_>>().join(" & "))
    } else {
        (FULL_TEXT_SQLITE, words.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" "))
    };
    let rows = Select::new(full_text.from)
        .filter(full_text.matches, args![query])
        .visible(scope, "m.workspace = ?", IS_MEMBER)
        .filter("m.is_listed", args![])
        .filter("m.revoked_at IS NULL", args![])
        .end("ORDER BY m.position DESC, m.id DESC LIMIT ?", args![limit])
        .all(reader)
        .await?;
    let ids = rows.iter().map(|row| row.get("message")).collect::<Result<Vec<MessageId>>>()?;
    let mut found = find_many(scope, reader, &ids).await?;
    found.sort_by_key(|message| std::cmp::Reverse((message.position, message.id)));
    Ok(found)
}

async fn with_reactions(reader: &mut Reader, rows: Vec<Row>) -> Result<Vec<Message>> {
    let mut messages = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    if messages.is_empty() {
        return Ok(messages);
    }
    let select = Select::new("SELECT message, direction, emoji, at FROM reactions")
        .filter("emoji IS NOT NULL", args![])
        .filter_in("message", messages.iter().map(|message| message.id))
        .end("ORDER BY message, direction", args![]);
    let mut of: HashMap<MessageId, Vec<Reaction>> = HashMap::new();
    for row in select.all(reader).await? {
        let reaction =
            Reaction { direction: row.get("direction")?, emoji: row.get("emoji")?, at: row.get("at")? };
        of.entry(row.get("message")?).or_default().push(reaction);
    }
    for message in &mut messages {
        message.reactions = of.remove(&message.id).unwrap_or_default();
    }
    Ok(messages)
}

fn read(row: &Row) -> Result<Message> {
    Ok(Message {
        id: row.get("id")?,
        conversation: row.get("conversation")?,
        inbox: row.get("inbox")?,
        direction: row.get("direction")?,
        author: row.json("author")?,
        content: row.json("content")?,
        reply_to: row.get("reply_to")?,
        reply_to_upstream_id: row.get("reply_to_upstream_id")?,
        status: row.get("status")?,
        error_code: row.get("error_code")?,
        client_id: row.get("client_id")?,
        upstream_id: row.get("upstream_id")?,
        sent_at: row.get("sent_at")?,
        received_at: row.get("received_at")?,
        position: row.get("position")?,
        is_forwarded: row.get("is_forwarded")?,
        edited_at: row.get("edited_at")?,
        revoked_at: row.get("revoked_at")?,
        reactions: Vec::new(),
    })
}
