//! How long to wait before the next try: 1, 4, 16, 64 ... seconds with jitter (`cloud-api.md` section 14).

use std::time::Duration;

/// The longest wait.
const CEILING: Duration = Duration::from_secs(300);

/// The wait after the `tries`-th failure (from 1), a fifth of it random, so that many waiters do not come back
/// at once. `asked` is what the other side asked for.
pub(crate) fn after(tries: u32, asked: Option<Duration>) -> Duration {
    let ladder = Duration::from_secs(4u64.saturating_pow(tries.saturating_sub(1))).min(CEILING);
    let base = asked.map_or(ladder, |asked| asked.max(ladder));
    base + base.mul_f64(rand::random_range(0.0..0.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_ceiling_and_respect_what_was_asked() {
        let within = |got: Duration, seconds: u64| {
            let base = Duration::from_secs(seconds);
            assert!(got >= base && got <= base.mul_f64(1.2), "{got:?} for {seconds}");
        };
        for (tries, seconds) in [(1, 1), (2, 4), (3, 16), (4, 64), (5, 256), (6, 300), (60, 300)] {
            within(after(tries, None), seconds);
        }
        within(after(1, Some(Duration::from_secs(900))), 900);
    }
}
