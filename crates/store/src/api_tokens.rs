//! Tokens with which programs act as an agent. Only the hash of a token is kept
//! ([`crate::login_sessions::hash_secret`]).

use centrala_domain::agent::Agent;
use centrala_domain::permission::Scope;
use centrala_domain::{AgentId, ApiTokenId, Timestamp, WorkspaceId};

use crate::error::Result;
use crate::waist::{Reader, Row};
use crate::write::Tx;
use crate::{agents, args, statements};

statements! {
    INSERT = "INSERT INTO api_tokens (id, workspace, agent, name, secret_hash, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    FIND_BY_SECRET = "SELECT t.id AS token, t.workspace, t.name AS token_name, t.created_at AS token_created_at,
            t.last_used_at, t.revoked_at, a.id AS agent, a.name, a.email, a.role, a.language, a.disabled_at, a.created_at
        FROM api_tokens t JOIN agents a ON a.workspace = t.workspace AND a.id = t.agent
        WHERE t.secret_hash = $1 AND t.revoked_at IS NULL AND a.disabled_at IS NULL";
    FIND = "SELECT id AS token, agent, name AS token_name, created_at AS token_created_at, last_used_at, revoked_at
        FROM api_tokens WHERE workspace = $1 AND id = $2";
    OF_AGENT = "SELECT id AS token, agent, name AS token_name, created_at AS token_created_at, last_used_at, revoked_at
        FROM api_tokens WHERE workspace = $1 AND agent = $2 AND revoked_at IS NULL ORDER BY id";
    REVOKE = "UPDATE api_tokens SET revoked_at = $3 WHERE workspace = $1 AND id = $2 AND revoked_at IS NULL";
    TOUCH = "UPDATE api_tokens SET last_used_at = $3
        WHERE workspace = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < $3)";
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Id.
    pub id: ApiTokenId,
    /// As whom it acts.
    pub agent: AgentId,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A token with the agent behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenBearer {
    /// The token.
    pub token: ApiToken,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Who; not disabled.
    pub agent: Agent,
}

/// Keeps a new token.
///
/// # Errors
/// See [`crate::Error`].
pub async fn insert(scope: &Scope, tx: &mut Tx, token: &ApiToken, secret_hash: &[u8]) -> Result<()> {
    let args = args![
        token.id,
        scope.workspace,
        token.agent,
        token.name.as_str(),
        secret_hash.to_vec(),
        token.created_at
    ];
    tx.run(INSERT, args).await.map(drop)
}

/// The token of a secret, over all workspaces, unless it is revoked or its agent is disabled: for
/// authentication alone.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find_by_secret_hash(reader: &mut Reader, secret_hash: &[u8]) -> Result<Option<TokenBearer>> {
    let Some(row) = reader.opt(FIND_BY_SECRET, args![secret_hash.to_vec()]).await? else { return Ok(None) };
    Ok(Some(TokenBearer { token: read(&row)?, workspace: row.get("workspace")?, agent: agents::read(&row)? }))
}

/// One token, revoked or not.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find(scope: &Scope, reader: &mut Reader, id: ApiTokenId) -> Result<Option<ApiToken>> {
    reader.opt(FIND, args![scope.workspace, id]).await?.as_ref().map(read).transpose()
}

/// The tokens of an agent that are not revoked, oldest first.
///
/// # Errors
/// See [`crate::Error`].
pub async fn list_of_agent(scope: &Scope, reader: &mut Reader, agent: AgentId) -> Result<Vec<ApiToken>> {
    reader.all(OF_AGENT, args![scope.workspace, agent]).await?.iter().map(read).collect()
}

/// Revokes a token; says whether it was in use until now.
///
/// # Errors
/// See [`crate::Error`].
pub async fn revoke(scope: &Scope, tx: &mut Tx, id: ApiTokenId, now: Timestamp) -> Result<bool> {
    Ok(tx.run(REVOKE, args![scope.workspace, id, now]).await? == 1)
}

/// Notes that a token was used. Its caller does so once a minute at most.
///
/// # Errors
/// See [`crate::Error`].
pub async fn touch(scope: &Scope, tx: &mut Tx, id: ApiTokenId, now: Timestamp) -> Result<()> {
    tx.run(TOUCH, args![scope.workspace, id, now]).await.map(drop)
}

fn read(row: &Row) -> Result<ApiToken> {
    Ok(ApiToken {
        id: row.get("token")?,
        agent: row.get("agent")?,
        name: row.get("token_name")?,
        created_at: row.get("token_created_at")?,
        last_used_at: row.get("last_used_at")?,
        revoked_at: row.get("revoked_at")?,
    })
}
