//! Whether a webhook comes from Meta: `X-Hub-Signature-256` over the raw bytes (`cloud-api.md` section 3).
//!
//! Not here: what to do with a forged one.

use centrala_domain::Private;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of a SHA-256 digest.
const DIGEST_BYTES: usize = 32;

/// Whether one of the secrets signed the body. All are tried, so that a rotation drops nothing.
pub(super) fn is_authentic(secrets: &[Private], header: Option<&str>, body: &[u8]) -> bool {
    let Some(claimed) = header.and_then(digest) else { return false };
    // No early end: how long it takes does not tell which secret matched.
    secrets.iter().fold(false, |found, secret| found | is_signed_with(secret.expose(), &claimed, body))
}

/// The digest of a header that is exactly `sha256=` and 64 lower-case hex digits.
fn digest(header: &str) -> Option<[u8; DIGEST_BYTES]> {
    HEXLOWER.decode(header.strip_prefix("sha256=")?.as_bytes()).ok()?.try_into().ok()
}

fn is_signed_with(secret: &str, claimed: &[u8; DIGEST_BYTES], body: &[u8]) -> bool {
    // Anybody can sign with an empty key.
    if secret.is_empty() {
        return false;
    }
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(body);
    // Constant time.
    mac.verify_slice(claimed).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"text":"\u015ftiuc\u0103 \/"}"#;

    fn sign(secret: &str, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body);
        format!("sha256={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
    }

    fn secrets(texts: &[&str]) -> Vec<Private> {
        texts.iter().map(|text| Private::from(*text)).collect()
    }

    #[test]
    fn signature_of_the_raw_bytes_is_accepted() {
        assert!(is_authentic(&secrets(&["new"]), Some(&sign("new", BODY)), BODY));
    }

    #[test]
    fn known_answer_is_accepted() {
        // RFC 4231 test case 2.
        let header = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(is_authentic(&secrets(&["Jefe"]), Some(header), b"what do ya want for nothing?"));
    }

    #[test]
    fn second_secret_still_counts_during_a_rotation() {
        assert!(is_authentic(&secrets(&["new", "old"]), Some(&sign("old", BODY)), BODY));
    }

    #[test]
    fn wrong_secret_wrong_body_or_no_header_is_refused() {
        let good = sign("new", BODY);
        assert!(!is_authentic(&secrets(&["other"]), Some(&good), BODY));
        assert!(!is_authentic(&secrets(&["new"]), Some(&good), b"{}"));
        assert!(!is_authentic(&secrets(&["new"]), None, BODY));
        assert!(!is_authentic(&[], Some(&good), BODY));
    }

    #[test]
    fn header_of_another_form_is_refused() {
        let good = sign("new", BODY);
        let hex = good.trim_start_matches("sha256=");
        for header in [
            String::new(),
            "sha256=".into(),
            hex.into(),
            format!("sha1={hex}"),
            format!("SHA256={hex}"),
            format!("sha256={}", hex.to_uppercase()),
            good[..good.len() - 1].into(),
            good[..good.len() - 2].into(),
            format!("{good}00"),
            format!(" {good}"),
            format!("{good} "),
            format!("sha256={}", "z".repeat(64)),
        ] {
            assert!(!is_authentic(&secrets(&["new"]), Some(&header), BODY), "{header}");
        }
    }

    #[test]
    fn empty_secret_never_authenticates() {
        assert!(!is_authentic(&secrets(&[""]), Some(&sign("", BODY)), BODY));
    }
}
