//! Tenants and their settings. Not here: how a workspace is set up (`engine`) and its people ([`crate::agents`]).

use centrala_domain::WorkspaceId;
use centrala_domain::permission::Scope;
use centrala_domain::workspace::Workspace;

use crate::error::Result;
use crate::waist::{Reader, Row, Value};
use crate::write::Tx;
use crate::{args, events, statements};

statements! {
    INSERT = "INSERT INTO workspaces (id, name, settings, created_at) VALUES ($1, $2, $3, $4)";
    // One row for the whole database: of two set-ups at the same moment one meets it.
    CLAIM_INSTALLATION = "INSERT INTO installation (id, workspace) VALUES (1, $1)";
    FIND = "SELECT id, name, settings, created_at FROM workspaces WHERE id = $1";
    UPDATE = "UPDATE workspaces SET name = $2, settings = $3 WHERE id = $1";
    IDS = "SELECT id FROM workspaces ORDER BY id";
    ANY = "SELECT id FROM workspaces LIMIT 1";
}

/// Keeps a new workspace, which must be the scope's own, and starts the numbering of its facts.
///
/// # Errors
/// See [`crate::Error`].
pub async fn insert(scope: &Scope, tx: &mut Tx, workspace: &Workspace) -> Result<()> {
    let settings = Value::json(&workspace.settings)?;
    let args = args![scope.workspace, workspace.name.as_str(), settings, workspace.created_at];
    tx.run(INSERT, args).await?;
    events::start(tx, scope.workspace).await
}

/// Keeps the first workspace of the installation.
///
/// # Errors
/// [`crate::Error::Conflict`] on `installation` when there is one already.
pub async fn insert_first(scope: &Scope, tx: &mut Tx, workspace: &Workspace) -> Result<()> {
    insert(scope, tx, workspace).await?;
    tx.run(CLAIM_INSTALLATION, args![scope.workspace]).await.map(drop)
}

/// The workspace of the scope.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find(scope: &Scope, reader: &mut Reader) -> Result<Option<Workspace>> {
    reader.opt(FIND, args![scope.workspace]).await?.as_ref().map(read).transpose()
}

/// Changes name and settings.
///
/// # Errors
/// See [`crate::Error`].
pub async fn update(scope: &Scope, tx: &mut Tx, workspace: &Workspace) -> Result<()> {
    let settings = Value::json(&workspace.settings)?;
    tx.run(UPDATE, args![scope.workspace, workspace.name.as_str(), settings]).await.map(drop)
}

/// Every workspace of the installation: for maintenance by the product itself.
///
/// # Errors
/// See [`crate::Error`].
pub async fn ids(reader: &mut Reader) -> Result<Vec<WorkspaceId>> {
    reader.all(IDS, args![]).await?.iter().map(|row| row.get("id")).collect()
}

/// Whether there is any workspace: before that, only set-up is possible.
///
/// # Errors
/// See [`crate::Error`].
pub async fn is_set_up(reader: &mut Reader) -> Result<bool> {
    Ok(reader.opt(ANY, args![]).await?.is_some())
}

fn read(row: &Row) -> Result<Workspace> {
    Ok(Workspace {
        id: row.get("id")?,
        name: row.get("name")?,
        settings: row.json("settings")?,
        created_at: row.get("created_at")?,
    })
}
