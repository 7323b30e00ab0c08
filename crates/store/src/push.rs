//! Browsers that are woken by notices, and the key that the server proves itself with to their push services.
//!
//! Addresses and keys are sealed: whoever has an address can wake a browser. A subscription goes with its login
//! session, by the database itself. Not here: who is told of what (`engine`).

use centrala_domain::permission::{Role, Scope};
use centrala_domain::push::{PushAddress, PushSubscription};
use centrala_domain::{AgentId, LoginSessionId, Private, PushSubscriptionId, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::login_sessions::LoginSession;
use crate::vault::Vault;
use crate::waist::{Reader, Row};
use crate::write::Tx;
use crate::{args, statements};

statements! {
    // The same browser again, perhaps with somebody else signed in.
    PUT = "INSERT INTO push_subscriptions
            (id, workspace, agent, session, endpoint_hash, sealed_address, device, created_at)
        SELECT $3, s.workspace, s.agent, s.id, $4, $5, $6, $7 FROM login_sessions s WHERE s.workspace = $1 AND s.id = $2
        ON CONFLICT (workspace, endpoint_hash) DO UPDATE SET agent = excluded.agent, session = excluded.session,
            sealed_address = excluded.sealed_address, device = excluded.device
        RETURNING id, agent, session, device, created_at, last_used_at";
    COUNT_OTHERS = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM push_subscriptions
        WHERE workspace = $1 AND agent = $2 AND endpoint_hash <> $3";
    OF_AGENT = "SELECT id, agent, session, device, created_at, last_used_at FROM push_subscriptions
        WHERE workspace = $1 AND agent = $2 ORDER BY created_at DESC, id DESC";
    ADDRESS = "SELECT endpoint_hash, sealed_address FROM push_subscriptions WHERE workspace = $1 AND agent = $2 AND id = $3";
    TARGETS = "SELECT p.id, p.endpoint_hash, p.sealed_address, p.last_used_at, p.agent, a.role, s.id AS session, s.user_agent,
            s.address, s.created_at AS session_created_at, s.last_seen_at, s.expires_at
        FROM push_subscriptions p JOIN agents a ON a.id = p.agent JOIN login_sessions s ON s.id = p.session
        WHERE p.workspace = $1 AND a.disabled_at IS NULL ORDER BY p.agent, p.id";
    DELETE = "DELETE FROM push_subscriptions WHERE workspace = $1 AND agent = $2 AND id = $3";
    NOTE_USE = "UPDATE push_subscriptions SET last_used_at = $3 WHERE workspace = $1 AND id = $2";
    PUT_KEY = "INSERT INTO push_keys (workspace, public_key, sealed_key, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (workspace) DO NOTHING";
    PUBLIC_KEY = "SELECT public_key FROM push_keys WHERE workspace = $1";
    KEY = "SELECT sealed_key FROM push_keys WHERE workspace = $1";
}

/// A subscription on its way in.
#[derive(Debug, Clone)]
pub struct NewSubscription {
    /// Its id, unless the browser has one already.
    pub id: PushSubscriptionId,
    /// What it ends with.
    pub session: LoginSessionId,
    /// Recognises the browser.
    pub endpoint_hash: Vec<u8>,
    /// From [`seal`].
    pub sealed_address: Vec<u8>,
    /// What the browser says it is.
    pub device: String,
}

/// A browser that may be told of something, and whose it is.
#[derive(Debug, Clone)]
pub struct Target {
    /// The subscription.
    pub id: PushSubscriptionId,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// Whose; not disabled.
    pub agent: AgentId,
    /// What he may do.
    pub role: Role,
    /// The session that it ends with: its caller looks whether it still stands.
    pub session: LoginSession,
    endpoint_hash: Vec<u8>,
    sealed_address: Vec<u8>,
}

impl Target {
    /// Opens the address.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it does not open with this vault.
    pub fn address(&self, vault: &Vault) -> Result<PushAddress> {
        open(vault, &self.endpoint_hash, &self.sealed_address)
    }
}

/// What recognises a browser: its address, hashed.
#[must_use]
pub fn hash_endpoint(endpoint: &Private) -> Vec<u8> {
    Sha256::digest(endpoint.expose()).to_vec()
}

fn place(endpoint_hash: &[u8]) -> String {
    let hex: String = endpoint_hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("push_subscriptions/{hex}")
}

/// Seals an address; it opens for its own endpoint only.
///
/// # Errors
/// [`Error::Unavailable`] when the system gives no random bytes.
pub fn seal(vault: &Vault, address: &PushAddress) -> Result<Vec<u8>> {
    let text = serde_json::to_vec(address).map_err(Error::corrupt)?;
    vault.seal(&place(&hash_endpoint(&address.endpoint)), &text)
}

fn open(vault: &Vault, endpoint_hash: &[u8], sealed: &[u8]) -> Result<PushAddress> {
    serde_json::from_slice(&vault.open(&place(endpoint_hash), sealed)?).map_err(Error::corrupt)
}

fn place_of_key(scope: &Scope) -> String {
    format!("push_keys/{}", scope.workspace)
}

/// Seals the key of a workspace.
///
/// # Errors
/// [`Error::Unavailable`] when the system gives no random bytes.
pub fn seal_key(scope: &Scope, vault: &Vault, key: &Private<Vec<u8>>) -> Result<Vec<u8>> {
    vault.seal(&place_of_key(scope), key.expose())
}

/// Keeps a browser for the agent of a session; `None` when there is no such session.
///
/// # Errors
/// See [`crate::Error`].
pub async fn put(
    scope: &Scope,
    tx: &mut Tx,
    new: &NewSubscription,
    now: Timestamp,
) -> Result<Option<PushSubscription>> {
    let args = args![
        scope.workspace,
        new.session,
        new.id,
        new.endpoint_hash.clone(),
        new.sealed_address.clone(),
        new.device.as_str(),
        now
    ];
    tx.opt(PUT, args).await?.as_ref().map(read).transpose()
}

/// How many browsers an agent has beside this one.
///
/// # Errors
/// See [`crate::Error`].
pub async fn count_others(
    scope: &Scope,
    reader: &mut Reader,
    agent: AgentId,
    endpoint_hash: &[u8],
) -> Result<i64> {
    let row = reader.opt(COUNT_OTHERS, args![scope.workspace, agent, endpoint_hash.to_vec()]).await?;
    row.map_or(Ok(0), |row| row.get("n"))
}

/// An agent's browsers, newest first.
///
/// # Errors
/// See [`crate::Error`].
pub async fn list_of_agent(
    scope: &Scope,
    reader: &mut Reader,
    agent: AgentId,
) -> Result<Vec<PushSubscription>> {
    reader.all(OF_AGENT, args![scope.workspace, agent]).await?.iter().map(read).collect()
}

/// How to reach one of an agent's browsers.
///
/// # Errors
/// See [`crate::Error`].
pub async fn address(
    scope: &Scope,
    reader: &mut Reader,
    agent: AgentId,
    id: PushSubscriptionId,
    vault: &Vault,
) -> Result<Option<PushAddress>> {
    let Some(row) = reader.opt(ADDRESS, args![scope.workspace, agent, id]).await? else { return Ok(None) };
    let (hash, sealed) = (row.get::<Vec<u8>>("endpoint_hash")?, row.get::<Vec<u8>>("sealed_address")?);
    open(vault, &hash, &sealed).map(Some)
}

/// The browsers of all agents of a workspace who are not disabled, by agent.
///
/// # Errors
/// See [`crate::Error`].
pub async fn targets(scope: &Scope, reader: &mut Reader) -> Result<Vec<Target>> {
    let read = |row: &Row| {
        Ok(Target {
            id: row.get("id")?,
            last_used_at: row.get("last_used_at")?,
            agent: row.get("agent")?,
            role: row.get("role")?,
            session: crate::login_sessions::read(row)?,
            endpoint_hash: row.get("endpoint_hash")?,
            sealed_address: row.get("sealed_address")?,
        })
    };
    reader.all(TARGETS, args![scope.workspace]).await?.iter().map(read).collect()
}

/// Forgets one of an agent's browsers; says whether there was one.
///
/// # Errors
/// See [`crate::Error`].
pub async fn delete(scope: &Scope, tx: &mut Tx, agent: AgentId, id: PushSubscriptionId) -> Result<bool> {
    Ok(tx.run(DELETE, args![scope.workspace, agent, id]).await? == 1)
}

/// Notes that a push service took something. Its caller does so once an hour at most.
///
/// # Errors
/// See [`crate::Error`].
pub async fn note_use(scope: &Scope, tx: &mut Tx, id: PushSubscriptionId, now: Timestamp) -> Result<()> {
    tx.run(NOTE_USE, args![scope.workspace, id, now]).await.map(drop)
}

/// Keeps the key of a workspace, unless it has one.
///
/// # Errors
/// See [`crate::Error`].
pub async fn put_key(
    scope: &Scope,
    tx: &mut Tx,
    public_key: &[u8],
    sealed_key: &[u8],
    now: Timestamp,
) -> Result<()> {
    let args = args![scope.workspace, public_key.to_vec(), sealed_key.to_vec(), now];
    tx.run(PUT_KEY, args).await.map(drop)
}

/// The public half of the key of a workspace.
///
/// # Errors
/// See [`crate::Error`].
pub async fn public_key(scope: &Scope, reader: &mut Reader) -> Result<Option<Vec<u8>>> {
    reader.opt(PUBLIC_KEY, args![scope.workspace]).await?.map(|row| row.get("public_key")).transpose()
}

/// The key of a workspace.
///
/// # Errors
/// See [`crate::Error`].
pub async fn key(scope: &Scope, reader: &mut Reader, vault: &Vault) -> Result<Option<Private<Vec<u8>>>> {
    let Some(row) = reader.opt(KEY, args![scope.workspace]).await? else { return Ok(None) };
    vault.open(&place_of_key(scope), &row.get::<Vec<u8>>("sealed_key")?).map(|key| Some(key.into()))
}

fn read(row: &Row) -> Result<PushSubscription> {
    Ok(PushSubscription {
        id: row.get("id")?,
        agent: row.get("agent")?,
        session: row.get("session")?,
        device: row.get("device")?,
        created_at: row.get("created_at")?,
        last_used_at: row.get("last_used_at")?,
    })
}
