//! Work that is due: the outbox. Inserted with the facts that imply it, claimed by state, ended by the command
//! that records its outcome. At least once: a job whose worker died is claimed again when its lease is over.

use std::time::Duration;

use centrala_domain::event::Recorded;
use centrala_domain::permission::Scope;
use centrala_domain::{EventId, JobId, MessageId, Timestamp, TraceId, WorkspaceId};
use uuid::Uuid;

use crate::dialect::CLAIM_JOBS;
use crate::error::{Error, Result};
use crate::open::Store;
use crate::waist::{Reader, Row, Value};
use crate::write::{JobClaim, JobEnd, Tx};
use crate::{args, filter, statements};

statements! {
    // A job of the same key that is under way loses its lease: its outcome is out of date. What takes its place is
    // new work, whose tries are counted anew.
    UPSERT = "INSERT INTO jobs (id, workspace, kind, lane, key, order_key, run_at, waits_since, attempt, state, payload,
            subject, cause, depth, trace, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 'ready', $9, $10, $11, $12, $13, $14)
        ON CONFLICT (key) WHERE key IS NOT NULL AND state IN ('ready', 'claimed')
        DO UPDATE SET run_at = excluded.run_at, waits_since = excluded.waits_since, payload = excluded.payload, state = 'ready', lease_token = NULL,
            lease_until = NULL, attempt = 0, last_error = NULL, cause = excluded.cause, depth = excluded.depth,
            trace = excluded.trace";
    // The wider condition is the one of the index on keys: without it, every job that is ready would be read.
    CANCEL = "DELETE FROM jobs WHERE key = $1 AND state IN ('ready', 'claimed') AND state = 'ready'";
    // The token goes too: a worker that did not hear of its success must not run the job again.
    FINISH = "UPDATE jobs SET state = 'done', finished_at = $3, lease_until = NULL, lease_token = NULL
        WHERE id = $1 AND lease_token = $2";
    HOLDS = "SELECT CAST(1 AS BIGINT) AS held FROM jobs WHERE id = $1 AND lease_token = $2";
    AGAIN = "UPDATE jobs SET state = 'ready', run_at = $3, waits_since = $5, last_error = $4, lease_until = NULL,
        lease_token = NULL WHERE id = $1 AND lease_token = $2";
    BURY = "UPDATE jobs SET state = 'dead', finished_at = $3, last_error = $4, lease_until = NULL, lease_token = NULL
        WHERE id = $1 AND lease_token = $2";
    EXTEND = "UPDATE jobs SET lease_until = $3 WHERE id = $1 AND lease_token = $2";
    RELEASE_EXPIRED = "UPDATE jobs SET state = 'ready', lease_until = NULL, lease_token = NULL
        WHERE state = 'claimed' AND lease_until <= $1";
    // A job behind an unfinished one is not due, whatever its time says: the end of that one is a hint.
    NEXT_DUE = "SELECT MIN(j.run_at) AS run_at FROM jobs j WHERE j.lane = $1 AND j.state = 'ready'
        AND (j.order_key IS NULL OR NOT EXISTS (
            SELECT 1 FROM jobs e WHERE e.order_key = j.order_key AND e.id < j.id AND e.state IN ('ready', 'claimed')))";
    OF_SUBJECT = "SELECT id, kind, state, run_at, attempt, last_error, cause, trace, created_at, finished_at FROM jobs
        WHERE workspace = $1 AND subject = $2 ORDER BY id";
    UNFINISHED = "SELECT kind, state, CAST(COUNT(*) AS BIGINT) AS n, MIN(run_at) AS oldest FROM jobs
        WHERE state IN ('ready', 'claimed') GROUP BY kind, state";
    DEAD = "SELECT id, kind, state, run_at, attempt, last_error, cause, trace, created_at, finished_at FROM jobs
        WHERE workspace = $1 AND state = 'dead' ORDER BY id DESC LIMIT $2";
    FORGET = "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs
        WHERE workspace = $1 AND finished_at < $2 AND state = 'done' LIMIT $3)";
}

const INSERT: &str = "INSERT INTO jobs
    (id, workspace, kind, lane, key, order_key, run_at, waits_since, attempt, state, payload, subject, cause, depth, trace,
    created_at)";

/// Separate queues, so that slow files never stand before a customer's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Messages on their way out.
    Outbound,
    /// Files.
    Media,
    /// Timers and everything else.
    Other,
}

impl Lane {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Outbound, Self::Media, Self::Other];

    /// Name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Outbound => "outbound",
            Self::Media => "media",
            Self::Other => "other",
        }
    }
}

/// What a fact does to the outbox.
#[derive(Debug, Clone, PartialEq)]
pub enum JobChange {
    /// New work; work of the same key that has not ended is replaced.
    Add(NewJob),
    /// Work of that key that has not begun is not wanted any more.
    Cancel {
        /// Which.
        key: String,
    },
}

/// When a job is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// At once.
    Now,
    /// After a wait, which is as long when the clock is set back meanwhile.
    After(Duration),
    /// At an appointment: a time of day that a person chose, whatever happens to the clock.
    At(Timestamp),
}

impl Due {
    /// When it is due, and since when it waits: none for an appointment.
    fn from(self, now: Timestamp) -> (Timestamp, Option<Timestamp>) {
        match self {
            Self::Now => (now, Some(now)),
            Self::After(wait) => (now.plus(wait), Some(now)),
            Self::At(appointment) => (appointment, None),
        }
    }
}

/// Work to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Name of the kind, such as `send_message`.
    pub kind: &'static str,
    /// Which queue.
    pub lane: Lane,
    /// At most one unfinished job has it.
    pub key: Option<String>,
    /// An unfinished job with the same one and an earlier id goes first.
    pub order_key: Option<String>,
    /// When.
    pub due: Due,
    /// What the job needs to know.
    pub payload: serde_json::Value,
    /// The message (or other thing) whose trace shows it.
    pub subject: Option<Uuid>,
}

/// A job in the hands of a worker.
#[derive(Debug, Clone)]
pub struct ClaimedJob {
    /// Proof of the lease.
    pub claim: JobClaim,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Name of the kind.
    pub kind: String,
    /// How many times it was claimed, this one included.
    pub attempt: u32,
    /// What it needs to know.
    pub payload: serde_json::Value,
    /// The fact that it follows from.
    pub cause: Option<EventId>,
    /// How many reactions deep that fact was.
    pub depth: u8,
    /// What set it in motion.
    pub trace: TraceId,
}

/// Applies what the facts of a batch imply; says whether something is due at once.
pub(crate) async fn apply(
    tx: &mut Tx,
    ids: &crate::ids::IdSource,
    now: Timestamp,
    changes: Vec<(WorkspaceId, Recorded, JobChange)>,
) -> Result<bool> {
    let mut has_due = false;
    let mut plain = Vec::new();
    for (workspace, fact, change) in changes {
        match change {
            JobChange::Cancel { key } => {
                tx.run(CANCEL, args![key]).await?;
            }
            JobChange::Add(job) => {
                let (run_at, waits_since) = job.due.from(now);
                has_due |= run_at <= now;
                let id: JobId = JobId(ids.next(now));
                let depth = i64::from(fact.depth) + 1;
                let payload = Value::json(&job.payload)?;
                if let Some(key) = job.key {
                    let args = args![
                        id,
                        workspace,
                        job.kind,
                        job.lane.as_str(),
                        key,
                        job.order_key,
                        run_at,
                        waits_since,
                        payload,
                        job.subject,
                        fact.id,
                        depth,
                        fact.trace,
                        now
                    ];
                    tx.run(UPSERT, args).await?;
                } else {
                    plain.push(args![
                        id,
                        workspace,
                        job.kind,
                        job.lane.as_str(),
                        None::<String>,
                        job.order_key,
                        run_at,
                        waits_since,
                        0i64,
                        "ready",
                        payload,
                        job.subject,
                        fact.id,
                        depth,
                        fact.trace,
                        now
                    ]);
                }
            }
        }
    }
    filter::insert_many(tx, INSERT, plain).await?;
    Ok(has_due)
}

/// Ends (or keeps) a job with the command that it executed.
///
/// # Errors
/// [`Error::Conflict`] on `lease` when another worker holds the job by now: the command is rolled back.
pub(crate) async fn end(tx: &mut Tx, claim: JobClaim, end: &JobEnd, now: Timestamp) -> Result<()> {
    let touched = match end {
        JobEnd::Finish => tx.run(FINISH, args![claim.job, claim.token, now]).await?,
        JobEnd::Continue => u64::from(tx.opt(HOLDS, args![claim.job, claim.token]).await?.is_some()),
        JobEnd::Again { at, note } => {
            tx.run(AGAIN, args![claim.job, claim.token, *at, note.as_str(), now]).await?
        }
    };
    if touched == 1 { Ok(()) } else { Err(Error::Conflict("lease: the job is not held any more".into())) }
}

impl Store {
    /// Claims jobs that are due in a lane, for as long as `lease`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn claim_jobs(&self, lane: Lane, limit: i64, lease: Duration) -> Result<Vec<ClaimedJob>> {
        let now = self.inner.clock.now();
        let token: Uuid = self.new_id();
        let mut tx = Tx::new(self.inner.pool.write().await?);
        let rows = tx.all(CLAIM_JOBS, args![lane.as_str(), now, limit, now.plus(lease), token]).await?;
        let jobs = rows.iter().map(read_claimed).collect::<Result<Vec<_>>>()?;
        tx.commit().await?;
        Ok(jobs)
    }

    /// Gives a job back for a try after a wait.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn postpone_job(&self, claim: JobClaim, wait: Duration, why: &str) -> Result<()> {
        let now = self.inner.clock.now();
        self.touch_job(AGAIN, args![claim.job, claim.token, now.plus(wait), why, now]).await
    }

    /// Gives a job up: it stays as a dead letter, visible to the doctor.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn bury_job(&self, claim: JobClaim, why: &str) -> Result<()> {
        self.touch_job(BURY, args![claim.job, claim.token, self.inner.clock.now(), why]).await
    }

    /// Finishes a job that had nothing to do.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn finish_job(&self, claim: JobClaim) -> Result<()> {
        self.touch_job(FINISH, args![claim.job, claim.token, self.inner.clock.now()]).await
    }

    /// Keeps a lease for longer.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn extend_lease(&self, claim: JobClaim, until: Timestamp) -> Result<()> {
        self.touch_job(EXTEND, args![claim.job, claim.token, until]).await
    }

    /// Frees the jobs whose worker died. With `all_of_them`, every lease: right after the start of the only
    /// process, nobody else can hold one.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn release_expired_jobs(&self, all_of_them: bool) -> Result<()> {
        let until = if all_of_them { Timestamp(i64::MAX) } else { self.inner.clock.now() };
        self.touch_job(RELEASE_EXPIRED, args![until]).await
    }

    async fn touch_job(&self, sql: crate::Sql, args: Vec<Value>) -> Result<()> {
        let mut tx = Tx::new(self.inner.pool.write().await?);
        tx.run(sql, args).await?;
        tx.commit().await
    }
}

/// Forgets finished jobs of before an instant, so many at most, and says how many that were.
///
/// # Errors
/// See [`Error`].
pub async fn forget_before(scope: &Scope, tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    tx.run(FORGET, args![scope.workspace, before, limit]).await
}

/// When the next job of a lane is due.
///
/// # Errors
/// See [`Error`].
pub async fn next_due(reader: &mut Reader, lane: Lane) -> Result<Option<Timestamp>> {
    reader.opt(NEXT_DUE, args![lane.as_str()]).await?.map_or(Ok(None), |row| row.get("run_at"))
}

/// A job as the trace shows it.
#[derive(Debug, Clone)]
pub struct JobRecord {
    /// Id.
    pub id: JobId,
    /// Name of the kind.
    pub kind: String,
    /// `ready`, `claimed`, `done`, `dead`.
    pub state: String,
    /// When it is or was due.
    pub run_at: Timestamp,
    /// How many times it was claimed.
    pub attempt: i64,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// The fact that it follows from.
    pub cause: Option<EventId>,
    /// What set it in motion.
    pub trace: TraceId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// The jobs about a message, oldest first.
///
/// # Errors
/// See [`Error`].
pub async fn of_message(scope: &Scope, reader: &mut Reader, message: MessageId) -> Result<Vec<JobRecord>> {
    reader.all(OF_SUBJECT, args![scope.workspace, message]).await?.iter().map(read_record).collect()
}

/// Dead letters of a workspace, newest first.
///
/// # Errors
/// See [`Error`].
pub async fn dead(scope: &Scope, reader: &mut Reader, limit: i64) -> Result<Vec<JobRecord>> {
    reader.all(DEAD, args![scope.workspace, limit]).await?.iter().map(read_record).collect()
}

/// How much waits, over all workspaces: kind, state, count, and when the oldest was due.
#[derive(Debug, Clone)]
pub struct Backlog {
    /// Name of the kind.
    pub kind: String,
    /// `ready` or `claimed`.
    pub state: String,
    /// How many.
    pub count: i64,
    /// When the oldest was due.
    pub oldest: Timestamp,
}

/// What has not ended, for the doctor and for tests that must leave nothing behind.
///
/// # Errors
/// See [`Error`].
pub async fn backlog(reader: &mut Reader) -> Result<Vec<Backlog>> {
    reader
        .all(UNFINISHED, args![])
        .await?
        .iter()
        .map(|row| {
            Ok(Backlog {
                kind: row.get("kind")?,
                state: row.get("state")?,
                count: row.get("n")?,
                oldest: row.get("oldest")?,
            })
        })
        .collect()
}

fn read_claimed(row: &Row) -> Result<ClaimedJob> {
    Ok(ClaimedJob {
        claim: JobClaim { job: row.get("id")?, token: row.get("lease_token")? },
        workspace: row.get("workspace")?,
        kind: row.get("kind")?,
        attempt: u32::try_from(row.get::<i64>("attempt")?).map_err(Error::corrupt)?,
        payload: row.json("payload")?,
        cause: row.get("cause")?,
        depth: u8::try_from(row.get::<i64>("depth")?).map_err(Error::corrupt)?,
        trace: row.get("trace")?,
    })
}

fn read_record(row: &Row) -> Result<JobRecord> {
    Ok(JobRecord {
        id: row.get("id")?,
        kind: row.get("kind")?,
        state: row.get("state")?,
        run_at: row.get("run_at")?,
        attempt: row.get("attempt")?,
        last_error: row.get("last_error")?,
        cause: row.get("cause")?,
        trace: row.get("trace")?,
        created_at: row.get("created_at")?,
        finished_at: row.get("finished_at")?,
    })
}
