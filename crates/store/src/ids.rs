//! Where ids come from: UUIDv7 (RFC 9562 section 5.7), strictly rising within the process.

use std::sync::{Mutex, MutexGuard, PoisonError};

use centrala_domain::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::open::Store;
use crate::{args, statements};

statements! {
    // The ids that say who came first. In this form both engines read one end of the primary key.
    GREATEST_JOB = "SELECT id FROM jobs ORDER BY id DESC LIMIT 1";
    GREATEST_RECEIPT = "SELECT id FROM receipts ORDER BY id DESC LIMIT 1";
}

/// Makes ids that sort in the order they were made, also when the clock stands still or steps back.
#[derive(Default)]
pub(crate) struct IdSource {
    last: Mutex<Place>,
}

impl IdSource {
    /// A new id that is greater than every one before it.
    pub(crate) fn next(&self, now: Timestamp) -> Uuid {
        let fresh = Place::at(now);
        let mut last = self.last();
        *last = if fresh > *last { fresh } else { last.a_step_on() };
        last.id()
    }

    /// Makes only ids that are greater than this one from now on.
    fn raise_above(&self, id: Uuid) {
        let mut last = self.last();
        *last = Place::of(id).max(*last);
    }

    fn last(&self) -> MutexGuard<'_, Place> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An id without its version and variant: 48 bits of milliseconds, 12 bits of the millisecond's fraction, 62 random
/// bits. It sorts as the id does, and can be counted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Place(u128);

const RANDOM_BITS: u32 = 62;
const FRACTION_BITS: u32 = 12;
/// How far one step leads at most. Four million steps fit into a quarter of a microsecond, and two processes that
/// go on from the same id do not meet: among a million ids of each, once in hundreds of millions of such starts.
const STEP_BITS: u32 = 48;

impl Place {
    fn at(now: Timestamp) -> Self {
        let micros = u128::try_from(now.0).unwrap_or(0);
        let (millis, rest) = (micros / 1000, micros % 1000);
        let fraction = rest * (1 << FRACTION_BITS) / 1000;
        let time = ((millis & 0xffff_ffff_ffff) << FRACTION_BITS) | fraction;
        Self((time << RANDOM_BITS) | u128::from(random_bits(RANDOM_BITS)))
    }

    const fn of(id: Uuid) -> Self {
        let bits = id.as_u128();
        let (millis, fraction, random) = (bits >> 80, (bits >> 64) & 0xfff, bits & ((1 << RANDOM_BITS) - 1));
        Self((((millis << FRACTION_BITS) | fraction) << RANDOM_BITS) | random)
    }

    const fn id(self) -> Uuid {
        let (time, random) = (self.0 >> RANDOM_BITS, self.0 & ((1 << RANDOM_BITS) - 1));
        let (millis, fraction) = (time >> FRACTION_BITS, time & ((1 << FRACTION_BITS) - 1));
        Uuid::from_u128((millis << 80) | (0x7 << 76) | (fraction << 64) | (0b10 << RANDOM_BITS) | random)
    }

    /// Never just the next one: another process that goes on from the same id would make the same ids.
    fn a_step_on(self) -> Self {
        Self(self.0 + 1 + u128::from(random_bits(STEP_BITS)))
    }
}

fn random_bits(count: u32) -> u64 {
    let mut bytes = [0u8; 8];
    // Ids need not be secret, only distinct; the rising steps cover a failing source.
    if getrandom::fill(&mut bytes).is_err() {
        return 0;
    }
    u64::from_be_bytes(bytes) >> (u64::BITS - count)
}

impl Store {
    /// Makes only ids that are greater than those of the jobs and deliveries that are there. To be called before
    /// work begins: the clock may have been set back while nobody worked, and what comes now must not go before
    /// what waits.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn continue_ids(&self) -> Result<()> {
        let mut reader = self.read().await?;
        for greatest in [GREATEST_JOB, GREATEST_RECEIPT] {
            if let Some(row) = reader.opt(greatest, args![]).await? {
                self.inner.ids.raise_above(row.get("id")?);
            }
        }
        Ok(())
    }
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

    #[test]
    fn ids_go_on_from_the_greatest_that_is_kept() {
        let kept = IdSource::default().next(Timestamp(7_200_000_000));
        let source = IdSource::default();
        source.raise_above(kept);
        assert!(source.next(Timestamp(5_000)) > kept);
        source.raise_above(IdSource::default().next(Timestamp(1_000)));
        assert!(source.next(Timestamp(5_000)) > kept, "it is never lowered");
        let fresh = source.next(Timestamp(7_300_000_000));
        assert_eq!(fresh.get_timestamp().unwrap().to_unix(), (7300, 0), "the clock has caught up");
    }

    #[test]
    fn two_sources_that_go_on_from_the_same_id_make_different_ones() {
        let kept = IdSource::default().next(Timestamp(7_200_000_000));
        let ids = || {
            let source = IdSource::default();
            source.raise_above(kept);
            (0..10_000).map(move |_| source.next(Timestamp(5_000)))
        };
        let all: std::collections::BTreeSet<Uuid> = ids().chain(ids()).collect();
        assert_eq!(all.len(), 20_000);
    }

    #[test]
    fn steps_past_the_random_bits_keep_the_version_and_the_order() {
        let brim = Uuid::from_u128((5 << 80) | (0x7 << 76) | (0xfff << 64) | ((0b11 << 62) - 1));
        assert_eq!(Place::of(brim).id(), brim);
        let source = IdSource::default();
        source.raise_above(brim);
        let id = source.next(Timestamp(0));
        assert!(id > brim);
        assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
        assert_eq!(id.get_timestamp().unwrap().to_unix(), (0, 6_000_000));
    }
}
