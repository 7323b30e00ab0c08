//! Everything one sandbox holds, and the few ways to reach it.
//!
//! Locks: `accounts`, `phones`, `media` and `ledger` each guard one map. Take one at a time, for a moment, and never
//! across an await; then there is no order to get wrong.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accounts::Accounts;
use crate::clock::Clock;
use crate::faults::{FaultKind, Faults, Moment, Subject};
use crate::ledger::{Ledger, LedgerEntry};
use crate::media::Shelf;
use crate::phones::{Origin, Phones};
use crate::random::Stream;
use crate::settings::Settings;
use crate::webhooks::Sender;

/// One running simulation.
pub(crate) struct World {
    pub(crate) base_url: String,
    /// What media addresses start with.
    pub(crate) public_url: String,
    pub(crate) speed: f64,
    pub(crate) clock: Clock,
    pub(crate) ids: Stream,
    pub(crate) traces: Stream,
    pub(crate) faults: Faults,
    pub(crate) sender: Sender,
    /// Management calls, for the usage header.
    pub(crate) management_calls: AtomicU64,
    pub(crate) accounts: Mutex<Accounts>,
    pub(crate) phones: Mutex<Phones>,
    pub(crate) media: Mutex<Shelf>,
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) settings: RwLock<Arc<Settings>>,
    /// Tells the town's script which customer just got a message.
    pub(crate) arrivals: Option<mpsc::UnboundedSender<usize>>,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}

/// Takes a lock; a panic elsewhere does not make the data unusable.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    pub(crate) fn settings(&self) -> Arc<Settings> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn change_settings(&self, settings: Settings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// Runs something in the background until it ends or the sandbox stops.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            // Whether it ended or was stopped, nobody waits for the answer.
            let _ = stop.run_until_cancelled_owned(task).await;
        });
    }

    /// Waits for real milliseconds, divided by the sandbox's speed.
    pub(crate) async fn pause(&self, ms: u64) {
        if ms > 0 {
            tokio::time::sleep(Duration::from_millis(ms).div_f64(self.speed)).await;
        }
    }

    /// Adds a fact to the ledger and gives its number.
    pub(crate) fn record(&self, entry: LedgerEntry) -> u64 {
        let now_ms = self.clock.now_ms();
        lock(&self.ledger).add(entry, now_ms)
    }

    /// The names of a number in payloads.
    pub(crate) fn origin(&self, phone_number_id: &str) -> Option<Arc<Origin>> {
        lock(&self.accounts).lines.get(phone_number_id).map(|line| line.origin.clone())
    }

    /// The faults that act now.
    pub(crate) fn strike(&self, moment: Moment, subject: &Subject<'_>) -> Vec<FaultKind> {
        self.faults.strike(moment, subject)
    }
}
