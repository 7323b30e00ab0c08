//! The log of facts: append-only, numbered per workspace without gaps, in order of commit.

use centrala_domain::event::{Event, Recorded};
use centrala_domain::permission::Scope;
use centrala_domain::{ConversationId, MessageId, WorkspaceId};

use crate::error::{Error, Result};
use crate::waist::{Reader, Row, Value};
use crate::write::Tx;
use crate::{args, filter, statements};

statements! {
    START = "INSERT INTO counters (workspace, seq) VALUES ($1, 0)";
    COUNT_ON = "UPDATE counters SET seq = seq + $2 WHERE workspace = $1 RETURNING seq";
    LAST = "SELECT seq FROM counters WHERE workspace = $1";
    AFTER = "SELECT seq, id, at, actor, cause, depth, trace, payload FROM events
        WHERE workspace = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    OF_CONVERSATION = "SELECT seq, id, at, actor, cause, depth, trace, payload FROM events
        WHERE workspace = $1 AND conversation = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4";
    OF_MESSAGE = "SELECT seq, id, at, actor, cause, depth, trace, payload FROM events
        WHERE workspace = $1 AND message = $2 ORDER BY seq";
}

const INSERT: &str = "INSERT INTO events
    (workspace, seq, id, at, kind, conversation, message, actor, cause, depth, trace, payload)";

/// Gives a new workspace its counter.
pub(crate) async fn start(tx: &mut Tx, workspace: WorkspaceId) -> Result<()> {
    tx.run(START, args![workspace]).await.map(drop)
}

/// Appends facts of the past, from whatever time they are, in the order given: history that is brought along. Nothing
/// follows from them, and nobody is told: what was sent then is not sent again. Facts of the command itself come after
/// them, as its result.
///
/// # Errors
/// See [`Error`].
pub async fn bring_along(scope: &Scope, tx: &mut Tx, mut facts: Vec<Recorded>) -> Result<()> {
    append(tx, scope.workspace, &mut facts).await
}

/// Numbers the facts and appends them. Called by the writer as the last thing before the commit, because the
/// counter's row is locked from here on.
pub(crate) async fn append(tx: &mut Tx, workspace: WorkspaceId, facts: &mut [Recorded]) -> Result<()> {
    let count = i64::try_from(facts.len()).map_err(Error::corrupt)?;
    let row = tx.opt(COUNT_ON, args![workspace, count]).await?;
    let last: i64 = row.ok_or_else(|| Error::Corrupt("the workspace has no counter".into()))?.get("seq")?;
    let mut rows = Vec::with_capacity(facts.len());
    for (fact, seq) in facts.iter_mut().zip(last - count + 1..) {
        fact.seq = seq;
        rows.push(vec![
            Value::from(workspace),
            Value::from(seq),
            Value::from(fact.id),
            Value::from(fact.at),
            Value::from(fact.event.kind()),
            Value::from(fact.event.conversation()),
            Value::from(message_of(&fact.event)),
            Value::json(&fact.actor)?,
            Value::from(fact.cause),
            Value::from(i64::from(fact.depth)),
            Value::from(fact.trace),
            Value::json(&fact.event)?,
        ]);
    }
    filter::insert_many(tx, INSERT, rows).await
}

const fn message_of(event: &Event) -> Option<MessageId> {
    match event {
        Event::MessageReceived { message, .. }
        | Event::MessageQueued { message, .. }
        | Event::MessageEchoed { message, .. }
        | Event::MessageStatusChanged { message, .. }
        | Event::MessageNeedsDecision { message, .. }
        | Event::MessageReacted { message, .. }
        | Event::MessageEdited { message, .. }
        | Event::MessageRevoked { message, .. }
        | Event::MediaChanged { message, .. } => Some(*message),
        _ => None,
    }
}

/// The number of the workspace's last fact.
///
/// # Errors
/// See [`Error`].
pub async fn last_seq(scope: &Scope, reader: &mut Reader) -> Result<i64> {
    reader.opt(LAST, args![scope.workspace]).await?.map_or(Ok(0), |row| row.get("seq"))
}

/// Facts after a number, oldest first. Not filtered by visibility: the caller shows a fact only to those who
/// may know of it.
///
/// # Errors
/// See [`Error`].
pub async fn after(scope: &Scope, reader: &mut Reader, seq: i64, limit: i64) -> Result<Vec<Recorded>> {
    reader.all(AFTER, args![scope.workspace, seq, limit]).await?.iter().map(read).collect()
}

/// Facts of a conversation before a number, newest first.
///
/// # Errors
/// See [`Error`].
pub async fn of_conversation(
    scope: &Scope,
    reader: &mut Reader,
    conversation: ConversationId,
    before: i64,
    limit: i64,
) -> Result<Vec<Recorded>> {
    reader
        .all(OF_CONVERSATION, args![scope.workspace, conversation, before, limit])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Facts of a message, oldest first.
///
/// # Errors
/// See [`Error`].
pub async fn of_message(scope: &Scope, reader: &mut Reader, message: MessageId) -> Result<Vec<Recorded>> {
    reader.all(OF_MESSAGE, args![scope.workspace, message]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Recorded> {
    Ok(Recorded {
        seq: row.get("seq")?,
        id: row.get("id")?,
        at: row.get("at")?,
        actor: row.json("actor")?,
        cause: row.get("cause")?,
        depth: u8::try_from(row.get::<i64>("depth")?).map_err(Error::corrupt)?,
        trace: row.get("trace")?,
        event: row.json("payload")?,
    })
}
