//! The people who answer, and the hashes of their passwords. Not here: their sessions
//! ([`crate::login_sessions`]), their tokens ([`crate::api_tokens`]), and who may change whom (`engine`).

use centrala_domain::agent::Agent;
use centrala_domain::permission::Scope;
use centrala_domain::workspace::Language;
use centrala_domain::{AgentId, Private, Timestamp, WorkspaceId};

use crate::error::{Error, Result};
use crate::waist::{Reader, Row};
use crate::write::Tx;
use crate::{args, statements};

statements! {
    INSERT = "INSERT INTO agents (id, workspace, name, email, role, language, password_hash, disabled_at, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    FIND = "SELECT id AS agent, name, email, role, language, disabled_at, created_at FROM agents
        WHERE workspace = $1 AND id = $2";
    // An e-mail address is unique in the installation: whoever signs in has no workspace yet.
    FIND_BY_EMAIL = "SELECT id AS agent, workspace, name, email, role, language, disabled_at, created_at, password_hash
        FROM agents WHERE email = $1";
    LIST = "SELECT id AS agent, name, email, role, language, disabled_at, created_at FROM agents
        WHERE workspace = $1 ORDER BY id";
    UPDATE = "UPDATE agents SET name = $3, role = $4, language = $5 WHERE workspace = $1 AND id = $2";
    SET_DISABLED = "UPDATE agents SET disabled_at = $3 WHERE workspace = $1 AND id = $2";
    PASSWORD_HASH = "SELECT password_hash FROM agents WHERE workspace = $1 AND id = $2";
    SET_PASSWORD_HASH = "UPDATE agents SET password_hash = $3 WHERE workspace = $1 AND id = $2";
    COUNT_OWNERS = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM agents
        WHERE workspace = $1 AND role = 'owner' AND disabled_at IS NULL";
}

/// An agent with what signing in needs.
#[derive(Debug, Clone)]
pub struct SignInRecord {
    /// Who; possibly disabled.
    pub agent: Agent,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// What his password is checked against.
    pub password_hash: Private,
}

/// The form in which an e-mail address is kept and looked up.
#[must_use]
pub fn fold_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Keeps a new agent.
///
/// # Errors
/// [`Error::Conflict`] on `email` when somebody has that address.
pub async fn insert(scope: &Scope, tx: &mut Tx, agent: &Agent, password_hash: &Private) -> Result<()> {
    let args = args![
        agent.id,
        scope.workspace,
        agent.name.as_str(),
        fold_email(&agent.email),
        agent.role,
        language_name(agent.language),
        password_hash.clone(),
        agent.disabled_at,
        agent.created_at
    ];
    tx.run(INSERT, args).await.map(drop)
}

/// One agent.
///
/// # Errors
/// See [`Error`].
pub async fn find(scope: &Scope, reader: &mut Reader, id: AgentId) -> Result<Option<Agent>> {
    reader.opt(FIND, args![scope.workspace, id]).await?.as_ref().map(read).transpose()
}

/// The agent with an e-mail address, over all workspaces: for signing in alone.
///
/// # Errors
/// See [`Error`].
pub async fn find_by_email_for_sign_in(reader: &mut Reader, email: &str) -> Result<Option<SignInRecord>> {
    let Some(row) = reader.opt(FIND_BY_EMAIL, args![fold_email(email)]).await? else { return Ok(None) };
    Ok(Some(SignInRecord {
        agent: read(&row)?,
        workspace: row.get("workspace")?,
        password_hash: row.get("password_hash")?,
    }))
}

/// Every agent, disabled ones too, in the order they were added.
///
/// # Errors
/// See [`Error`].
pub async fn list(scope: &Scope, reader: &mut Reader) -> Result<Vec<Agent>> {
    reader.all(LIST, args![scope.workspace]).await?.iter().map(read).collect()
}

/// Changes name, role and language.
///
/// # Errors
/// See [`Error`].
pub async fn update(scope: &Scope, tx: &mut Tx, agent: &Agent) -> Result<()> {
    let language = language_name(agent.language);
    let args = args![scope.workspace, agent.id, agent.name.as_str(), agent.role, language];
    tx.run(UPDATE, args).await.map(drop)
}

/// Disables (with an instant) or enables (without).
///
/// # Errors
/// See [`Error`].
pub async fn set_disabled(scope: &Scope, tx: &mut Tx, id: AgentId, at: Option<Timestamp>) -> Result<()> {
    tx.run(SET_DISABLED, args![scope.workspace, id, at]).await.map(drop)
}

/// What an agent's password is checked against.
///
/// # Errors
/// See [`Error`].
pub async fn password_hash(scope: &Scope, reader: &mut Reader, id: AgentId) -> Result<Option<Private>> {
    let row = reader.opt(PASSWORD_HASH, args![scope.workspace, id]).await?;
    row.map(|row| row.get("password_hash")).transpose()
}

/// Replaces the hash of a password.
///
/// # Errors
/// See [`Error`].
pub async fn set_password_hash(scope: &Scope, tx: &mut Tx, id: AgentId, hash: &Private) -> Result<()> {
    tx.run(SET_PASSWORD_HASH, args![scope.workspace, id, hash.clone()]).await.map(drop)
}

/// How many owners can sign in. Never zero in a workspace that was set up.
///
/// # Errors
/// See [`Error`].
pub async fn count_owners(scope: &Scope, reader: &mut Reader) -> Result<i64> {
    reader.opt(COUNT_OWNERS, args![scope.workspace]).await?.map_or(Ok(0), |row| row.get("n"))
}

/// Reads an agent from a row whose column `agent` is his id.
pub(crate) fn read(row: &Row) -> Result<Agent> {
    Ok(Agent {
        id: row.get("agent")?,
        name: row.get("name")?,
        email: row.get("email")?,
        role: row.get("role")?,
        language: read_language(&row.get::<String>("language")?)?,
        disabled_at: row.get("disabled_at")?,
        created_at: row.get("created_at")?,
    })
}

const fn language_name(language: Language) -> &'static str {
    match language {
        Language::En => "en",
        Language::Ro => "ro",
    }
}

fn read_language(name: &str) -> Result<Language> {
    [Language::En, Language::Ro]
        .into_iter()
        .find(|language| language_name(*language) == name)
        .ok_or_else(|| Error::Corrupt(format!("unknown language {name}")))
}
