//! Sealing secrets at rest: XChaCha20-Poly1305 under a master key that is not in the database.
//!
//! The place of a secret (table, row) goes in as associated data, so that a sealed value cannot be moved to
//! another row.

use chacha20poly1305::aead::{Aead, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

use crate::error::{Error, Result};

const NONCE_BYTES: usize = 24;
/// First byte of everything sealed: the format, so that it can change.
const FORMAT: u8 = 1;

/// Seals and opens secrets.
#[derive(Clone)]
pub struct Vault {
    cipher: XChaCha20Poly1305,
}

impl Vault {
    /// A vault with a master key of 32 bytes.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&Key::from(*key)) }
    }

    /// Seals a secret for one place, such as `inboxes/<id>`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the system gives no random bytes.
    pub fn seal(&self, place: &str, secret: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0u8; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|e| Error::Unavailable(format!("no random bytes: {e}")))?;
        let payload = Payload { msg: secret, aad: place.as_bytes() };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::Corrupt("a secret could not be sealed".into()))?;
        Ok([&[FORMAT], nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for that place.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it was sealed with another key, for another place, or was changed.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let wrong =
            || Error::Corrupt("a sealed secret does not open: wrong master key or changed data".into());
        let (format, rest) = sealed.split_first().ok_or_else(wrong)?;
        if *format != FORMAT || rest.len() < NONCE_BYTES {
            return Err(wrong());
        }
        let (nonce, text) = rest.split_at(NONCE_BYTES);
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| wrong())?;
        self.cipher
            .decrypt(&XNonce::from(nonce), Payload { msg: text, aad: place.as_bytes() })
            .map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_secret_opens_only_in_its_place_with_its_key() {
        let vault = Vault::new(&[7; 32]);
        let sealed = vault.seal("inboxes/1", b"token").unwrap();
        assert_eq!(vault.open("inboxes/1", &sealed).unwrap(), b"token");
        assert!(vault.open("inboxes/2", &sealed).is_err());
        assert!(Vault::new(&[8; 32]).open("inboxes/1", &sealed).is_err());
        assert!(!sealed.windows(5).any(|w| w == b"token"));
    }
}
