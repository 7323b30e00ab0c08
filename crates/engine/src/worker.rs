//! The worker: claims jobs that are due, lane by lane, and runs them. A job whose worker died is claimed again
//! when its lease is over.

use std::sync::Arc;
use std::time::Duration;

use centrala_domain::event::MAX_DEPTH;
use centrala_store::jobs::{self, ClaimedJob, Lane};
use fail::fail_point;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock_look::ClockLook;
use crate::jobs::JobError;
use crate::{Engine, live, projector};

/// How many jobs run at once, per lane.
#[derive(Debug, Clone, Copy)]
pub struct Concurrency {
    /// Messages on their way out.
    pub outbound: usize,
    /// Files.
    pub media: usize,
    /// Timers and everything else.
    pub other: usize,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self { outbound: 32, media: 4, other: 8 }
    }
}

impl Concurrency {
    const fn of(self, lane: Lane) -> usize {
        match lane {
            Lane::Outbound => self.outbound,
            Lane::Media => self.media,
            Lane::Other => self.other,
        }
    }
}

/// How long a job stays claimed when its worker dies. A living worker renews it.
const LEASE: Duration = Duration::from_secs(60);
/// How often jobs of dead workers are looked for. Leases have more than this left at any time.
const TIDY_EVERY: Duration = Duration::from_secs(10);
/// In so many rounds of that every living worker has renewed its leases (each third of [`LEASE`]).
const ROUNDS_TO_RENEW: u32 = 3;
/// What was under way when the clock was set back may still be written with a time of before.
const ROUNDS_AFTER_STEP: u32 = 10;
/// How long to wait without a hint.
const IDLE: Duration = Duration::from_millis(1000);
/// Failures after which a job becomes a dead letter, whatever it says itself.
const TRIES: u32 = 500;

/// Runs projector and worker until told to stop, and waits for what is under way.
pub async fn run(engine: Engine, concurrency: Concurrency, stop: CancellationToken) {
    while let Err(error) = recover(&engine).await {
        tracing::error!(error = %error, "what an earlier process left behind could not be taken up");
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = stop.cancelled() => return,
        }
    }
    let tasks = TaskTracker::new();
    tasks.spawn(projector::run(engine.clone(), stop.clone()));
    for lane in Lane::ALL {
        tasks.spawn(work(engine.clone(), lane, concurrency.of(lane), stop.clone()));
    }
    if matches!(engine.store.engine(), centrala_store::Engine::Postgres { .. }) {
        tasks.spawn(live::follow_log(engine.clone(), stop.clone()));
    }
    tasks.spawn(follow_clock(engine.clone(), stop.clone()));
    tasks.spawn(tidy(engine, stop));
    tasks.close();
    tasks.wait().await;
}

/// Takes up what an earlier process left behind. A SQLite file has one process at a time, so every lease in it
/// is a dead one; on PostgreSQL leases run out by themselves.
async fn recover(engine: &Engine) -> centrala_store::Result<()> {
    if matches!(engine.store.engine(), centrala_store::Engine::Sqlite { .. }) {
        engine.store.release_expired_jobs(true).await?;
        engine.store.clear_leases().await?;
        engine.blobs.clear_incoming()?;
    }
    // The clock may have been set back while nobody worked.
    engine.store.follow_clock_back(LEASE, projector::LEASE).await?;
    Ok(())
}

async fn work(engine: Engine, lane: Lane, at_once: usize, stop: CancellationToken) {
    let permits = Arc::new(Semaphore::new(at_once.max(1)));
    let running = TaskTracker::new();
    while !stop.is_cancelled() {
        let Ok(permit) = permits.clone().acquire_owned().await else { break };
        let hint = engine.wake.jobs.clone();
        let hinted = hint.notified();
        let free = permits.available_permits() + 1;
        match engine.store.claim_jobs(lane, i64::try_from(free).unwrap_or(1), LEASE).await {
            Ok(claimed) if claimed.is_empty() => {
                drop(permit);
                let wait = wait_for(&engine, lane).await;
                tokio::select! {
                    () = hinted => {}
                    () = tokio::time::sleep(wait) => {}
                    () = stop.cancelled() => {}
                }
            }
            Ok(claimed) => {
                fail_point!("worker_jobs_claimed");
                drop(permit);
                for job in claimed {
                    let Ok(permit) = permits.clone().acquire_owned().await else { break };
                    let engine = engine.clone();
                    running.spawn(async move {
                        run_and_renew(&engine, &job).await;
                        // Whatever waited behind this job may go now.
                        engine.wake.jobs.notify_waiters();
                        drop(permit);
                    });
                }
            }
            Err(error) => {
                drop(permit);
                tracing::error!(error = %error, lane = lane.as_str(), "jobs could not be claimed");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
    running.close();
    running.wait().await;
}

/// Until the next job is due, but not longer than [`IDLE`]: hints may be lost, and clocks may jump.
async fn wait_for(engine: &Engine, lane: Lane) -> Duration {
    let due = match engine.store.read().await {
        Ok(mut reader) => jobs::next_due(&mut reader, lane).await.unwrap_or_default(),
        Err(_) => None,
    };
    let now = engine.store.clock().now();
    due.map_or(IDLE, |due| due.since(now)).clamp(Duration::from_millis(5), IDLE)
}

/// Runs a job and keeps its lease for as long as it takes.
async fn run_and_renew(engine: &Engine, job: &ClaimedJob) {
    let running = run_job(engine, job);
    tokio::pin!(running);
    loop {
        tokio::select! {
            () = &mut running => return,
            () = tokio::time::sleep(LEASE / 3) => {
                let until = engine.store.clock().now().plus(LEASE);
                if let Err(error) = engine.store.extend_lease(job.claim, until).await {
                    tracing::warn!(job.kind, job.id = %job.claim.job, error = %error, "a lease could not be renewed");
                }
            }
        }
    }
}

/// Runs one claimed job to its end.
pub async fn run_job(engine: &Engine, job: &ClaimedJob) {
    let outcome = if job.depth > MAX_DEPTH + 1 {
        Err(JobError::GiveUp("reactions are too deep: something answers itself".into()))
    } else {
        crate::jobs::run(engine, job).await
    };
    let ended = match outcome {
        Ok(()) => Ok(()),
        Err(JobError::Retry { after, why }) if job.attempt < TRIES => {
            fail_point!("job_before_postpone");
            tracing::info!(job.kind, job.id = %job.claim.job, job.attempt, why, "a job is postponed");
            engine.store.postpone_job(job.claim, after, &why).await
        }
        Err(error @ (JobError::Retry { .. } | JobError::GiveUp(_))) => {
            tracing::error!(job.kind, job.id = %job.claim.job, job.attempt, error = %error, "a job is given up");
            if let Err(error) = crate::jobs::given_up(engine, job, &error.to_string()).await {
                tracing::error!(job.kind, job.id = %job.claim.job, error = %error, "nobody was told");
            }
            engine.store.bury_job(job.claim, &error.to_string()).await
        }
    };
    if let Err(error) = ended {
        // Nothing is lost: the lease runs out, and the job is claimed again.
        tracing::error!(job.kind, job.id = %job.claim.job, error = %error, "the end of a job could not be written");
    }
}

/// Frees jobs whose worker died. Not right after the clock was set forward: every lease is over then, and a job that
/// is under way would be claimed a second time. This waits until its worker, if he lives, has renewed it.
async fn tidy(engine: Engine, stop: CancellationToken) {
    let mut look = ClockLook::new(engine.store.clock().now(), Instant::now());
    let mut rounds_to_wait = 0;
    while !stop.is_cancelled() {
        if look.set_forward_by(engine.store.clock().now(), Instant::now()) > TIDY_EVERY {
            tracing::warn!("the clock was set forward, or the machine slept");
            rounds_to_wait = ROUNDS_TO_RENEW;
        }
        if rounds_to_wait > 0 {
            rounds_to_wait -= 1;
        } else if let Err(error) = engine.store.release_expired_jobs(false).await {
            tracing::error!(error = %error, "expired leases could not be freed");
        }
        tokio::select! {
            () = tokio::time::sleep(TIDY_EVERY) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Keeps waits and leases as long as they were meant to be when the clock is set back. Looks more often than
/// [`tidy`], because customers wait; it asks the database only after a step.
async fn follow_clock(engine: Engine, stop: CancellationToken) {
    let mut rounds = 0;
    while !stop.is_cancelled() {
        if engine.store.was_clock_set_back() {
            tracing::warn!("the clock was set back");
            rounds = ROUNDS_AFTER_STEP;
        }
        if rounds > 0 {
            match engine.store.follow_clock_back(LEASE, projector::LEASE).await {
                Ok(moved) => {
                    rounds -= 1;
                    if moved > 0 {
                        engine.wake.jobs.notify_waiters();
                    }
                }
                Err(error) => tracing::error!(error = %error, "waits could not follow the clock"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(IDLE) => {}
            () = stop.cancelled() => {}
        }
    }
}
