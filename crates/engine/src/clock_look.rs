//! Whether somebody set the clock forward: what it says went by, against a clock that nobody sets.

use std::time::Duration;

use centrala_domain::Timestamp;
use tokio::time::Instant;

/// A look at both clocks, to compare the next one with.
pub(crate) struct ClockLook {
    wall: Timestamp,
    steady: Instant,
}

impl ClockLook {
    pub(crate) const fn new(wall: Timestamp, steady: Instant) -> Self {
        Self { wall, steady }
    }

    /// Looks again and says by how much the clock went further than time did. Where the machine slept, that is as
    /// long as it did: the clock that nobody sets sleeps too.
    pub(crate) fn set_forward_by(&mut self, wall: Timestamp, steady: Instant) -> Duration {
        let before = std::mem::replace(self, Self { wall, steady });
        wall.since(before.wall).saturating_sub(steady - before.steady)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_testkit::clock::START;

    #[test]
    fn only_what_no_time_accounts_for_is_a_step() {
        let (minute, began) = (Duration::from_secs(60), Instant::now());
        let mut look = ClockLook::new(START, began);
        let looks = [(1, 1, 0), (62, 2, 60), (63, 3, 0), (1, 4, 0), (2, 5, 0)];
        for (wall, steady, step) in looks {
            let by = look.set_forward_by(START.plus(minute * wall), began + minute * steady);
            assert_eq!(by, minute * step, "{wall}, {steady}");
        }
    }
}
