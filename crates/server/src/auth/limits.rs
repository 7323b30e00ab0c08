//! How often somebody may try to sign in, without making the limit a weapon: whoever floods an account from
//! elsewhere cannot keep its owner out, because addresses that signed in before have a bucket of their own.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::problem::{Problem, Slug};

/// Known pairs of account and address that are remembered; beyond that all are forgotten.
const KNOWN_MAX: usize = 100_000;

/// The limits of signing in. In memory: a restart forgets them.
pub struct SignInLimits {
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    by_pair: DefaultKeyedRateLimiter<u64>,
    by_account: DefaultKeyedRateLimiter<u64>,
    known: Mutex<HashSet<u64>>,
    clock: DefaultClock,
}

fn quota(burst: u32, every: Duration) -> Quota {
    Quota::with_period(every)
        .unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN))
        .allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))
}

fn key(email: &str, address: Option<IpAddr>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (email, address).hash(&mut hasher);
    hasher.finish()
}

/// One customer of a network has a whole /64 of IPv6: it counts as one address.
fn widened(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::from((v6.to_bits() >> 64 << 64).to_be_bytes()),
    }
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            by_address: RateLimiter::dashmap(quota(30, Duration::from_secs(2))),
            by_pair: RateLimiter::dashmap(quota(6, Duration::from_secs(15))),
            by_account: RateLimiter::dashmap(quota(30, Duration::from_secs(5))),
            known: Mutex::default(),
            clock: DefaultClock::default(),
        }
    }
}

impl SignInLimits {
    /// Counts a try.
    ///
    /// # Errors
    /// [`Slug::TooManyRequests`] with the time to wait.
    pub fn check(&self, email: &str, address: IpAddr) -> Result<(), Problem> {
        let address = widened(address);
        let pair = key(email, Some(address));
        let is_known = self.known.lock().unwrap_or_else(PoisonError::into_inner).contains(&pair);
        self.by_address.check_key(&address).map_err(|until| self.refuse(&until))?;
        self.by_pair.check_key(&pair).map_err(|until| self.refuse(&until))?;
        if !is_known {
            self.by_account.check_key(&key(email, None)).map_err(|until| self.refuse(&until))?;
        }
        Ok(())
    }

    /// Remembers that this account signed in from there.
    pub fn remember(&self, email: &str, address: IpAddr) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(key(email, Some(widened(address))));
    }

    /// Forgets who has not tried for a while.
    pub fn tidy(&self) {
        self.by_address.retain_recent();
        self.by_pair.retain_recent();
        self.by_account.retain_recent();
    }

    fn refuse(&self, until: &governor::NotUntil<governor::clock::QuantaInstant>) -> Problem {
        Problem::new(Slug::TooManyRequests).retry_after(until.wait_time_from(self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, n])
    }

    #[test]
    fn guessing_at_one_account_from_one_address_is_slowed() {
        let limits = SignInLimits::default();
        let tries = (0..20).take_while(|_| limits.check("a@example.com", address(1)).is_ok()).count();
        assert_eq!(tries, 6);
        assert!(limits.check("b@example.com", address(1)).is_ok());
    }

    #[test]
    fn flood_from_elsewhere_does_not_keep_the_owner_out() {
        let limits = SignInLimits::default();
        limits.remember("a@example.com", address(200));
        for n in 0..100 {
            drop(limits.check("a@example.com", address(n)));
        }
        assert!(limits.check("a@example.com", address(150)).is_err());
        assert!(limits.check("a@example.com", address(200)).is_ok());
    }
}
