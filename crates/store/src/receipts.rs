//! Raw inbound deliveries: durable before they are acknowledged, kept until applied and a while longer.

use centrala_domain::permission::Scope;
use centrala_domain::{InboxId, ReceiptId, Timestamp, TraceId, WorkspaceId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::dialect::COUNT_RECEIPTS;
use crate::error::Result;
use crate::filter::{self, Select};
use crate::waist::{Reader, Row, Value};
use crate::write::{Command, Ctx, Done, Tx};
use crate::{args, statements};

statements! {
    WAITING = "SELECT id, workspace, inbox, received_at, raw, tries, trace FROM receipts
        WHERE state = 'received' ORDER BY id LIMIT $1";
    REJECT = "UPDATE receipts SET state = 'rejected', applied_at = $3, problems = $4, tries = tries + 1
        WHERE workspace = $1 AND id = $2";
    TRIED = "UPDATE receipts SET tries = tries + 1 WHERE workspace = $1 AND id = $2";
    REPLAY = "UPDATE receipts SET state = 'received', problems = NULL, applied_at = NULL, tries = 0
        WHERE workspace = $1 AND id = $2 AND state IN ('applied', 'rejected')";
    FIND = "SELECT id, inbox, received_at, state, tries, problems, applied_at, trace,
            CAST(length(raw) AS BIGINT) AS size_bytes FROM receipts WHERE workspace = $1 AND id = $2";
    RAW = "SELECT raw FROM receipts WHERE workspace = $1 AND id = $2";
    // Whatever was applied before an instant was received before it, and that is what the index knows.
    FORGET = "DELETE FROM receipts WHERE id IN (SELECT id FROM receipts
        WHERE workspace = $1 AND received_at < $2 AND applied_at < $2 AND state = 'applied' LIMIT $3)";
}

const INSERT: &str =
    "INSERT INTO receipts (id, workspace, inbox, received_at, digest, raw, state, tries, trace)";
const LIST: &str = "SELECT id, inbox, received_at, state, tries, problems, applied_at, trace,
    CAST(length(raw) AS BIGINT) AS size_bytes FROM receipts";

/// Keeps a raw delivery. Its success is what the sender's 200 means.
#[derive(Debug)]
pub struct KeepReceipt {
    /// Through which endpoint it came.
    pub inbox: InboxId,
    /// The body, byte for byte.
    pub raw: Vec<u8>,
}

impl Command for KeepReceipt {
    type Out = ReceiptId;
    type Error = crate::Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<ReceiptId>> {
        let (id, row) = self.row(ctx);
        insert(tx, vec![row]).await?;
        Ok(Done::unchanged(id))
    }
}

impl KeepReceipt {
    /// Its row, with a new id.
    pub(crate) fn row(&self, ctx: &Ctx) -> (ReceiptId, Vec<Value>) {
        let id: ReceiptId = ctx.new_id();
        let digest = Sha256::digest(&self.raw).to_vec();
        let raw = self.raw.clone();
        let (workspace, inbox) = (ctx.scope.workspace, self.inbox);
        (id, args![id, workspace, inbox, ctx.now, digest, raw, "received", 0i64, ctx.trace])
    }
}

/// Inserts rows of raw deliveries.
pub(crate) async fn insert(tx: &mut Tx, rows: Vec<Vec<Value>>) -> Result<()> {
    filter::insert_many(tx, INSERT, rows).await
}

/// A delivery that waits to be applied.
#[derive(Debug, Clone)]
pub struct WaitingReceipt {
    /// Id; in order of arrival.
    pub id: ReceiptId,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Through which endpoint it came.
    pub inbox: InboxId,
    /// When.
    pub received_at: Timestamp,
    /// The body.
    pub raw: Vec<u8>,
    /// How often applying it failed for reasons of ours.
    pub tries: i64,
    /// What it set in motion.
    pub trace: TraceId,
}

/// Something in a delivery that could not be applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptProblem {
    /// Where in the body (JSON pointer); empty for the whole.
    pub pointer: String,
    /// What is wrong.
    pub reason: String,
}

/// A delivery without its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReceiptRecord {
    /// Id.
    pub id: ReceiptId,
    /// Through which endpoint it came.
    pub inbox: InboxId,
    /// When.
    pub received_at: Timestamp,
    /// `received`, `applied`, or `rejected`: something in it could not be applied; what could be, was.
    pub state: String,
    /// How often it was tried.
    pub tries: i64,
    /// What could not be applied.
    pub problems: Vec<ReceiptProblem>,
    /// When it was dealt with.
    pub applied_at: Option<Timestamp>,
    /// What it set in motion.
    pub trace: TraceId,
    /// Size of the body in bytes.
    pub size_bytes: i64,
}

/// Deliveries that wait, in order of arrival, over all workspaces: for the projector alone.
///
/// # Errors
/// See [`crate::Error`].
pub async fn waiting(reader: &mut Reader, limit: i64) -> Result<Vec<WaitingReceipt>> {
    reader
        .all(WAITING, args![limit])
        .await?
        .iter()
        .map(|row| {
            Ok(WaitingReceipt {
                id: row.get("id")?,
                workspace: row.get("workspace")?,
                inbox: row.get("inbox")?,
                received_at: row.get("received_at")?,
                raw: row.get("raw")?,
                tries: row.get("tries")?,
                trace: row.get("trace")?,
            })
        })
        .collect()
}

/// Marks deliveries as applied whole.
///
/// # Errors
/// See [`crate::Error`].
pub async fn mark_applied(scope: &Scope, tx: &mut Tx, ids: &[ReceiptId], now: Timestamp) -> Result<()> {
    for chunk in ids.chunks(256) {
        Select::new("UPDATE receipts SET state = 'applied', applied_at =")
            .end("?", args![now])
            .filter("workspace = ?", args![scope.workspace])
            .filter_in("id", chunk.iter().copied())
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Marks a delivery as applied with problems.
///
/// # Errors
/// See [`crate::Error`].
pub async fn mark_rejected(
    scope: &Scope,
    tx: &mut Tx,
    id: ReceiptId,
    problems: &[ReceiptProblem],
    now: Timestamp,
) -> Result<()> {
    // A text that PostgreSQL does not keep must not hide that it was refused.
    let kept = |text: &String| text.replace('\0', "\u{fffd}");
    let problems: Vec<ReceiptProblem> = problems
        .iter()
        .map(|it| ReceiptProblem { pointer: kept(&it.pointer), reason: kept(&it.reason) })
        .collect();
    tx.run(REJECT, args![scope.workspace, id, now, Value::json(&problems)?]).await.map(drop)
}

/// Counts a try that failed for reasons of ours.
///
/// # Errors
/// See [`crate::Error`].
pub async fn mark_tried(scope: &Scope, tx: &mut Tx, id: ReceiptId) -> Result<()> {
    tx.run(TRIED, args![scope.workspace, id]).await.map(drop)
}

/// Puts a delivery back into the queue. Applying it again changes nothing that was applied before.
///
/// # Errors
/// See [`crate::Error`].
pub async fn replay(scope: &Scope, tx: &mut Tx, id: ReceiptId) -> Result<bool> {
    Ok(tx.run(REPLAY, args![scope.workspace, id]).await? == 1)
}

/// One delivery.
///
/// # Errors
/// See [`crate::Error`].
pub async fn find(scope: &Scope, reader: &mut Reader, id: ReceiptId) -> Result<Option<ReceiptRecord>> {
    reader.opt(FIND, args![scope.workspace, id]).await?.as_ref().map(read).transpose()
}

/// The body of a delivery.
///
/// # Errors
/// See [`crate::Error`].
pub async fn raw(scope: &Scope, reader: &mut Reader, id: ReceiptId) -> Result<Option<Vec<u8>>> {
    reader.opt(RAW, args![scope.workspace, id]).await?.map(|row| row.get("raw")).transpose()
}

/// Which deliveries to list.
#[derive(Debug, Clone, Default)]
pub struct ReceiptFilter {
    /// Only this state.
    pub state: Option<String>,
    /// Only this inbox.
    pub inbox: Option<InboxId>,
    /// Only older than this one (a cursor).
    pub before: Option<ReceiptId>,
}

/// Deliveries, newest first.
///
/// # Errors
/// See [`crate::Error`].
pub async fn list(
    scope: &Scope,
    reader: &mut Reader,
    filter: &ReceiptFilter,
    limit: i64,
) -> Result<Vec<ReceiptRecord>> {
    Select::new(LIST)
        .filter("workspace = ?", args![scope.workspace])
        .filter_some("state = ?", filter.state.as_deref())
        .filter_some("inbox = ?", filter.inbox)
        .filter_some("id < ?", filter.before)
        .end("ORDER BY id DESC LIMIT ?", args![limit])
        .all(reader)
        .await?
        .iter()
        .map(read)
        .collect()
}

/// How many deliveries wait or were rejected, and since when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReceiptCounts {
    /// Wait to be applied.
    pub received: i64,
    /// Arrival of the oldest that waits.
    pub oldest_received: Option<Timestamp>,
    /// Something in them could not be applied.
    pub rejected: i64,
}

/// Counts of a workspace.
///
/// # Errors
/// See [`crate::Error`].
pub async fn counts(scope: &Scope, reader: &mut Reader) -> Result<ReceiptCounts> {
    let mut counts = ReceiptCounts::default();
    for row in reader.all(COUNT_RECEIPTS, args![scope.workspace]).await? {
        match row.get::<String>("state")?.as_str() {
            "received" => {
                counts.received = row.get("n")?;
                counts.oldest_received = row.get("oldest")?;
            }
            _ => counts.rejected = row.get("n")?,
        }
    }
    Ok(counts)
}

/// Forgets deliveries that were applied before an instant, so many at most, and says how many that were.
///
/// # Errors
/// See [`crate::Error`].
pub async fn forget_before(scope: &Scope, tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    tx.run(FORGET, args![scope.workspace, before, limit]).await
}

fn read(row: &Row) -> Result<ReceiptRecord> {
    Ok(ReceiptRecord {
        id: row.get("id")?,
        inbox: row.get("inbox")?,
        received_at: row.get("received_at")?,
        state: row.get("state")?,
        tries: row.get("tries")?,
        problems: row.json_opt("problems")?.unwrap_or_default(),
        applied_at: row.get("applied_at")?,
        trace: row.get("trace")?,
        size_bytes: row.get("size_bytes")?,
    })
}
