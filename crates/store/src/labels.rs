//! Labels and their use on conversations. Not here: whether an actor sees a conversation
//! ([`crate::conversations`]).

use std::collections::HashMap;

use centrala_domain::contact::fold;
use centrala_domain::label::Label;
use centrala_domain::permission::Scope;
use centrala_domain::{ConversationId, LabelId};

use crate::error::Result;
use crate::filter::{self, Select};
use crate::waist::{Reader, Row};
use crate::write::Tx;
use crate::{args, statements};

statements! {
    INSERT = "INSERT INTO labels (id, workspace, name, folded_name, color, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    UPDATE = "UPDATE labels SET name = $3, folded_name = $4, color = $5 WHERE workspace = $1 AND id = $2";
    FORGET_USES = "DELETE FROM conversation_labels
        WHERE label IN (SELECT id FROM labels WHERE workspace = $1 AND id = $2)";
    DELETE = "DELETE FROM labels WHERE workspace = $1 AND id = $2";
    FIND = "SELECT id, name, color, created_at FROM labels WHERE workspace = $1 AND id = $2";
    LIST = "SELECT id, name, color, created_at FROM labels WHERE workspace = $1";
    PUT = "INSERT INTO conversation_labels (conversation, label)
        SELECT c.id, l.id FROM conversations c JOIN labels l ON l.workspace = c.workspace
        WHERE c.workspace = $1 AND c.id = $2 AND l.id = $3
        ON CONFLICT (conversation, label) DO NOTHING";
    TAKE = "DELETE FROM conversation_labels WHERE label = $3
        AND conversation IN (SELECT id FROM conversations WHERE workspace = $1 AND id = $2)";
}

const PUT_MANY: &str = "INSERT INTO conversation_labels (conversation, label)";
const OF_CONVERSATIONS: &str = "SELECT u.conversation, u.label FROM conversation_labels u
    JOIN labels l ON l.id = u.label";

/// Keeps a new label.
///
/// # Errors
/// [`crate::Error::Conflict`] on `name` when another label has it, but for case and diacritics.
pub async fn insert(scope: &Scope, tx: &mut Tx, label: &Label) -> Result<()> {
    let (name, color) = (label.name.as_str(), label.color.as_str());
    tx.run(INSERT, args![label.id, scope.workspace, name, fold(name), color, label.created_at])
        .await
        .map(drop)
}

/// Changes name and colour.
///
/// # Errors
/// [`crate::Error::Conflict`] on `name` when another label has it, but for case and diacritics.
pub async fn update(scope: &Scope, tx: &mut Tx, label: &Label) -> Result<()> {
    let (name, color) = (label.name.as_str(), label.color.as_str());
    tx.run(UPDATE, args![scope.workspace, label.id, name, fold(name), color]).await.map(drop)
}

/// Deletes a label and takes it off every conversation; says whether there was one.
///
/// # Errors
/// See [`crate::Error`].
pub async fn delete(scope: &Scope, tx: &mut Tx, id: LabelId) -> Result<bool> {
    tx.run(FORGET_USES, args![scope.workspace, id]).await?;
    Ok(tx.run(DELETE, args![scope.workspace, id]).await? == 1)
}

/// One label.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find(scope: &Scope, reader: &mut Reader, id: LabelId) -> Result<Option<Label>> {
    reader.opt(FIND, args![scope.workspace, id]).await?.as_ref().map(read).transpose()
}

/// Every label, by name.
///
/// # Errors
/// See [`crate::Error`].
pub async fn list(scope: &Scope, reader: &mut Reader) -> Result<Vec<Label>> {
    let mut labels: Vec<Label> =
        reader.all(LIST, args![scope.workspace]).await?.iter().map(read).collect::<Result<_>>()?;
    // Sorted here: databases sort text by different rules.
    labels.sort_by_key(|label| fold(&label.name));
    Ok(labels)
}

/// Puts a label on a conversation; says whether that changed anything. A label or conversation that is not of
/// the workspace changes nothing.
///
/// # Errors
/// See [`crate::Error`].
pub async fn put(scope: &Scope, tx: &mut Tx, conversation: ConversationId, label: LabelId) -> Result<bool> {
    Ok(tx.run(PUT, args![scope.workspace, conversation, label]).await? == 1)
}

/// Puts labels on conversations of the workspace that certainly do not have them.
///
/// # Errors
/// See [`crate::Error`].
pub async fn put_many(
    _scope: &Scope,
    tx: &mut Tx,
    uses: impl IntoIterator<Item = (ConversationId, LabelId)>,
) -> Result<()> {
    let rows = uses.into_iter().map(|(conversation, label)| args![conversation, label]).collect();
    filter::insert_many(tx, PUT_MANY, rows).await
}

/// Takes a label off a conversation; says whether that changed anything.
///
/// # Errors
/// See [`crate::Error`].
pub async fn take(scope: &Scope, tx: &mut Tx, conversation: ConversationId, label: LabelId) -> Result<bool> {
    Ok(tx.run(TAKE, args![scope.workspace, conversation, label]).await? == 1)
}

/// The labels of several conversations, in the order they were made; conversations without any are left out.
/// Not filtered by visibility: the caller names conversations that the actor may see.
///
/// # Errors
/// See [`crate::Error`].
pub async fn of_conversations(
    scope: &Scope,
    reader: &mut Reader,
    conversations: &[ConversationId],
) -> Result<HashMap<ConversationId, Vec<LabelId>>> {
    let mut labels: HashMap<ConversationId, Vec<LabelId>> = HashMap::new();
    let rows = Select::new(OF_CONVERSATIONS)
        .filter("l.workspace = ?", args![scope.workspace])
        .filter_in("u.conversation", conversations.iter().copied())
        .end("ORDER BY u.label", args![])
        .all(reader)
        .await?;
    for row in rows {
        labels.entry(row.get("conversation")?).or_default().push(row.get("label")?);
    }
    Ok(labels)
}

fn read(row: &Row) -> Result<Label> {
    Ok(Label {
        id: row.get("id")?,
        name: row.get("name")?,
        color: row.get("color")?,
        created_at: row.get("created_at")?,
    })
}
