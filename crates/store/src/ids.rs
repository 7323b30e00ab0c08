//! Where ids come from: UUIDv7 (RFC 9562 section 5.7), strictly rising within the process.

use std::sync::Mutex;

use centrala_domain::Timestamp;
use uuid::Uuid;

/// Makes ids that sort in the order they were made, also when the clock stands still or steps back.
#[derive(Default)]
pub(crate) struct IdSource {
    last: Mutex<u128>,
}

impl IdSource {
    /// A new id that is greater than every one before it.
    pub(crate) fn next(&self, now: Timestamp) -> Uuid {
        let micros = u128::try_from(now.0).unwrap_or(0);
        let (millis, rest) = (micros / 1000, micros % 1000);
        // 48 bits of milliseconds, version 7, 12 bits of the millisecond's fraction, variant, 62 random bits.
        let fraction = rest * 4096 / 1000;
        let fresh = ((millis & 0xffff_ffff_ffff) << 80)
            | (0x7 << 76)
            | (fraction << 64)
            | (0b10 << 62)
            | random_62_bits();
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *last = if fresh > *last { fresh } else { *last + 1 };
        Uuid::from_u128(*last)
    }
}

fn random_62_bits() -> u128 {
    let mut bytes = [0u8; 8];
    // Ids need not be secret, only distinct; the rising counter covers a failing source.
    if getrandom::fill(&mut bytes).is_err() {
        return 0;
    }
    u128::from(u64::from_be_bytes(bytes) >> 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_while_the_clock_stands_still_or_steps_back() {
        let source = IdSource::default();
        let ids: Vec<Uuid> =
            [5_000, 5_000, 4_000, 5_001].iter().map(|at| source.next(Timestamp(*at))).collect();
        assert!(ids.is_sorted());
        assert_eq!(ids[0].get_version_num(), 7);
    }
}
