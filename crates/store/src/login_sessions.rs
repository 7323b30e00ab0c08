//! Signed-in browsers and programs. Only the hash of a session's secret is kept, so that a copy of the database
//! signs nobody in. Not here: cookies and how secrets are made (`server`).

use std::time::Duration;

use centrala_domain::agent::Agent;
use centrala_domain::permission::Scope;
use centrala_domain::{AgentId, LoginSessionId, Private, Timestamp, WorkspaceId};
use sha2::{Digest as _, Sha256};

use crate::error::Result;
use crate::waist::{Reader, Row};
use crate::write::Tx;
use crate::{agents, args, statements};

statements! {
    INSERT = "INSERT INTO login_sessions
            (id, workspace, agent, secret_hash, user_agent, address, created_at, last_seen_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    FIND_BY_SECRET = "SELECT s.id AS session, s.workspace, s.user_agent, s.address, s.created_at AS session_created_at,
            s.last_seen_at, s.expires_at, a.id AS agent, a.name, a.email, a.role, a.language, a.disabled_at, a.created_at
        FROM login_sessions s JOIN agents a ON a.workspace = s.workspace AND a.id = s.agent
        WHERE s.secret_hash = $1 AND s.expires_at > $2 AND s.last_seen_at > $3 AND a.disabled_at IS NULL";
    FIND = "SELECT id AS session, agent, user_agent, address, created_at AS session_created_at, last_seen_at, expires_at
        FROM login_sessions WHERE workspace = $1 AND id = $2";
    OF_AGENT = "SELECT id AS session, agent, user_agent, address, created_at AS session_created_at, last_seen_at, expires_at
        FROM login_sessions WHERE workspace = $1 AND agent = $2 AND expires_at > $3 AND last_seen_at > $4
        ORDER BY last_seen_at DESC, id DESC";
    TOUCH = "UPDATE login_sessions SET last_seen_at = $3 WHERE workspace = $1 AND id = $2 AND last_seen_at < $3";
    DELETE = "DELETE FROM login_sessions WHERE workspace = $1 AND id = $2";
    DELETE_OF_AGENT = "DELETE FROM login_sessions WHERE workspace = $1 AND agent = $2";
    DELETE_OTHERS = "DELETE FROM login_sessions WHERE workspace = $1 AND agent = $2 AND id <> $3";
    DELETE_EXPIRED = "DELETE FROM login_sessions WHERE workspace = $1 AND (expires_at <= $2 OR last_seen_at <= $3)";
}

/// A session ends this long after it began, however much it is used.
pub const LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// A session ends this long after it was last used.
pub const IDLE_LIMIT: Duration = Duration::from_secs(7 * 24 * 3600);

/// A signed-in browser or program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginSession {
    /// Id; not the secret.
    pub id: LoginSessionId,
    /// Who is signed in.
    pub agent: AgentId,
    /// What the browser said it is.
    pub user_agent: Option<String>,
    /// Where it signed in from.
    pub address: Option<Private>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// A session with the agent behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The session.
    pub session: LoginSession,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Who; not disabled.
    pub agent: Agent,
}

/// What is kept of a secret. A secret has 256 random bits, so no salt and no slow hash is needed.
#[must_use]
pub fn hash_secret(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Keeps a new session.
///
/// # Errors
/// See [`crate::Error`].
pub async fn insert(scope: &Scope, tx: &mut Tx, session: &LoginSession, secret_hash: &[u8]) -> Result<()> {
    let args = args![
        session.id,
        scope.workspace,
        session.agent,
        secret_hash.to_vec(),
        session.user_agent.as_deref(),
        session.address.clone(),
        session.created_at,
        session.last_seen_at,
        session.expires_at
    ];
    tx.run(INSERT, args).await.map(drop)
}

/// The session of a secret, over all workspaces, unless it ended or its agent is disabled: for authentication
/// alone.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find_by_secret_hash(
    reader: &mut Reader,
    secret_hash: &[u8],
    now: Timestamp,
) -> Result<Option<SignedIn>> {
    let args = args![secret_hash.to_vec(), now, now.minus(IDLE_LIMIT)];
    let Some(row) = reader.opt(FIND_BY_SECRET, args).await? else { return Ok(None) };
    Ok(Some(SignedIn { session: read(&row)?, workspace: row.get("workspace")?, agent: agents::read(&row)? }))
}

/// One session, ended or not.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find(scope: &Scope, reader: &mut Reader, id: LoginSessionId) -> Result<Option<LoginSession>> {
    reader.opt(FIND, args![scope.workspace, id]).await?.as_ref().map(read).transpose()
}

/// The sessions of an agent that have not ended, the one used last first.
///
/// # Errors
/// See [`crate::Error`].
pub async fn list_of_agent(
    scope: &Scope,
    reader: &mut Reader,
    agent: AgentId,
    now: Timestamp,
) -> Result<Vec<LoginSession>> {
    let args = args![scope.workspace, agent, now, now.minus(IDLE_LIMIT)];
    reader.all(OF_AGENT, args).await?.iter().map(read).collect()
}

/// Notes that a session was used. Its caller does so once a minute at most.
///
/// # Errors
/// See [`crate::Error`].
pub async fn touch(scope: &Scope, tx: &mut Tx, id: LoginSessionId, now: Timestamp) -> Result<()> {
    tx.run(TOUCH, args![scope.workspace, id, now]).await.map(drop)
}

/// Ends a session; says whether there was one.
///
/// # Errors
/// See [`crate::Error`].
pub async fn delete(scope: &Scope, tx: &mut Tx, id: LoginSessionId) -> Result<bool> {
    Ok(tx.run(DELETE, args![scope.workspace, id]).await? == 1)
}

/// Ends the sessions of an agent, or all but one of them; says how many.
///
/// # Errors
/// See [`crate::Error`].
pub async fn delete_of_agent(
    scope: &Scope,
    tx: &mut Tx,
    agent: AgentId,
    except: Option<LoginSessionId>,
) -> Result<u64> {
    match except {
        Some(kept) => tx.run(DELETE_OTHERS, args![scope.workspace, agent, kept]).await,
        None => tx.run(DELETE_OF_AGENT, args![scope.workspace, agent]).await,
    }
}

/// Forgets the sessions that ended by themselves; says how many.
///
/// # Errors
/// See [`crate::Error`].
pub async fn delete_expired(scope: &Scope, tx: &mut Tx, now: Timestamp) -> Result<u64> {
    tx.run(DELETE_EXPIRED, args![scope.workspace, now, now.minus(IDLE_LIMIT)]).await
}

/// Reads a session from a row that has its columns under these names.
pub(crate) fn read(row: &Row) -> Result<LoginSession> {
    Ok(LoginSession {
        id: row.get("session")?,
        agent: row.get("agent")?,
        user_agent: row.get("user_agent")?,
        address: row.get("address")?,
        created_at: row.get("session_created_at")?,
        last_seen_at: row.get("last_seen_at")?,
        expires_at: row.get("expires_at")?,
    })
}
