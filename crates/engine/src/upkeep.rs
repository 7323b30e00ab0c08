//! Housekeeping: by the hour, what has served its time is forgotten, workspace by workspace; and a fresh database
//! learns early how much its tables hold.

use std::time::Duration;

use centrala_domain::WorkspaceId;
use centrala_store::{Origin, Result, workspaces};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Engine;
use crate::clock_look::ClockLook;
use crate::commands::upkeep::forget_old::ForgetOld;

/// How often.
const EVERY: Duration = Duration::from_secs(3600);
/// How often a look is taken at whether a table has grown that the database knows nothing of.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A clock that is set forward by more than this between two rounds may be wrong.
const STEP_MAX: Duration = Duration::from_secs(300);
/// Between two steps, so that nobody waits for housekeeping.
const PAUSE: Duration = Duration::from_millis(200);

/// How long things are kept.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Raw deliveries after they were applied: they hold personal data.
    pub receipts: Duration,
    /// Finished jobs: the trace of a message shows them.
    pub jobs: Duration,
    /// Answers of requests with an `Idempotency-Key`.
    pub answers: Duration,
    /// Drafts after their last change: they hold private text.
    pub drafts: Duration,
}

/// Keeps house until told to stop.
pub async fn run(engine: Engine, retention: Retention, stop: CancellationToken) {
    tokio::join!(forget_by_the_hour(&engine, retention, &stop), count_tables(&engine, &stop));
}

async fn count_tables(engine: &Engine, stop: &CancellationToken) {
    if matches!(engine.store.engine(), centrala_store::Engine::Sqlite { .. }) {
        return;
    }
    while !stop.is_cancelled() {
        match engine.store.count_new_tables().await {
            Ok(is_counted) => tracing::debug!(is_counted, "looked for tables that were never counted"),
            Err(error) => tracing::warn!(error = %error, "the tables cannot be counted now"),
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// First after an hour, and never when the clock went further than time did since the last look: a clock that is a
/// year ahead for a minute must not take today's deliveries with it, also when the program starts in that minute.
async fn forget_by_the_hour(engine: &Engine, retention: Retention, stop: &CancellationToken) {
    let look = || (engine.store.clock().now(), Instant::now());
    let (wall, steady) = look();
    let mut last = ClockLook::new(wall, steady);
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
        let (wall, steady) = look();
        let step = last.set_forward_by(wall, steady);
        if step > STEP_MAX {
            tracing::warn!(
                step_s = step.as_secs(),
                "the clock was set forward, or the machine slept: housekeeping is put off"
            );
        } else if let Err(error) = forget_old(engine, retention, stop).await {
            tracing::warn!(error = %error, "housekeeping is put off");
        }
    }
}

async fn forget_old(engine: &Engine, retention: Retention, stop: &CancellationToken) -> Result<()> {
    let mut reader = engine.store.read().await?;
    let all: Vec<WorkspaceId> = workspaces::ids(&mut reader).await?;
    drop(reader);
    let now = engine.store.clock().now();
    let forget = ForgetOld {
        receipts_before: now.minus(retention.receipts),
        jobs_before: now.minus(retention.jobs),
        answers_before: now.minus(retention.answers),
        drafts_before: now.minus(retention.drafts),
    };
    for workspace in all {
        while !stop.is_cancelled() {
            let origin = Origin::system(workspace, engine.store.new_id());
            if !engine.store.execute(origin, forget).await? {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(())
}
