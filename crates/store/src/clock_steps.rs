//! The clock is set back: waits begin anew where they stood, and leases end no later than they would have. What is
//! an appointment keeps its time of day. Whether ids still rise is the business of `ids`.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use centrala_domain::Timestamp;
use centrala_domain::ports::Clock;

use crate::error::Result;
use crate::jobs::Lane;
use crate::open::Store;
use crate::write::Tx;
use crate::{args, statements};

statements! {
    // A wait that began in the future ends in the future too: of the jobs that wait, only those are looked at.
    MOVE_WAITS = "UPDATE jobs SET run_at = run_at - (waits_since - $2), waits_since = $2
        WHERE lane = $1 AND state = 'ready' AND run_at > $2 AND waits_since > $2";
    // Should their worker die, they are ready again. Every lease ends after 1970: that names the index of the few.
    MOVE_WAITS_OF_CLAIMED = "UPDATE jobs SET run_at = run_at - (waits_since - $1), waits_since = $1
        WHERE state = 'claimed' AND lease_until > 0 AND waits_since > $1";
    SHORTEN_CLAIMS = "UPDATE jobs SET lease_until = $1 WHERE state = 'claimed' AND lease_until > $1";
    SHORTEN_LEASES = "UPDATE leases SET until = $1 WHERE until > $1";
}

/// Tells the time, and remembers the latest that it told.
pub(crate) struct RememberingClock {
    clock: Arc<dyn Clock>,
    latest: AtomicI64,
}

impl RememberingClock {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, latest: AtomicI64::new(i64::MIN) }
    }

    /// Whether it was set back since it was last asked this.
    fn was_set_back(&self) -> bool {
        // In this order: what others are told meanwhile is no step.
        let latest = self.latest.load(Ordering::SeqCst);
        let now = self.clock.now();
        let is_back = now.0 < latest;
        if is_back {
            self.latest.store(now.0, Ordering::SeqCst);
        }
        is_back
    }
}

impl Clock for RememberingClock {
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        self.latest.fetch_max(now.0, Ordering::SeqCst);
        now
    }

    fn is_steady(&self) -> bool {
        self.clock.is_steady()
    }
}

impl Store {
    /// Whether the clock was set back since this was last asked: whether anybody here was told a later time than it
    /// is now, and may have written it down.
    #[must_use]
    pub fn was_clock_set_back(&self) -> bool {
        self.inner.remembering.was_set_back()
    }

    /// Follows a clock that was set back, and says how many jobs wait less for that: a wait that began in the future
    /// begins now, with the same length. No job is claimed for longer than `claim` from now, and nobody holds
    /// anything for longer than `lease`.
    ///
    /// The lengths are those that a living holder asks for, who renews when a third or a half of it has passed. So he
    /// keeps what he holds, also when clocks of several processes on one PostgreSQL differ: one whose clock is ahead
    /// by less than what is left then (40 of 60 seconds, 10 of 20) finds it renewed. That is no less than without
    /// this, where each lease is as long by its holder's own clock.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn follow_clock_back(&self, claim: Duration, lease: Duration) -> Result<u64> {
        let now = self.inner.clock.now();
        let mut tx = Tx::new(self.inner.pool.write().await?);
        let mut moved = 0;
        for lane in Lane::ALL {
            moved += tx.run(MOVE_WAITS, args![lane.as_str(), now]).await?;
        }
        tx.run(MOVE_WAITS_OF_CLAIMED, args![now]).await?;
        tx.run(SHORTEN_CLAIMS, args![now.plus(claim)]).await?;
        tx.run(SHORTEN_LEASES, args![now.plus(lease)]).await?;
        tx.commit().await?;
        Ok(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Told(AtomicI64);

    impl Clock for Told {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::SeqCst))
        }
    }

    #[test]
    fn step_back_is_noticed_once_also_after_a_short_visit_to_the_future() {
        let told = Arc::new(Told(AtomicI64::new(100)));
        let clock = RememberingClock::new(told.clone());
        assert!(!clock.was_set_back(), "nobody was told anything");
        for (visited, then, is_back) in
            [(100, 100, false), (900, 101, true), (102, 103, false), (103, 50, true)]
        {
            told.0.store(visited, Ordering::SeqCst);
            clock.now();
            told.0.store(then, Ordering::SeqCst);
            assert_eq!(clock.was_set_back(), is_back, "{visited}, then {then}");
            assert!(!clock.was_set_back(), "it is asked again at {then}");
        }
    }
}
