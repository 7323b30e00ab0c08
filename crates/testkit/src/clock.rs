//! A clock that only tests move.
//!
//! Not here: timers of the runtime (`tokio::time`), and the sandbox, which keeps a clock of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use centrala_domain::Timestamp;
use centrala_domain::ports::Clock;

/// 2026-11-02T09:00:00Z: a Monday morning, in winter time in Romania, where the shop has just opened.
pub const START: Timestamp = Timestamp(1_793_610_000_000_000);

/// Stands still until it is told otherwise. Clones share one time, so a test keeps one and hands the others out.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// A clock at [`START`].
    #[must_use]
    pub fn new() -> Self {
        Self::at(START)
    }

    /// A clock at the given instant.
    #[must_use]
    pub fn at(instant: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(instant.micros())))
    }

    /// Jumps, forwards or backwards.
    pub fn set(&self, instant: Timestamp) {
        self.0.store(instant.micros(), Ordering::SeqCst);
    }

    /// Moves on and tells the new time.
    pub fn advance(&self, by: Duration) -> Timestamp {
        let step = i64::try_from(by.as_micros()).expect("a test moves the clock by less than 292,000 years");
        Timestamp(self.0.fetch_add(step, Ordering::SeqCst) + step)
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_on_a_monday_morning() {
        assert_eq!(TestClock::new().now().to_string(), "2026-11-02T09:00:00Z");
    }

    #[test]
    fn every_clone_sees_the_move() {
        let clock = TestClock::new();
        let handed_out: Arc<dyn Clock> = Arc::new(clock.clone());
        let told = clock.advance(Duration::from_secs(90));
        assert_eq!(told, handed_out.now());
        assert_eq!(told.since(START), Duration::from_secs(90));
        clock.set(START);
        assert_eq!(handed_out.now(), START);
    }
}
