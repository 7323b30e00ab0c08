//! Secrets that we hand out: 256 random bits as hexadecimal text, never a UUID.

use std::fmt::Write as _;

use centrala_domain::Private;
use centrala_store::login_sessions::hash_secret;

use crate::problem::{Problem, Slug};

/// What every API token begins with, so that scanners of leaked secrets know it.
pub const TOKEN_PREFIX: &str = "ctr_";
const SECRET_DIGITS: usize = 64;
const CHECKSUM_DIGITS: usize = 8;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A new secret.
///
/// # Errors
/// [`Slug::Unavailable`] when the system gives no random bytes.
pub fn new_secret() -> Result<Private, Problem> {
    let mut bytes = [0u8; SECRET_DIGITS / 2];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(error = %error, "the system gives no random bytes");
        Problem::new(Slug::Unavailable)
    })?;
    Ok(Private::new(hex(&bytes)))
}

/// A new API token: prefix, secret, checksum.
///
/// # Errors
/// [`Slug::Unavailable`] when the system gives no random bytes.
pub fn new_token() -> Result<Private, Problem> {
    let secret = new_secret()?;
    let body = format!("{TOKEN_PREFIX}{}", secret.expose());
    let checksum = checksum(&body);
    Ok(Private::new(body + &checksum))
}

fn checksum(body: &str) -> String {
    hex(&hash_secret(body)).chars().take(CHECKSUM_DIGITS).collect()
}

/// Whether a text can be a token of ours: saves a look into the database for anything else.
#[must_use]
pub fn is_token(text: &str) -> bool {
    let Some(digits) = text.strip_prefix(TOKEN_PREFIX) else { return false };
    let is_hex = digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    is_hex
        && digits.len() == SECRET_DIGITS + CHECKSUM_DIGITS
        && text
            .split_at_checked(text.len() - CHECKSUM_DIGITS)
            .is_some_and(|(body, sum)| checksum(body) == sum)
}

/// Whether a text can be a secret of ours. The empty text never is.
#[must_use]
pub fn is_secret(text: &str) -> bool {
    text.len() == SECRET_DIGITS && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_with_a_wrong_digit_is_no_token() {
        let token = new_token().unwrap().into_exposed();
        assert!(is_token(&token));
        let last = if token.ends_with('0') { '1' } else { '0' };
        let changed = format!("{}{last}", token.split_at(token.len() - 1).0);
        for wrong in [changed.as_str(), "", "ctr_", &token.to_uppercase(), &token[4..]] {
            assert!(!is_token(wrong), "{wrong}");
        }
    }

    #[test]
    fn secrets_differ_and_are_long_enough() {
        let (one, two) = (new_secret().unwrap(), new_secret().unwrap());
        assert_ne!(one, two);
        assert!(is_secret(one.expose()) && !is_secret(""));
    }
}
