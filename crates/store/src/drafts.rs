//! What agents have begun to write: one draft for each agent and conversation, for nobody else's eyes.
//!
//! Not here: whether an actor sees the conversation ([`crate::conversations`]); who saves asks that first.

use centrala_domain::draft::Draft;
use centrala_domain::permission::Scope;
use centrala_domain::{AgentId, ConversationId, Timestamp};

use crate::error::Result;
use crate::filter::Select;
use crate::waist::{Reader, Row, Value};
use crate::write::Tx;
use crate::{args, statements};

statements! {
    // The newer of two saves is later for everybody, whatever the clock says.
    PUT = "INSERT INTO drafts (agent, conversation, workspace, mode, body, reply_to, media, updated_at)
        SELECT a.id, c.id, a.workspace, $4, $5, $6, $7, $8 FROM agents a JOIN conversations c
            ON c.workspace = a.workspace WHERE a.workspace = $1 AND a.id = $2 AND c.id = $3
        ON CONFLICT (agent, conversation) DO UPDATE SET mode = excluded.mode, body = excluded.body,
            reply_to = excluded.reply_to, media = excluded.media,
            updated_at = CAST(CASE WHEN excluded.updated_at > drafts.updated_at THEN excluded.updated_at
                ELSE drafts.updated_at + 1 END AS BIGINT)
        RETURNING updated_at";
    FIND = "SELECT conversation, mode, body, reply_to, media, updated_at FROM drafts
        WHERE workspace = $1 AND agent = $2 AND conversation = $3";
    COUNT = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM drafts WHERE workspace = $1 AND agent = $2";
    DELETE = "DELETE FROM drafts WHERE workspace = $1 AND agent = $2 AND conversation = $3";
    // Who has begun something in both keeps both.
    MOVE = "UPDATE drafts SET conversation = $3 WHERE workspace = $1 AND conversation = $2 AND NOT EXISTS
        (SELECT 1 FROM drafts theirs WHERE theirs.conversation = $3 AND theirs.agent = drafts.agent)";
    FORGET = "DELETE FROM drafts WHERE (agent, conversation) IN (SELECT agent, conversation FROM drafts
        WHERE workspace = $1 AND updated_at < $2 LIMIT $3)";
}

const LIST: &str = "SELECT d.conversation, d.mode, d.body, d.reply_to, d.media, d.updated_at FROM drafts d
    JOIN conversations c ON c.id = d.conversation";
const IS_MEMBER: &str = "c.inbox IN (SELECT m.inbox FROM inbox_members m WHERE m.agent = ?)";

/// Keeps a draft in the place of the one that was there. Gives when it was kept; `None` when agent or conversation
/// are not of the workspace.
///
/// # Errors
/// See [`crate::Error`].
pub async fn put(scope: &Scope, tx: &mut Tx, agent: AgentId, draft: &Draft) -> Result<Option<Timestamp>> {
    let args = args![
        scope.workspace,
        agent,
        draft.conversation,
        draft.mode,
        draft.text.clone(),
        draft.reply_to,
        Value::json(&draft.media)?,
        draft.updated_at
    ];
    tx.opt(PUT, args).await?.map(|row| row.get("updated_at")).transpose()
}

/// An agent's draft in a conversation.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find(
    scope: &Scope,
    reader: &mut Reader,
    agent: AgentId,
    conversation: ConversationId,
) -> Result<Option<Draft>> {
    reader.opt(FIND, args![scope.workspace, agent, conversation]).await?.as_ref().map(read).transpose()
}

/// An agent's drafts in the conversations that the scope may see, newest first.
///
/// # Errors
/// See [`crate::Error`].
pub async fn list(scope: &Scope, reader: &mut Reader, agent: AgentId, limit: i64) -> Result<Vec<Draft>> {
    let select = Select::new(LIST)
        .visible(scope, "c.workspace = ?", IS_MEMBER)
        .filter("d.agent = ?", args![agent])
        .end("ORDER BY d.updated_at DESC, d.conversation DESC LIMIT ?", args![limit]);
    select.all(reader).await?.iter().map(read).collect()
}

/// How many drafts an agent has.
///
/// # Errors
/// See [`crate::Error`].
pub async fn count(scope: &Scope, reader: &mut Reader, agent: AgentId) -> Result<i64> {
    let row = reader.opt(COUNT, args![scope.workspace, agent]).await?;
    row.map_or(Ok(0), |row| row.get("n"))
}

/// Deletes an agent's draft; says whether there was one.
///
/// # Errors
/// See [`crate::Error`].
pub async fn delete(
    scope: &Scope,
    tx: &mut Tx,
    agent: AgentId,
    conversation: ConversationId,
) -> Result<bool> {
    Ok(tx.run(DELETE, args![scope.workspace, agent, conversation]).await? == 1)
}

/// What was begun in one conversation goes on in another, where its agent has begun nothing there.
///
/// # Errors
/// See [`crate::Error`].
pub async fn move_all(scope: &Scope, tx: &mut Tx, from: ConversationId, into: ConversationId) -> Result<()> {
    tx.run(MOVE, args![scope.workspace, from, into]).await.map(drop)
}

/// Forgets what nobody went on with since an instant, so many at most; says how many.
///
/// # Errors
/// See [`crate::Error`].
pub async fn forget_before(scope: &Scope, tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    tx.run(FORGET, args![scope.workspace, before, limit]).await
}

fn read(row: &Row) -> Result<Draft> {
    Ok(Draft {
        conversation: row.get("conversation")?,
        mode: row.get("mode")?,
        text: row.get("body")?,
        reply_to: row.get("reply_to")?,
        media: row.json("media")?,
        updated_at: row.get("updated_at")?,
    })
}
