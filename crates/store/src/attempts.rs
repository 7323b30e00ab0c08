//! Tries to send, and what the channel said of them: the outbound truth.

use centrala_domain::inbound::Pricing;
use centrala_domain::message::DeliveryStatus;
use centrala_domain::permission::Scope;
use centrala_domain::{InboxId, MessageId, ReceiptId, Timestamp};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::waist::{Reader, Row, Value};
use crate::write::Tx;
use crate::{args, filter, statements};

statements! {
    BEGIN = "INSERT INTO attempts (message, n, workspace, inbox, state, started_at) VALUES ($1, $2, $3, $4, 'in_flight', $5)";
    END = "UPDATE attempts SET state = $4, upstream_id = COALESCE($5, upstream_id), code = $6, detail = $7, ended_at = $8
        WHERE workspace = $1 AND message = $2 AND n = $3";
    FIND = "SELECT message, n, state, upstream_id, code, detail, started_at, ended_at FROM attempts
        WHERE workspace = $1 AND message = $2 AND n = $3";
    FIND_UPSTREAM = "SELECT message, n, state, upstream_id, code, detail, started_at, ended_at FROM attempts
        WHERE workspace = $1 AND inbox = $2 AND upstream_id = $3";
    OF_MESSAGE = "SELECT message, n, state, upstream_id, code, detail, started_at, ended_at FROM attempts
        WHERE workspace = $1 AND message = $2 ORDER BY n";
    PUT_STATUS = "INSERT INTO statuses (message, attempt, status, at, received_at, code, detail, pricing, receipt)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (message, attempt, status) DO NOTHING";
    STATUSES = "SELECT s.attempt, s.status, s.at, s.received_at, s.code, s.detail, s.pricing, s.receipt
        FROM statuses s JOIN messages m ON m.id = s.message
        WHERE m.workspace = $1 AND s.message = $2 ORDER BY s.attempt, s.at, s.received_at";
    PUT_UNMATCHED = "INSERT INTO unmatched_statuses (inbox, upstream_id, status, at, received_at, code, detail, pricing,
            receipt)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (inbox, upstream_id, status) DO NOTHING";
    TAKE_UNMATCHED = "DELETE FROM unmatched_statuses WHERE inbox = $1 AND upstream_id = $2
        RETURNING status, at, received_at, code, detail, pricing, receipt";
    FORGET_UNMATCHED = "DELETE FROM unmatched_statuses WHERE (inbox, upstream_id, status) IN (
        SELECT u.inbox, u.upstream_id, u.status FROM unmatched_statuses u JOIN inboxes i ON i.id = u.inbox
        WHERE i.workspace = $1 AND u.received_at < $2 LIMIT $3)";
}

const INSERT_ENDED: &str =
    "INSERT INTO attempts (message, n, workspace, inbox, state, upstream_id, started_at, ended_at)";

const INSERT_STATUSES: &str = "INSERT INTO statuses (message, attempt, status, at, received_at)";

/// State of one try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// The call is under way, or the process died during it.
    InFlight,
    /// The channel took the message.
    Accepted,
    /// It did not go out.
    Failed,
    /// It may have gone out.
    Uncertain,
}

impl AttemptState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::InFlight => "in_flight",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::Uncertain => "uncertain",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        [Self::InFlight, Self::Accepted, Self::Failed, Self::Uncertain]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Error::Corrupt(format!("unknown state of an attempt: {text}")))
    }
}

/// One try to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// Which message.
    pub message: MessageId,
    /// Number, from 1.
    pub n: u32,
    /// State.
    pub state: AttemptState,
    /// The channel's id.
    pub upstream_id: Option<String>,
    /// The channel's code of a failure.
    pub code: Option<i64>,
    /// What happened.
    pub detail: Option<String>,
    /// Written before the call.
    pub started_at: Timestamp,
    /// Written after it.
    pub ended_at: Option<Timestamp>,
}

/// Says, before the call, that it is about to be made.
///
/// # Errors
/// [`Error::Conflict`] when the attempt has begun already: its outcome is unknown, and it is not made again.
pub async fn begin(
    scope: &Scope,
    tx: &mut Tx,
    message: MessageId,
    n: u32,
    inbox: InboxId,
    now: Timestamp,
) -> Result<()> {
    tx.run(BEGIN, args![message, n, scope.workspace, inbox, now]).await.map(drop)
}

/// A message that the channel took at the first try.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Which.
    pub message: MessageId,
    /// Through which endpoint.
    pub inbox: InboxId,
    /// The channel's id.
    pub upstream_id: String,
    /// When it was handed over.
    pub at: Timestamp,
}

/// Adds the tries of messages that went out long ago.
///
/// # Errors
/// See [`Error`].
pub async fn insert_taken(scope: &Scope, tx: &mut Tx, taken: Vec<Taken>) -> Result<()> {
    let state = AttemptState::Accepted.as_str();
    let rows = taken
        .into_iter()
        .map(|it| args![it.message, 1i64, scope.workspace, it.inbox, state, it.upstream_id, it.at, it.at])
        .collect();
    filter::insert_many(tx, INSERT_ENDED, rows).await
}

/// How a try ended.
#[derive(Debug, Clone, Copy)]
pub struct AttemptEnd<'a> {
    /// State.
    pub state: AttemptState,
    /// The channel's id.
    pub upstream_id: Option<&'a str>,
    /// The channel's code of a failure.
    pub code: Option<i64>,
    /// What happened.
    pub detail: Option<&'a str>,
}

/// Writes how a try ended.
///
/// # Errors
/// See [`Error`].
pub async fn end(
    scope: &Scope,
    tx: &mut Tx,
    message: MessageId,
    n: u32,
    end: &AttemptEnd<'_>,
    now: Timestamp,
) -> Result<()> {
    let args =
        args![scope.workspace, message, n, end.state.as_str(), end.upstream_id, end.code, end.detail, now];
    tx.run(END, args).await.map(drop)
}

/// One try.
///
/// # Errors
/// See [`Error`].
pub async fn find(scope: &Scope, reader: &mut Reader, message: MessageId, n: u32) -> Result<Option<Attempt>> {
    reader.opt(FIND, args![scope.workspace, message, n]).await?.as_ref().map(read).transpose()
}

/// The try that the channel knows by this id.
///
/// # Errors
/// See [`Error`].
pub async fn find_by_upstream_id(
    scope: &Scope,
    reader: &mut Reader,
    inbox: InboxId,
    upstream_id: &str,
) -> Result<Option<Attempt>> {
    reader
        .opt(FIND_UPSTREAM, args![scope.workspace, inbox, upstream_id])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Every try of a message, in order.
///
/// # Errors
/// See [`Error`].
pub async fn of_message(scope: &Scope, reader: &mut Reader, message: MessageId) -> Result<Vec<Attempt>> {
    reader.all(OF_MESSAGE, args![scope.workspace, message]).await?.iter().map(read).collect()
}

/// What the channel said of a try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatusRecord {
    /// Number of the try.
    pub attempt: u32,
    /// What was claimed.
    pub status: DeliveryStatus,
    /// Provider's time.
    pub at: Timestamp,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Code of a failure.
    pub code: Option<i64>,
    /// What it said.
    pub detail: Option<String>,
    /// The price.
    pub pricing: Option<Pricing>,
    /// Delivery that it came in.
    pub receipt: Option<ReceiptId>,
}

/// Keeps what the channel said of a try; false when it said so before. The message has been found within its
/// scope.
///
/// # Errors
/// See [`Error`].
pub async fn put_status(
    _scope: &Scope,
    tx: &mut Tx,
    message: MessageId,
    status: &StatusRecord,
) -> Result<bool> {
    let args = args![
        message,
        status.attempt,
        status.status,
        status.at,
        status.received_at,
        status.code,
        status.detail.as_deref(),
        status.pricing.as_ref().map_or(Ok(Value::Json(None)), Value::json)?,
        status.receipt
    ];
    Ok(tx.run(PUT_STATUS, args).await? == 1)
}

/// Keeps what the channel said of the first tries of messages, certainly for the first time.
///
/// # Errors
/// See [`Error`].
pub async fn insert_statuses(
    _scope: &Scope,
    tx: &mut Tx,
    statuses: impl IntoIterator<Item = (MessageId, DeliveryStatus, Timestamp)>,
) -> Result<()> {
    let rows =
        statuses.into_iter().map(|(message, status, at)| args![message, 1i64, status, at, at]).collect();
    filter::insert_many(tx, INSERT_STATUSES, rows).await
}

/// Everything that the channel said of a message.
///
/// # Errors
/// See [`Error`].
pub async fn statuses(scope: &Scope, reader: &mut Reader, message: MessageId) -> Result<Vec<StatusRecord>> {
    let rows = reader.all(STATUSES, args![scope.workspace, message]).await?;
    rows.iter()
        .map(|row| read_status(row, u32::try_from(row.get::<i64>("attempt")?).map_err(Error::corrupt)?))
        .collect()
}

/// Keeps a status whose message is not known (yet).
///
/// # Errors
/// See [`Error`].
pub async fn put_unmatched(
    _scope: &Scope,
    tx: &mut Tx,
    inbox: InboxId,
    upstream_id: &str,
    status: &StatusRecord,
) -> Result<()> {
    let args = args![
        inbox,
        upstream_id,
        status.status,
        status.at,
        status.received_at,
        status.code,
        status.detail.as_deref(),
        status.pricing.as_ref().map_or(Ok(Value::Json(None)), Value::json)?,
        status.receipt
    ];
    tx.run(PUT_UNMATCHED, args).await.map(drop)
}

/// Takes the statuses that came before we knew the channel's id of an attempt.
///
/// # Errors
/// See [`Error`].
pub async fn take_unmatched(
    _scope: &Scope,
    tx: &mut Tx,
    inbox: InboxId,
    upstream_id: &str,
    attempt: u32,
) -> Result<Vec<StatusRecord>> {
    let rows = tx.all(TAKE_UNMATCHED, args![inbox, upstream_id]).await?;
    rows.iter().map(|row| read_status(row, attempt)).collect()
}

/// Forgets unmatched statuses of before an instant, so many at most, and says how many that were.
///
/// # Errors
/// See [`Error`].
pub async fn forget_unmatched_before(
    scope: &Scope,
    tx: &mut Tx,
    before: Timestamp,
    limit: i64,
) -> Result<u64> {
    tx.run(FORGET_UNMATCHED, args![scope.workspace, before, limit]).await
}

fn read(row: &Row) -> Result<Attempt> {
    Ok(Attempt {
        message: row.get("message")?,
        n: u32::try_from(row.get::<i64>("n")?).map_err(Error::corrupt)?,
        state: AttemptState::parse(&row.get::<String>("state")?)?,
        upstream_id: row.get("upstream_id")?,
        code: row.get("code")?,
        detail: row.get("detail")?,
        started_at: row.get("started_at")?,
        ended_at: row.get("ended_at")?,
    })
}

fn read_status(row: &Row, attempt: u32) -> Result<StatusRecord> {
    Ok(StatusRecord {
        attempt,
        status: row.get("status")?,
        at: row.get("at")?,
        received_at: row.get("received_at")?,
        code: row.get("code")?,
        detail: row.get("detail")?,
        pricing: row.json_opt("pricing")?,
        receipt: row.get("receipt")?,
    })
}
