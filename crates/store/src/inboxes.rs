//! Connected endpoints: settings, sealed secrets, members, evidence of health.
//!
//! Every inbox is visible to everyone in the workspace by name and id; whose *conversations* somebody sees is
//! another question, answered by [`visible_ids`]. Secrets leave this module only inside a [`Connection`].

use std::collections::BTreeMap;

use centrala_domain::inbox::{ChannelSecrets, Connection, Health, HealthProblem, Inbox};
use centrala_domain::permission::{InboxScope, Scope};
use centrala_domain::{AgentId, ChannelKind, InboxId, Timestamp, WorkspaceId};

use crate::error::{Error, Result};
use crate::vault::Vault;
use crate::waist::{Reader, Row, Value};
use crate::write::Tx;
use crate::{args, statements};

statements! {
    INSERT = "INSERT INTO inboxes (id, workspace, name, channel, endpoint, config, sealed_secrets, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    START_HEALTH = "INSERT INTO inbox_health (inbox, forged_webhooks) VALUES ($1, 0)";
    FIND = "SELECT i.id, i.name, i.endpoint, i.config, i.created_at, h.last_inbound_at, h.last_accepted_at,
            h.last_authenticated_at, h.credential_problem, h.last_problem, h.forged_webhooks
        FROM inboxes i JOIN inbox_health h ON h.inbox = i.id WHERE i.workspace = $1 AND i.id = $2";
    FIND_BY_ENDPOINT = "SELECT i.id, i.name, i.endpoint, i.config, i.created_at, h.last_inbound_at, h.last_accepted_at,
            h.last_authenticated_at, h.credential_problem, h.last_problem, h.forged_webhooks
        FROM inboxes i JOIN inbox_health h ON h.inbox = i.id
        WHERE i.workspace = $1 AND i.channel = $2 AND i.endpoint = $3";
    LIST = "SELECT i.id, i.name, i.endpoint, i.config, i.created_at, h.last_inbound_at, h.last_accepted_at,
            h.last_authenticated_at, h.credential_problem, h.last_problem, h.forged_webhooks
        FROM inboxes i JOIN inbox_health h ON h.inbox = i.id WHERE i.workspace = $1 ORDER BY i.id";
    CONNECTION = "SELECT i.id, i.name, i.endpoint, i.config, i.created_at, i.sealed_secrets, h.last_inbound_at,
            h.last_accepted_at, h.last_authenticated_at, h.credential_problem, h.last_problem, h.forged_webhooks
        FROM inboxes i JOIN inbox_health h ON h.inbox = i.id WHERE i.workspace = $1 AND i.id = $2";
    ALL_CONNECTIONS = "SELECT i.id, i.workspace, i.name, i.endpoint, i.config, i.created_at, i.sealed_secrets,
            h.last_inbound_at, h.last_accepted_at, h.last_authenticated_at, h.credential_problem, h.last_problem,
            h.forged_webhooks
        FROM inboxes i JOIN inbox_health h ON h.inbox = i.id ORDER BY i.id";
    UPDATE = "UPDATE inboxes SET name = $3, endpoint = $4, config = $5 WHERE workspace = $1 AND id = $2";
    SET_SECRETS = "UPDATE inboxes SET sealed_secrets = $3 WHERE workspace = $1 AND id = $2";
    IDS = "SELECT id FROM inboxes WHERE workspace = $1 ORDER BY id";
    IDS_OF_AGENT = "SELECT i.id FROM inboxes i JOIN inbox_members m ON m.inbox = i.id
        WHERE i.workspace = $1 AND m.agent = $2 ORDER BY i.id";
    MEMBERS = "SELECT m.agent FROM inboxes i JOIN inbox_members m ON m.inbox = i.id
        WHERE i.workspace = $1 AND i.id = $2 ORDER BY m.agent";
    ALL_MEMBERS = "SELECT m.inbox, m.agent FROM inboxes i JOIN inbox_members m ON m.inbox = i.id
        WHERE i.workspace = $1 ORDER BY m.inbox, m.agent";
    CLEAR_MEMBERS = "DELETE FROM inbox_members WHERE inbox IN (SELECT id FROM inboxes WHERE workspace = $1 AND id = $2)";
    ADD_MEMBER = "INSERT INTO inbox_members (inbox, agent)
        SELECT i.id, a.id FROM inboxes i JOIN agents a ON a.workspace = i.workspace
        WHERE i.workspace = $1 AND i.id = $2 AND a.id = $3
        ON CONFLICT (inbox, agent) DO NOTHING";
    NOTE_INBOUND = "UPDATE inbox_health SET last_inbound_at = $3
        WHERE inbox IN (SELECT id FROM inboxes WHERE workspace = $1 AND id = $2)
            AND (last_inbound_at IS NULL OR last_inbound_at < $3)";
    NOTE_ACCEPTED = "UPDATE inbox_health SET last_accepted_at = $3
        WHERE inbox IN (SELECT id FROM inboxes WHERE workspace = $1 AND id = $2)
            AND (last_accepted_at IS NULL OR last_accepted_at < $3)";
    NOTE_AUTHENTICATED = "UPDATE inbox_health SET last_authenticated_at = $3
        WHERE inbox IN (SELECT id FROM inboxes WHERE workspace = $1 AND id = $2)
            AND (last_authenticated_at IS NULL OR last_authenticated_at < $3)";
    SET_CREDENTIAL_PROBLEM = "UPDATE inbox_health SET credential_problem = $3
        WHERE inbox IN (SELECT id FROM inboxes WHERE workspace = $1 AND id = $2) AND credential_problem IS NULL";
    CLEAR_CREDENTIAL_PROBLEM = "UPDATE inbox_health SET credential_problem = NULL
        WHERE inbox IN (SELECT id FROM inboxes WHERE workspace = $1 AND id = $2) AND credential_problem IS NOT NULL";
    NOTE_PROBLEM = "UPDATE inbox_health SET last_problem = $3
        WHERE inbox IN (SELECT id FROM inboxes WHERE workspace = $1 AND id = $2)";
    ADD_FORGED = "UPDATE inbox_health SET forged_webhooks = forged_webhooks + $3
        WHERE inbox IN (SELECT id FROM inboxes WHERE workspace = $1 AND id = $2)";
}

/// Seals the secrets of an inbox; they open for that inbox only.
///
/// # Errors
/// [`Error::Unavailable`] when the system gives no random bytes.
pub fn seal(vault: &Vault, id: InboxId, secrets: &ChannelSecrets) -> Result<Vec<u8>> {
    let text = serde_json::to_vec(secrets).map_err(Error::corrupt)?;
    vault.seal(&place(id), &text)
}

fn open(vault: &Vault, id: InboxId, sealed: &[u8]) -> Result<ChannelSecrets> {
    serde_json::from_slice(&vault.open(&place(id), sealed)?)
        // The error of the parser could quote a secret.
        .map_err(|_| Error::Corrupt(format!("the secrets of inbox {id} are not of the known form")))
}

fn place(id: InboxId) -> String {
    format!("inboxes/{id}")
}

/// Keeps a new inbox without members.
///
/// # Errors
/// [`Error::Conflict`] on `endpoint` when the workspace has it connected already.
pub async fn insert(scope: &Scope, tx: &mut Tx, inbox: &Inbox, sealed_secrets: &[u8]) -> Result<()> {
    let args = args![
        inbox.id,
        scope.workspace,
        inbox.name.as_str(),
        inbox.channel(),
        inbox.endpoint.as_str(),
        Value::json(&inbox.config)?,
        sealed_secrets.to_vec(),
        inbox.created_at
    ];
    tx.run(INSERT, args).await?;
    tx.run(START_HEALTH, args![inbox.id]).await.map(drop)
}

/// One inbox.
///
/// # Errors
/// See [`Error`].
pub async fn find(scope: &Scope, reader: &mut Reader, id: InboxId) -> Result<Option<Inbox>> {
    reader.opt(FIND, args![scope.workspace, id]).await?.as_ref().map(read).transpose()
}

/// The inbox of an endpoint.
///
/// # Errors
/// See [`Error`].
pub async fn find_by_endpoint(
    scope: &Scope,
    reader: &mut Reader,
    channel: ChannelKind,
    endpoint: &str,
) -> Result<Option<Inbox>> {
    let args = args![scope.workspace, channel, endpoint];
    reader.opt(FIND_BY_ENDPOINT, args).await?.as_ref().map(read).transpose()
}

/// Every inbox of the workspace, in the order they were connected.
///
/// # Errors
/// See [`Error`].
pub async fn list(scope: &Scope, reader: &mut Reader) -> Result<Vec<Inbox>> {
    reader.all(LIST, args![scope.workspace]).await?.iter().map(read).collect()
}

/// The inboxes whose conversations are visible in the scope.
///
/// # Errors
/// See [`Error`].
pub async fn visible_ids(scope: &Scope, reader: &mut Reader) -> Result<Vec<InboxId>> {
    let rows = match scope.inboxes {
        InboxScope::All => reader.all(IDS, args![scope.workspace]).await?,
        InboxScope::MemberOf(agent) => reader.all(IDS_OF_AGENT, args![scope.workspace, agent]).await?,
    };
    rows.iter().map(|row| row.get("id")).collect()
}

/// An inbox with its secrets.
///
/// # Errors
/// [`Error::Corrupt`] when the secrets do not open with this vault.
pub async fn connection(
    scope: &Scope,
    reader: &mut Reader,
    id: InboxId,
    vault: &Vault,
) -> Result<Option<Connection>> {
    let row = reader.opt(CONNECTION, args![scope.workspace, id]).await?;
    row.map(|row| read_connection(&row, vault)).transpose()
}

/// Every inbox of the installation with its secrets: for the start of the product itself. The secrets of one
/// that do not open are not the matter of the others.
///
/// # Errors
/// See [`Error`]; the inner one is [`Error::Corrupt`] when the secrets do not open with this vault.
pub async fn all_connections(
    reader: &mut Reader,
    vault: &Vault,
) -> Result<Vec<(WorkspaceId, InboxId, Result<Connection>)>> {
    reader
        .all(ALL_CONNECTIONS, args![])
        .await?
        .iter()
        .map(|row| Ok((row.get("workspace")?, row.get("id")?, read_connection(row, vault))))
        .collect()
}

/// Changes name, settings and endpoint.
///
/// # Errors
/// [`Error::Conflict`] on `endpoint` when another inbox of the workspace has it.
pub async fn update(scope: &Scope, tx: &mut Tx, inbox: &Inbox) -> Result<()> {
    let config = Value::json(&inbox.config)?;
    let args = args![scope.workspace, inbox.id, inbox.name.as_str(), inbox.endpoint.as_str(), config];
    tx.run(UPDATE, args).await.map(drop)
}

/// Replaces the secrets.
///
/// # Errors
/// See [`Error`].
pub async fn set_secrets(scope: &Scope, tx: &mut Tx, id: InboxId, sealed_secrets: &[u8]) -> Result<()> {
    tx.run(SET_SECRETS, args![scope.workspace, id, sealed_secrets.to_vec()]).await.map(drop)
}

/// Who works in an inbox.
///
/// # Errors
/// See [`Error`].
pub async fn members(scope: &Scope, reader: &mut Reader, id: InboxId) -> Result<Vec<AgentId>> {
    reader.all(MEMBERS, args![scope.workspace, id]).await?.iter().map(|row| row.get("agent")).collect()
}

/// Who works in which inbox; inboxes without members are left out.
///
/// # Errors
/// See [`Error`].
pub async fn all_members(scope: &Scope, reader: &mut Reader) -> Result<BTreeMap<InboxId, Vec<AgentId>>> {
    let mut members: BTreeMap<InboxId, Vec<AgentId>> = BTreeMap::new();
    for row in reader.all(ALL_MEMBERS, args![scope.workspace]).await? {
        members.entry(row.get("inbox")?).or_default().push(row.get("agent")?);
    }
    Ok(members)
}

/// Replaces the members of an inbox. Says which agent is none of the workspace's, if there is one; the change
/// is incomplete then and must not be committed.
///
/// # Errors
/// See [`Error`].
pub async fn set_members(
    scope: &Scope,
    tx: &mut Tx,
    id: InboxId,
    agents: &[AgentId],
) -> Result<Result<(), AgentId>> {
    tx.run(CLEAR_MEMBERS, args![scope.workspace, id]).await?;
    let mut agents = agents.to_vec();
    agents.sort_unstable();
    agents.dedup();
    for agent in agents {
        if tx.run(ADD_MEMBER, args![scope.workspace, id, agent]).await? == 0 {
            return Ok(Err(agent));
        }
    }
    Ok(Ok(()))
}

/// Notes that a message or status reached us.
///
/// # Errors
/// See [`Error`].
pub async fn note_inbound(scope: &Scope, tx: &mut Tx, id: InboxId, at: Timestamp) -> Result<()> {
    tx.run(NOTE_INBOUND, args![scope.workspace, id, at]).await.map(drop)
}

/// Notes that the channel took a message.
///
/// # Errors
/// See [`Error`].
pub async fn note_accepted(scope: &Scope, tx: &mut Tx, id: InboxId, at: Timestamp) -> Result<()> {
    tx.run(NOTE_ACCEPTED, args![scope.workspace, id, at]).await.map(drop)
}

/// Notes that the channel accepted the credential.
///
/// # Errors
/// See [`Error`].
pub async fn note_authenticated(scope: &Scope, tx: &mut Tx, id: InboxId, at: Timestamp) -> Result<()> {
    tx.run(NOTE_AUTHENTICATED, args![scope.workspace, id, at]).await.map(drop)
}

/// Notes that the channel refused the credential. The first refusal stays until the channel accepts one, since
/// it says how long this has been so. Says whether it is news.
///
/// # Errors
/// See [`Error`].
pub async fn set_credential_problem(
    scope: &Scope,
    tx: &mut Tx,
    id: InboxId,
    problem: &HealthProblem,
) -> Result<bool> {
    let problem = Value::json(problem)?;
    Ok(tx.run(SET_CREDENTIAL_PROBLEM, args![scope.workspace, id, problem]).await? == 1)
}

/// Forgets that the channel refused the credential. Says whether it is news.
///
/// # Errors
/// See [`Error`].
pub async fn clear_credential_problem(scope: &Scope, tx: &mut Tx, id: InboxId) -> Result<bool> {
    Ok(tx.run(CLEAR_CREDENTIAL_PROBLEM, args![scope.workspace, id]).await? == 1)
}

/// Notes another failure of a call.
///
/// # Errors
/// See [`Error`].
pub async fn note_problem(scope: &Scope, tx: &mut Tx, id: InboxId, problem: &HealthProblem) -> Result<()> {
    tx.run(NOTE_PROBLEM, args![scope.workspace, id, Value::json(problem)?]).await.map(drop)
}

/// Counts webhooks with a wrong or missing signature.
///
/// # Errors
/// See [`Error`].
pub async fn add_forged(scope: &Scope, tx: &mut Tx, id: InboxId, count: u32) -> Result<()> {
    tx.run(ADD_FORGED, args![scope.workspace, id, count]).await.map(drop)
}

fn read(row: &Row) -> Result<Inbox> {
    Ok(Inbox {
        id: row.get("id")?,
        name: row.get("name")?,
        config: row.json("config")?,
        endpoint: row.get("endpoint")?,
        health: Health {
            last_inbound_at: row.get("last_inbound_at")?,
            last_accepted_at: row.get("last_accepted_at")?,
            last_authenticated_at: row.get("last_authenticated_at")?,
            credential_problem: row.json_opt("credential_problem")?,
            last_problem: row.json_opt("last_problem")?,
            forged_webhooks: row.get("forged_webhooks")?,
        },
        created_at: row.get("created_at")?,
    })
}

fn read_connection(row: &Row, vault: &Vault) -> Result<Connection> {
    let inbox = read(row)?;
    let secrets = open(vault, inbox.id, &row.get::<Vec<u8>>("sealed_secrets")?)?;
    Ok(Connection { inbox, secrets })
}
