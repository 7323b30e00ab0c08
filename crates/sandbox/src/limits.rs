//! Token buckets on the sandbox's clock. Which bucket belongs to whom is decided where they are kept.

/// A bucket that refills with time.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    level: f64,
    updated_ms: i64,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn full(burst: f64, now_ms: i64) -> Self {
        Self { level: burst, updated_ms: now_ms }
    }

    /// Takes one token if there is one.
    pub(crate) fn take(&mut self, burst: f64, per_second: f64, now_ms: i64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "elapsed milliseconds fit a double exactly for ages")]
        let elapsed_ms = now_ms.saturating_sub(self.updated_ms).max(0) as f64;
        self.level = (self.level + elapsed_ms / 1000.0 * per_second).min(burst);
        self.updated_ms = now_ms;
        let allowed = self.level >= 1.0;
        if allowed {
            self.level -= 1.0;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_paid_back_at_the_rate() {
        let mut bucket = Bucket::full(45.0, 0);
        assert!((0..45).all(|_| bucket.take(45.0, 1.0 / 6.0, 0)));
        assert!(!bucket.take(45.0, 1.0 / 6.0, 5_000));
        assert!(bucket.take(45.0, 1.0 / 6.0, 6_001));
        assert!(!bucket.take(45.0, 1.0 / 6.0, 6_002));
    }
}
