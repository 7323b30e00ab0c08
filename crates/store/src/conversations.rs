//! Conversations: one open one per inbox and identity, kept so by a unique index.

use std::collections::HashMap;

use centrala_domain::conversation::{Conversation, Status};
use centrala_domain::permission::Scope;
use centrala_domain::{AgentId, ContactId, ConversationId, IdentityId, InboxId, LabelId, Timestamp};

use crate::error::Result;
use crate::filter::{self, Select};
use crate::waist::{Reader, Row, Value};
use crate::write::Tx;
use crate::{args, statements};

statements! {
    SAVE = "UPDATE conversations SET status = $3, assignee = $4, snoozed_until = $5, unread = $6, last_message = $7,
            last_message_at = $8, last_inbound_at = $9, resolved_at = $10, merged_into = $11, contact = $12
        WHERE workspace = $1 AND id = $2";
    // The open one first, else the one that was resolved last.
    LATEST = "SELECT id, inbox, contact, identity, status, assignee, snoozed_until, unread, last_message,
            last_message_at, last_inbound_at, created_at, resolved_at, merged_into
        FROM conversations WHERE workspace = $1 AND inbox = $2 AND identity = $3 AND merged_into IS NULL
        ORDER BY CASE WHEN status = 'resolved' THEN 1 ELSE 0 END, resolved_at DESC, id DESC LIMIT 1";
    OF_IDENTITY = "SELECT id, inbox, contact, identity, status, assignee, snoozed_until, unread, last_message,
            last_message_at, last_inbound_at, created_at, resolved_at, merged_into
        FROM conversations WHERE workspace = $1 AND identity = $2 ORDER BY id";
    INBOXES_OF_CONTACT = "SELECT DISTINCT v.inbox FROM contacts c JOIN conversations v ON v.contact = c.id
        WHERE c.workspace = $1 AND c.id = $2";
    MOVE_TO_IDENTITY = "UPDATE conversations SET identity = $3, contact = $4 WHERE workspace = $1 AND id = $2";
}

const INSERT: &str =
    "INSERT INTO conversations (id, workspace, inbox, contact, identity, status, assignee, snoozed_until,
    unread, last_message, last_message_at, last_inbound_at, created_at, resolved_at, merged_into)";
const SAVE_MANY: &str = "ON CONFLICT (id) DO UPDATE SET status = excluded.status, snoozed_until = excluded.snoozed_until,
    unread = excluded.unread, last_message = excluded.last_message, last_message_at = excluded.last_message_at,
    last_inbound_at = excluded.last_inbound_at, resolved_at = excluded.resolved_at
    WHERE conversations.workspace = excluded.workspace";
const SELECT: &str =
    "SELECT c.id, c.inbox, c.contact, c.identity, c.status, c.assignee, c.snoozed_until, c.unread,
    c.last_message, c.last_message_at, c.last_inbound_at, c.created_at, c.resolved_at, c.merged_into
    FROM conversations c";
const IS_MEMBER: &str = "c.inbox IN (SELECT m.inbox FROM inbox_members m WHERE m.agent = ?)";

/// Adds a conversation.
///
/// # Errors
/// [`crate::Error::Conflict`] on `one_open` (or its columns) when the identity has an open one already.
pub async fn insert(scope: &Scope, tx: &mut Tx, it: &Conversation) -> Result<()> {
    filter::insert_many(tx, INSERT, vec![row(scope, it)]).await
}

/// Adds conversations.
///
/// # Errors
/// The same as of [`insert`].
pub async fn insert_many(scope: &Scope, tx: &mut Tx, conversations: &[Conversation]) -> Result<()> {
    filter::insert_many(tx, INSERT, conversations.iter().map(|it| row(scope, it)).collect()).await
}

/// Writes what can change of a conversation.
///
/// # Errors
/// See [`crate::Error`].
pub async fn save(scope: &Scope, tx: &mut Tx, it: &Conversation) -> Result<()> {
    let args = args![
        scope.workspace,
        it.id,
        it.status,
        it.assignee,
        it.snoozed_until,
        it.unread,
        it.last_message,
        it.last_message_at,
        it.last_inbound_at,
        it.resolved_at,
        it.merged_into,
        it.contact
    ];
    tx.run(SAVE, args).await.map(drop)
}

/// Writes what messages of customers change of conversations, which are there.
///
/// # Errors
/// See [`crate::Error`].
pub async fn save_many<'a>(
    scope: &Scope,
    tx: &mut Tx,
    conversations: impl IntoIterator<Item = &'a Conversation>,
) -> Result<()> {
    let rows = conversations.into_iter().map(|it| row(scope, it)).collect();
    filter::upsert_many(tx, INSERT, rows, SAVE_MANY).await
}

fn row(scope: &Scope, it: &Conversation) -> Vec<Value> {
    args![
        it.id,
        scope.workspace,
        it.inbox,
        it.contact,
        it.identity,
        it.status,
        it.assignee,
        it.snoozed_until,
        it.unread,
        it.last_message,
        it.last_message_at,
        it.last_inbound_at,
        it.created_at,
        it.resolved_at,
        it.merged_into
    ]
}

/// One conversation, if the scope may see it.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find(scope: &Scope, reader: &mut Reader, id: ConversationId) -> Result<Option<Conversation>> {
    let select =
        Select::new(SELECT).visible(scope, "c.workspace = ?", IS_MEMBER).filter("c.id = ?", args![id]);
    select.all(reader).await?.first().map(read).transpose()
}

/// Several conversations at once, in no order; those that the scope may not see are left out.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find_many(
    scope: &Scope,
    reader: &mut Reader,
    ids: &[ConversationId],
) -> Result<Vec<Conversation>> {
    let select = Select::new(SELECT)
        .visible(scope, "c.workspace = ?", IS_MEMBER)
        .filter_in("c.id", ids.iter().copied());
    select.all(reader).await?.iter().map(read).collect()
}

/// Whether the scope may see a conversation.
///
/// # Errors
/// See [`crate::Error`].
pub async fn is_visible(scope: &Scope, reader: &mut Reader, id: ConversationId) -> Result<bool> {
    let select = Select::new("SELECT c.inbox FROM conversations c")
        .visible(scope, "c.workspace = ?", IS_MEMBER)
        .filter("c.id = ?", args![id]);
    Ok(!select.all(reader).await?.is_empty())
}

/// The conversation that a new message of an identity may belong to: the open one, else the last resolved.
///
/// # Errors
/// See [`crate::Error`].
pub async fn latest(
    scope: &Scope,
    reader: &mut Reader,
    inbox: InboxId,
    identity: IdentityId,
) -> Result<Option<Conversation>> {
    reader.opt(LATEST, args![scope.workspace, inbox, identity]).await?.as_ref().map(read).transpose()
}

/// Every conversation of an identity, oldest first.
///
/// # Errors
/// See [`crate::Error`].
pub async fn of_identity(
    scope: &Scope,
    reader: &mut Reader,
    identity: IdentityId,
) -> Result<Vec<Conversation>> {
    reader.all(OF_IDENTITY, args![scope.workspace, identity]).await?.iter().map(read).collect()
}

/// The inboxes through which a contact has conversations, for all who may see any of them.
///
/// # Errors
/// See [`crate::Error`].
pub async fn inboxes_of_contact(
    scope: &Scope,
    reader: &mut Reader,
    contact: ContactId,
) -> Result<Vec<InboxId>> {
    let rows = reader.all(INBOXES_OF_CONTACT, args![scope.workspace, contact]).await?;
    rows.iter().map(|row| row.get("inbox")).collect()
}

/// Gives a conversation to another identity (after a merge).
///
/// # Errors
/// See [`crate::Error`].
pub async fn move_to_identity(
    scope: &Scope,
    tx: &mut Tx,
    id: ConversationId,
    identity: IdentityId,
    contact: ContactId,
) -> Result<()> {
    tx.run(MOVE_TO_IDENTITY, args![scope.workspace, id, identity, contact]).await.map(drop)
}

/// Whose conversations to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssigneeFilter {
    /// Nobody's.
    Nobody,
    /// This agent's.
    Agent(AgentId),
}

/// Which conversations to list. Present members are conditions; absent ones leave no trace in the statement.
#[derive(Debug, Clone, Default)]
pub struct ConversationFilter {
    /// Only these states; empty for all.
    pub statuses: Vec<Status>,
    /// Only of this owner.
    pub assignee: Option<AssigneeFilter>,
    /// Only of these inboxes; empty for all.
    pub inboxes: Vec<InboxId>,
    /// Only these; an empty list matches nothing.
    pub ids: Option<Vec<ConversationId>>,
    /// Only of this contact.
    pub contact: Option<ContactId>,
    /// Only with this label.
    pub label: Option<LabelId>,
    /// Only with unread messages.
    pub is_unread: bool,
    /// Only after this one (a cursor: position of the last message, id).
    pub after: Option<(Timestamp, ConversationId)>,
}

impl ConversationFilter {
    fn select(&self, scope: &Scope, text: &'static str) -> Select {
        let mut select = Select::new(text)
            .visible(scope, "c.workspace = ?", IS_MEMBER)
            .filter("c.merged_into IS NULL", args![]);
        if let [status] = self.statuses.as_slice() {
            select = select.filter("c.status = ?", args![*status]);
        } else if !self.statuses.is_empty() {
            select = select.filter_in("c.status", self.statuses.iter().copied());
        }
        select = match self.assignee {
            None => select,
            Some(AssigneeFilter::Nobody) => select.filter("c.assignee IS NULL", args![]),
            Some(AssigneeFilter::Agent(agent)) => select.filter("c.assignee = ?", args![agent]),
        };
        if !self.inboxes.is_empty() {
            select = select.filter_in("c.inbox", self.inboxes.iter().copied());
        }
        if let Some(ids) = &self.ids {
            select = select.filter_in("c.id", ids.iter().copied());
        }
        select = select.filter_some("c.contact = ?", self.contact).filter_some(
            "c.id IN (SELECT l.conversation FROM conversation_labels l WHERE l.label = ?)",
            self.label,
        );
        if self.is_unread { select.filter("c.unread > 0", args![]) } else { select }
    }

    /// Those after the cursor, with the newest message first.
    fn ordered(&self, scope: &Scope, text: &'static str, limit: i64) -> Select {
        let mut select = self.select(scope, text);
        if let Some((at, id)) = self.after {
            select = select
                .filter("(c.last_message_at < ? OR (c.last_message_at = ? AND c.id < ?))", args![at, at, id]);
        }
        select.end("ORDER BY c.last_message_at DESC, c.id DESC LIMIT ?", args![limit])
    }
}

/// Conversations, those with the newest message first.
///
/// # Errors
/// See [`crate::Error`].
pub async fn list(
    scope: &Scope,
    reader: &mut Reader,
    filter: &ConversationFilter,
    limit: i64,
) -> Result<Vec<Conversation>> {
    filter.ordered(scope, SELECT, limit).all(reader).await?.iter().map(read).collect()
}

/// Where conversations stand in [`list`]: position of the newest message and id, without anything else of them. It
/// tells the order of 100,000 of them for about a hundredth of what the rows would take.
///
/// # Errors
/// See [`crate::Error`].
pub async fn order(
    scope: &Scope,
    reader: &mut Reader,
    filter: &ConversationFilter,
    limit: i64,
) -> Result<Vec<(Timestamp, ConversationId)>> {
    let rows = filter.ordered(scope, "SELECT c.last_message_at, c.id FROM conversations c", limit);
    rows.all(reader).await?.iter().map(|row| Ok((row.get("last_message_at")?, row.get("id")?))).collect()
}

/// How many conversations match, up to `at_most`: an exact count of a large list costs more than it tells.
///
/// # Errors
/// See [`crate::Error`].
pub async fn count(
    scope: &Scope,
    reader: &mut Reader,
    filter: &ConversationFilter,
    at_most: i64,
) -> Result<i64> {
    let rows = filter
        .select(scope, "SELECT 1 AS one FROM conversations c")
        .end("LIMIT ?", args![at_most])
        .all(reader);
    Ok(i64::try_from(rows.await?.len()).unwrap_or(at_most))
}

/// The conversation with the newest message of each of these contacts, of those that the scope may see.
///
/// # Errors
/// See [`crate::Error`].
pub async fn newest_of_contacts(
    scope: &Scope,
    reader: &mut Reader,
    contacts: &[ContactId],
) -> Result<HashMap<ContactId, ConversationId>> {
    let select = Select::new("SELECT c.contact, c.id FROM conversations c")
        .visible(scope, "c.workspace = ?", IS_MEMBER)
        .filter("c.merged_into IS NULL", args![])
        .filter_in("c.contact", contacts.iter().copied())
        .end("ORDER BY c.last_message_at, c.id", args![]);
    // In this order the newest one of a contact comes last and stays.
    select.all(reader).await?.iter().map(|row| Ok((row.get("contact")?, row.get("id")?))).collect()
}

fn read(row: &Row) -> Result<Conversation> {
    Ok(Conversation {
        id: row.get("id")?,
        inbox: row.get("inbox")?,
        contact: row.get("contact")?,
        identity: row.get("identity")?,
        status: row.get("status")?,
        assignee: row.get("assignee")?,
        snoozed_until: row.get("snoozed_until")?,
        unread: row.get("unread")?,
        last_message: row.get("last_message")?,
        last_message_at: row.get("last_message_at")?,
        last_inbound_at: row.get("last_inbound_at")?,
        created_at: row.get("created_at")?,
        resolved_at: row.get("resolved_at")?,
        merged_into: row.get("merged_into")?,
    })
}
