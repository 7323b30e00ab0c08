//! The sandbox's own clock: the real one plus an offset that a test can move.
//!
//! Windows, expiries and timestamps read this clock. Delays that only make the simulation feel alive (a tick, a retry
//! pause) are real time and live where they are used.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::Notify;

/// A clock that runs at real speed from wherever it was put.
pub(crate) struct Clock {
    started: Instant,
    base_ms: i64,
    offset_ms: AtomicI64,
    /// Wakes whoever waits for a moment that a jump may already have passed.
    pub(crate) moved: Notify,
}

impl Clock {
    /// Starts at the real time.
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            base_ms: real_ms(),
            offset_ms: AtomicI64::new(0),
            moved: Notify::new(),
        }
    }

    /// Milliseconds since the epoch.
    pub(crate) fn now_ms(&self) -> i64 {
        let elapsed = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.base_ms.saturating_add(elapsed).saturating_add(self.offset_ms.load(Ordering::Relaxed))
    }

    /// Whole seconds since the epoch, as webhooks carry them.
    pub(crate) fn now_seconds(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// Moves by some seconds, in either direction.
    pub(crate) fn advance_seconds(&self, seconds: i64) {
        self.offset_ms.fetch_add(seconds.saturating_mul(1000), Ordering::Relaxed);
        self.moved.notify_waiters();
    }

    /// Jumps to an instant.
    pub(crate) fn set_ms(&self, instant_ms: i64) {
        let difference = instant_ms.saturating_sub(self.now_ms());
        self.offset_ms.fetch_add(difference, Ordering::Relaxed);
        self.moved.notify_waiters();
    }
}

/// An instant as RFC 3339 text.
pub(crate) fn rfc3339(instant_ms: i64) -> String {
    Timestamp::from_millisecond(instant_ms).map_or_else(|_| instant_ms.to_string(), |t| t.to_string())
}

/// Reads RFC 3339 text.
pub(crate) fn parse_rfc3339(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// The calendar month of an instant in UTC, for counters that start again on the first.
pub(crate) fn month_of(instant_ms: i64) -> (i16, i8) {
    Timestamp::from_millisecond(instant_ms).map_or((0, 0), |t| {
        let date = t.to_zoned(jiff::tz::TimeZone::UTC).date();
        (date.year(), date.month())
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one reading of real time; everything else asks this clock"
)]
fn real_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_clock_runs_on_from_there() {
        let clock = Clock::new();
        let target = parse_rfc3339("2026-10-01T00:00:00Z").unwrap();
        clock.set_ms(target);
        let difference = clock.now_ms() - target;
        assert!((0..1000).contains(&difference));
        clock.advance_seconds(3600);
        assert!(clock.now_ms() >= target + 3_600_000);
        assert_eq!(month_of(clock.now_ms()), (2026, 10));
    }
}
