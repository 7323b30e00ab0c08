//! Seeded randomness: identifiers and tokens in Meta's formats, chances, pauses.
//!
//! Each purpose draws from its own stream, so that a fault's dice do not change the identifiers of a test.

use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// One stream of seeded randomness, shared by whoever needs it.
pub(crate) struct Stream(Mutex<ChaCha8Rng>);

impl Stream {
    /// The stream of one purpose under the sandbox's seed.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        let salt = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(Mutex::new(ChaCha8Rng::seed_from_u64(seed ^ salt)))
    }

    fn with<T>(&self, draw: impl FnOnce(&mut ChaCha8Rng) -> T) -> T {
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A number in `low..=high`.
    pub(crate) fn between(&self, low: u64, high: u64) -> u64 {
        self.with(|rng| rng.random_range(low..=high.max(low)))
    }

    /// True with the given chance.
    pub(crate) fn chance(&self, rate: f64) -> bool {
        rate >= 1.0 || self.with(|rng| rng.random::<f64>() < rate)
    }

    /// Characters drawn from an alphabet. Short alphabets make some characters a little likelier, which is fine here.
    pub(crate) fn text(&self, alphabet: &[u8], length: usize) -> String {
        let mut bytes = vec![0_u8; length];
        self.with(|rng| rng.fill_bytes(&mut bytes));
        bytes.into_iter().map(|byte| char::from(alphabet[usize::from(byte) % alphabet.len()])).collect()
    }

    /// A decimal identifier such as Meta gives to nodes.
    pub(crate) fn decimal_id(&self) -> String {
        format!("1{}", self.text(b"0123456789", 15))
    }

    /// A hexadecimal secret of 32 characters, like an app secret.
    pub(crate) fn hex_secret(&self) -> String {
        self.text(b"0123456789abcdef", 32)
    }

    /// A long-lived access token.
    pub(crate) fn access_token(&self) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        format!("EAAG{}", self.text(ALPHABET, 120))
    }

    /// A business-scoped user id of a country.
    pub(crate) fn user_id(&self, country: &str) -> String {
        format!("{country}.1{}", self.text(b"0123456789", 15))
    }

    /// A message identifier: `wamid.` and base64 that hides a user and a random part, as Meta's do.
    pub(crate) fn wamid(&self, user_id: &str) -> String {
        let user: Vec<u8> = user_id.bytes().filter(u8::is_ascii_digit).take(11).collect();
        let mut raw = vec![0x1c, 0x18, 0x0b];
        raw.extend_from_slice(&user);
        raw.extend_from_slice(&[0x15, 0x02, 0x00, 0x11, 0x18, 0x12]);
        raw.extend_from_slice(self.text(b"0123456789ABCDEF", 20).as_bytes());
        raw.push(0);
        format!("wamid.{}", STANDARD.encode(raw))
    }

    /// A trace id for an error body.
    pub(crate) fn trace_id(&self) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
        format!("A{}", self.text(ALPHABET, 22))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_identifiers() {
        let (a, b) = (Stream::new(7, "ids"), Stream::new(7, "ids"));
        assert_eq!(a.wamid("RO.1234567890123"), b.wamid("RO.1234567890123"));
        assert_eq!(a.access_token(), b.access_token());
        assert_ne!(Stream::new(8, "ids").decimal_id(), Stream::new(7, "ids").decimal_id());
    }
}
