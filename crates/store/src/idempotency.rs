//! Answers of requests that carried an `Idempotency-Key`, so that a repeated request gets the same answer.
//!
//! Not here: which requests carry one, and what a repetition with another body is told (`server`).

use centrala_domain::permission::Scope;
use centrala_domain::{AgentId, Private, Timestamp};

use crate::error::{Error, Result};
use crate::waist::Reader;
use crate::write::Tx;
use crate::{args, statements};

statements! {
    FIND = "SELECT request_digest, status, body, created_at FROM idempotent_answers
        WHERE workspace = $1 AND agent = $2 AND key = $3";
    PUT = "INSERT INTO idempotent_answers (workspace, agent, key, request_digest, status, body, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace, agent, key) DO NOTHING";
    FORGET = "DELETE FROM idempotent_answers WHERE (workspace, agent, key) IN (SELECT workspace, agent, key
        FROM idempotent_answers WHERE workspace = $1 AND created_at < $2 LIMIT $3)";
}

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Digest of the request: the same key with another request is a mistake of the client.
    pub request_digest: Vec<u8>,
    /// HTTP status.
    pub status: u16,
    /// Body, byte for byte.
    pub body: Private<Vec<u8>>,
    /// When it was given.
    pub created_at: Timestamp,
}

/// The answer that an agent's request with that key got.
///
/// # Errors
/// See [`Error`].
pub async fn find(
    scope: &Scope,
    reader: &mut Reader,
    agent: AgentId,
    key: &str,
) -> Result<Option<KeptAnswer>> {
    let Some(row) = reader.opt(FIND, args![scope.workspace, agent, key]).await? else { return Ok(None) };
    Ok(Some(KeptAnswer {
        request_digest: row.get("request_digest")?,
        status: u16::try_from(row.get::<i64>("status")?).map_err(Error::corrupt)?,
        body: Private::new(row.get("body")?),
        created_at: row.get("created_at")?,
    }))
}

/// Keeps an answer; says whether it is the first of its key. The first one stays.
///
/// # Errors
/// See [`Error`].
pub async fn put(scope: &Scope, tx: &mut Tx, agent: AgentId, key: &str, answer: &KeptAnswer) -> Result<bool> {
    let args = args![
        scope.workspace,
        agent,
        key,
        answer.request_digest.clone(),
        i64::from(answer.status),
        answer.body.expose().clone(),
        answer.created_at
    ];
    Ok(tx.run(PUT, args).await? == 1)
}

/// Forgets the answers given before an instant, so many at most; says how many.
///
/// # Errors
/// See [`Error`].
pub async fn forget_before(scope: &Scope, tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    tx.run(FORGET, args![scope.workspace, before, limit]).await
}
