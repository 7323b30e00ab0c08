//! The only way to write: executing a command value.
//!
//! A command runs inside a transaction it cannot begin or end; what it returns are the result *and* the facts,
//! so that forgetting the facts does not compile. Commands that wait are run one after another under
//! savepoints and committed together (one fsync for all of them). Facts get their numbers last, and the jobs
//! that follow from them stand in the same commit.

use std::any::Any;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use centrala_domain::agent::Actor;
use centrala_domain::event::{Event, Recorded};
use centrala_domain::permission::Scope;
use centrala_domain::ports::BoxFuture;
use centrala_domain::{EventId, JobId, Timestamp, TraceId, WorkspaceId};
use fail::fail_point;
use futures_util::FutureExt as _;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::dialect::LOCK_LANE;
use crate::error::{Error, Result};
use crate::events;
use crate::jobs::{self, JobChange};
use crate::open::{Inner, Store};
use crate::receipts::{self, KeepReceipt};
use crate::waist::{Conn, Reader, Sql, Value};

/// Something that changes state. One command is one transaction.
///
/// `run` may be called more than once for one execution (serialization failures, tests): it does no I/O other
/// than `tx` and takes clock, ids and actor from `ctx`.
pub trait Command: Send + Sync + 'static {
    /// What the caller gets.
    type Out: Send + 'static;
    /// What the person met.
    type Error: From<Error> + Send + 'static;

    /// Load, ask the domain what changes, write, return the facts.
    fn run(
        &self,
        ctx: &Ctx,
        tx: &mut Tx,
    ) -> impl Future<Output = Result<Done<Self::Out>, Self::Error>> + Send;
}

/// The outcome of a command: the result, the facts, and what becomes of the job it ran for.
#[must_use]
#[derive(Debug)]
pub struct Done<T> {
    out: T,
    events: Vec<(Option<TraceId>, Event)>,
    job: JobEnd,
}

/// What becomes of the job that executed the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobEnd {
    /// It is finished.
    Finish,
    /// It keeps its lease and goes on: another command of the same job follows.
    Continue,
    /// It runs again later.
    Again {
        /// When.
        at: Timestamp,
        /// Why, for the trace.
        note: String,
    },
}

impl<T> Done<T> {
    /// A result with its facts.
    pub fn new(out: T, events: impl IntoIterator<Item = Event>) -> Self {
        let events = events.into_iter().map(|event| (None, event)).collect();
        Self { out, events, job: JobEnd::Finish }
    }

    /// A result with facts that belong to different traces: one command for several deliveries.
    pub fn traced(out: T, events: impl IntoIterator<Item = (TraceId, Event)>) -> Self {
        let events = events.into_iter().map(|(trace, event)| (Some(trace), event)).collect();
        Self { out, events, job: JobEnd::Finish }
    }

    /// A result without a fact: nothing changed that anybody reacts to.
    pub fn unchanged(out: T) -> Self {
        Self::new(out, [])
    }

    /// Says what becomes of the job.
    pub fn with_job(mut self, job: JobEnd) -> Self {
        self.job = job;
        self
    }
}

/// On whose behalf a command runs.
#[derive(Debug, Clone)]
pub struct Origin {
    /// What the actor may see; names the workspace.
    pub scope: Scope,
    /// Who.
    pub actor: Actor,
    /// What set it in motion.
    pub trace: TraceId,
    /// The fact it reacts to.
    pub cause: Option<EventId>,
    /// How many reactions deep it is.
    pub depth: u8,
    /// The job it ends.
    pub job: Option<JobClaim>,
}

impl Origin {
    /// The product itself, outside of any job.
    #[must_use]
    pub const fn system(workspace: WorkspaceId, trace: TraceId) -> Self {
        Self {
            scope: Scope::system(workspace),
            actor: Actor::System,
            trace,
            cause: None,
            depth: 0,
            job: None,
        }
    }
}

/// A leased job: only the holder of the token may end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobClaim {
    /// Which job.
    pub job: JobId,
    /// Proof of the lease.
    pub token: Uuid,
}

/// What a command may know of the world.
pub struct Ctx {
    /// Now; the same for the whole command.
    pub now: Timestamp,
    /// What the actor may see.
    pub scope: Scope,
    /// Who.
    pub actor: Actor,
    /// What set it in motion.
    pub trace: TraceId,
    ids: Arc<crate::ids::IdSource>,
}

impl Ctx {
    /// A new id. Ids rise in the order they are made.
    #[must_use]
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        T::from(self.ids.next(self.now))
    }
}

/// An open transaction that can write. Exists only inside [`Command::run`].
pub struct Tx {
    reader: Reader,
}

impl Tx {
    pub(crate) const fn new(reader: Reader) -> Self {
        Self { reader }
    }

    /// Runs a statement and says how many rows it touched.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn run(&mut self, sql: Sql, args: Vec<Value>) -> Result<u64> {
        self.reader.run(sql, args).await
    }
}

impl Deref for Tx {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}

/// What the store tells the rest of the program.
#[derive(Clone)]
pub struct Hooks {
    /// The jobs that follow from a fact. Pure.
    pub route: fn(&Recorded) -> Vec<JobChange>,
    /// Called after each commit: a hint that may be lost without harm.
    pub committed: Arc<dyn Fn(&Committed) + Send + Sync>,
}

impl Hooks {
    /// Nobody listens and nothing follows.
    #[must_use]
    pub fn none() -> Self {
        Self { route: |_| Vec::new(), committed: Arc::new(|_| {}) }
    }
}

/// What one commit brought.
#[derive(Debug, Default)]
pub struct Committed {
    /// Facts, by workspace, in order of their numbers.
    pub events: Vec<(WorkspaceId, Vec<Recorded>)>,
    /// Whether there is work that is due now.
    pub has_due_jobs: bool,
    /// Whether raw deliveries wait to be applied.
    pub has_receipts: bool,
}

/// Commands committed together at most. More would make the first of them wait for the last.
const BATCH: usize = 256;
/// In a flood, the writer waits this long for more to commit together: a transaction costs as much as ten commands.
const GATHER: Duration = Duration::from_millis(10);
/// So many waiting commands are a flood.
const FLOOD: usize = 8;
/// Commands that may wait for a writer; beyond that callers wait, and webhooks are refused.
const QUEUE: usize = 4096;
/// How often a batch is run again after a serialization failure.
const TRIES: u32 = 6;

impl Store {
    /// Executes a command in a transaction and waits until it is durable.
    ///
    /// # Errors
    /// The command's own, or the database's through it.
    pub async fn execute<C: Command>(&self, origin: Origin, command: C) -> Result<C::Out, C::Error> {
        let (reply, answer) = oneshot::channel();
        let pending = Pending { command, origin, reply, result: None };
        if self.inner.lanes.send(Box::new(pending)).await.is_err() {
            return Err(C::Error::from(Error::Unavailable("the writer has stopped".into())));
        }
        answer
            .await
            .unwrap_or_else(|_| Err(C::Error::from(Error::Unavailable("the writer has stopped".into()))))
    }

    /// A new id outside of a command: for traces and names of things to come.
    #[must_use]
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        T::from(self.inner.ids.next(self.inner.clock.now()))
    }

    /// How many commands wait for a writer now.
    #[must_use]
    pub fn waiting_commands(&self) -> usize {
        self.inner.lanes.waiting()
    }
}

/// The queues of the writers: one for SQLite; several for PostgreSQL, each workspace always in the same one, and the
/// last one for raw deliveries alone, whose senders need not wait for what is being applied.
pub(crate) struct Lanes {
    queues: Mutex<Vec<mpsc::Sender<Box<dyn Run>>>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Lanes {
    pub(crate) fn new(count: usize) -> (Self, Vec<mpsc::Receiver<Box<dyn Run>>>) {
        let (queues, receivers) = (0..count).map(|_| mpsc::channel(QUEUE)).unzip();
        (Self { queues: Mutex::new(queues), tasks: Mutex::new(JoinSet::new()) }, receivers)
    }

    async fn send(&self, pending: Box<dyn Run>) -> Result<(), ()> {
        let queue = {
            let queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
            let last = queues.len().checked_sub(1).ok_or(())?;
            let spread = pending.workspace().0.as_u128() % last.max(1) as u128;
            let lane = if pending.brings_receipts() { last } else { usize::try_from(spread).unwrap_or(0) };
            queues.get(lane).cloned().ok_or(())?
        };
        queue.send(pending).await.map_err(|_| ())
    }

    fn waiting(&self) -> usize {
        let queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.iter().map(|queue| queue.max_capacity() - queue.capacity()).sum()
    }

    pub(crate) async fn close(&self) {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        while tasks.join_next().await.is_some() {}
    }
}

pub(crate) fn start(inner: &Arc<Inner>, receivers: Vec<mpsc::Receiver<Box<dyn Run>>>, hooks: &Hooks) {
    let mut tasks = inner.lanes.tasks.lock().unwrap_or_else(PoisonError::into_inner);
    let last = receivers.len().saturating_sub(1);
    for (number, queue) in receivers.into_iter().enumerate() {
        let writer = Writer {
            lock: (number < last).then(|| i64::try_from(number).unwrap_or(0)),
            pool: inner.pool.clone(),
            inner: Arc::downgrade(inner),
            hooks: hooks.clone(),
        };
        tasks.spawn(writer.work(queue));
    }
}

struct Writer {
    /// The number of a lane in which the writers of all processes take turns.
    lock: Option<i64>,
    pool: crate::open::Pool,
    inner: Weak<Inner>,
    hooks: Hooks,
}

impl Writer {
    async fn work(self, mut queue: mpsc::Receiver<Box<dyn Run>>) {
        let mut batch = Vec::with_capacity(BATCH);
        while queue.recv_many(&mut batch, BATCH).await > 0 {
            if batch.len() >= FLOOD {
                tokio::time::sleep(GATHER).await;
                while batch.len() < BATCH
                    && let Ok(pending) = queue.try_recv()
                {
                    batch.push(pending);
                }
            }
            let Some(inner) = self.inner.upgrade() else { return };
            let outcome = self.commit(&inner, &mut batch).await;
            if let Err(error) = &outcome {
                tracing::error!(error = %error, commands = batch.len(), "a batch of commands could not be committed");
            }
            let failure = outcome.as_ref().err().cloned();
            for pending in batch.drain(..) {
                pending.reply(failure.as_ref());
            }
            if let Ok(committed) = outcome {
                (self.hooks.committed)(&committed);
            }
        }
    }

    async fn commit(&self, inner: &Inner, batch: &mut [Box<dyn Run>]) -> Result<Committed> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.try_commit(inner, batch).await {
                Err(Error::Retry(why)) if tries < TRIES => {
                    tracing::debug!(why, tries, "a batch of commands is run again");
                    tokio::time::sleep(Duration::from_millis(2 << tries)).await;
                }
                Err(Error::Retry(why)) => return Err(Error::Unavailable(why)),
                other => return other,
            }
        }
    }

    async fn try_commit(&self, inner: &Inner, batch: &mut [Box<dyn Run>]) -> Result<Committed> {
        let mut tx = Tx::new(self.pool.write().await?);
        if let Some(lock) = self.lock {
            tx.opt(LOCK_LANE, crate::args![lock]).await?;
        }
        let is_alone = batch.len() == 1 && !inner.run_commands_twice;
        let is_kept = !inner.run_commands_twice && keep_together(inner, &mut tx, batch).await?;
        let mut facts: Vec<(WorkspaceId, Vec<Recorded>)> = Vec::new();
        let mut has_receipts = false;
        for pending in batch.iter_mut() {
            has_receipts |= pending.brings_receipts();
            if is_kept && pending.brings_receipts() {
                continue;
            }
            let recorded = if is_alone {
                match pending.run(inner, &mut tx).await {
                    Ok(recorded) => recorded,
                    // Alone in its transaction: dropping it is the rollback.
                    Err(Refused) => return tx.reader.broken.map_or_else(|| Ok(Committed::default()), Err),
                }
            } else {
                run_under_savepoint(inner, &mut tx, pending.as_mut()).await?
            };
            if !recorded.is_empty() {
                let workspace = pending.workspace();
                match facts.iter_mut().find(|(of, _)| *of == workspace) {
                    Some((_, facts)) => facts.extend(recorded),
                    None => facts.push((workspace, recorded)),
                }
            }
        }
        let now = inner.clock.now();
        let mut changes = Vec::new();
        for (workspace, facts) in &mut facts {
            events::append(&mut tx, *workspace, facts).await?;
            for fact in facts.iter() {
                let of_fact = (self.hooks.route)(fact);
                changes.extend(of_fact.into_iter().map(|change| (*workspace, fact.clone(), change)));
            }
        }
        let has_due_jobs = jobs::apply(&mut tx, &inner.ids, now, changes).await?;
        fail_point!("writer_before_commit");
        tx.commit().await?;
        fail_point!("writer_after_commit");
        Ok(Committed { events: facts, has_due_jobs, has_receipts })
    }
}

/// Keeps the raw deliveries of a batch with few statements. False when they are too few for that, or when one of
/// them is refused: then each is kept by itself.
async fn keep_together(inner: &Inner, tx: &mut Tx, batch: &mut [Box<dyn Run>]) -> Result<bool> {
    let rows: Vec<_> = batch.iter_mut().filter_map(|pending| pending.row(inner)).collect();
    if rows.len() < 2 {
        return Ok(false);
    }
    tx.script("SAVEPOINT receipts").await?;
    let kept = receipts::insert(tx, rows).await;
    if let Some(error) = tx.reader.broken.take() {
        return Err(error);
    }
    if kept.is_err() {
        tx.script("ROLLBACK TO SAVEPOINT receipts").await?;
    }
    tx.script("RELEASE SAVEPOINT receipts").await?;
    Ok(kept.is_ok())
}

async fn run_under_savepoint(inner: &Inner, tx: &mut Tx, pending: &mut dyn Run) -> Result<Vec<Recorded>> {
    tx.script("SAVEPOINT command").await?;
    let mut outcome = pending.run(inner, tx).await;
    if inner.run_commands_twice && outcome.is_ok() {
        tx.script("ROLLBACK TO SAVEPOINT command").await?;
        outcome = pending.run(inner, tx).await;
    }
    if let Some(error) = tx.reader.broken.take() {
        return Err(error);
    }
    match outcome {
        Ok(recorded) => {
            tx.script("RELEASE SAVEPOINT command").await?;
            Ok(recorded)
        }
        Err(Refused) => {
            tx.script("ROLLBACK TO SAVEPOINT command").await?;
            tx.script("RELEASE SAVEPOINT command").await?;
            Ok(Vec::new())
        }
    }
}

impl Tx {
    pub(crate) async fn commit(self) -> Result<()> {
        match self.reader.conn {
            Conn::Sqlite(tx) => tx.commit().await,
            Conn::Postgres(tx) => tx.commit().await,
        }
        .map_err(crate::waist::driver_error)
    }
}

/// The command said no; its caller gets the reason.
struct Refused;

/// A command that waits, without its types.
pub(crate) trait Run: Send {
    fn workspace(&self) -> WorkspaceId;
    fn brings_receipts(&self) -> bool;
    /// The row of a raw delivery, if that is all that the command keeps. Once the row is in, it has run.
    fn row(&mut self, inner: &Inner) -> Option<Vec<Value>>;
    #[expect(private_interfaces, reason = "the writer is the only caller")]
    fn run<'a>(
        &'a mut self,
        inner: &'a Inner,
        tx: &'a mut Tx,
    ) -> BoxFuture<'a, Result<Vec<Recorded>, Refused>>;
    fn reply(self: Box<Self>, failure: Option<&Error>);
}

struct Pending<C: Command> {
    command: C,
    origin: Origin,
    reply: oneshot::Sender<Result<C::Out, C::Error>>,
    result: Option<Result<C::Out, C::Error>>,
}

impl<C: Command> Run for Pending<C> {
    fn workspace(&self) -> WorkspaceId {
        self.origin.scope.workspace
    }

    fn brings_receipts(&self) -> bool {
        (&self.command as &dyn Any).is::<KeepReceipt>()
    }

    fn row(&mut self, inner: &Inner) -> Option<Vec<Value>> {
        let keep = (&self.command as &dyn Any).downcast_ref::<KeepReceipt>()?;
        let (id, row) = keep.row(&self.origin.ctx(inner));
        let out: Box<C::Out> = (Box::new(id) as Box<dyn Any>).downcast().ok()?;
        self.result = Some(Ok(*out));
        Some(row)
    }

    fn run<'a>(
        &'a mut self,
        inner: &'a Inner,
        tx: &'a mut Tx,
    ) -> BoxFuture<'a, Result<Vec<Recorded>, Refused>> {
        Box::pin(async move {
            let ctx = self.origin.ctx(inner);
            let outcome = std::panic::AssertUnwindSafe(self.command.run(&ctx, tx)).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|_| Err(Error::Corrupt("a command panicked".into()).into()));
            match outcome {
                Ok(done) => {
                    if let Some(claim) = self.origin.job
                        && let Err(error) = jobs::end(tx, claim, &done.job, ctx.now).await
                    {
                        self.result = Some(Err(error.into()));
                        return Err(Refused);
                    }
                    self.result = Some(Ok(done.out));
                    Ok(done
                        .events
                        .into_iter()
                        .map(|(trace, event)| self.origin.record(&ctx, trace, event))
                        .collect())
                }
                Err(error) => {
                    self.result = Some(Err(error));
                    Err(Refused)
                }
            }
        })
    }

    fn reply(self: Box<Self>, failure: Option<&Error>) {
        let result = match failure {
            Some(error) => Err(C::Error::from(error.clone())),
            None => self.result.unwrap_or_else(|| Err(C::Error::from(Error::Unavailable("not run".into())))),
        };
        // A caller that went away does not need the answer; what it asked for is done.
        drop(self.reply.send(result));
    }
}

impl Origin {
    fn ctx(&self, inner: &Inner) -> Ctx {
        Ctx {
            now: inner.clock.now(),
            scope: self.scope,
            actor: self.actor,
            trace: self.trace,
            ids: inner.ids.clone(),
        }
    }

    fn record(&self, ctx: &Ctx, trace: Option<TraceId>, event: Event) -> Recorded {
        Recorded {
            seq: 0,
            id: ctx.new_id(),
            at: ctx.now,
            actor: self.actor,
            cause: self.cause,
            depth: self.depth,
            trace: trace.unwrap_or(self.trace),
            event,
        }
    }
}
