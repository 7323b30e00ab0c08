//! How the server proves to push services that it is the one a browser subscribed to: VAPID, RFC 8292.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use centrala_domain::{Private, Timestamp};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::json;
use url::Url;

/// How long a proof is good; RFC 8292 section 2 allows a day.
const LIFETIME: Duration = Duration::from_secs(12 * 3600);

/// The key could not be made or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key for push services cannot be used")]
pub(super) struct KeyError;

fn pair(key: &[u8]) -> Result<EcdsaKeyPair, KeyError> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key, &SystemRandom::new())
        .map_err(|_| KeyError)
}

/// A new key (PKCS#8) and its public half (an uncompressed point).
///
/// # Errors
/// [`KeyError`] when the system gives no random bytes.
pub(super) fn new_key() -> Result<(Private<Vec<u8>>, Vec<u8>), KeyError> {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    let made = made.map_err(|_| KeyError)?;
    let public = pair(made.as_ref())?.public_key().as_ref().to_vec();
    Ok((made.as_ref().to_vec().into(), public))
}

/// The value of `Authorization` for a push service.
///
/// # Errors
/// [`KeyError`].
pub(super) fn authorization(
    key: &Private<Vec<u8>>,
    endpoint: &Url,
    contact: Option<&str>,
    now: Timestamp,
) -> Result<String, KeyError> {
    let pair = pair(key.expose())?;
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let mut claims = json!({
        "aud": endpoint.origin().ascii_serialization(),
        "exp": now.plus(LIFETIME).micros().div_euclid(1_000_000),
    });
    if let Some(contact) = contact {
        claims["sub"] = contact.into();
    }
    let head = encode(br#"{"typ":"JWT","alg":"ES256"}"#);
    let signed = format!("{head}.{}", encode(claims.to_string().as_bytes()));
    let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).map_err(|_| KeyError)?;
    Ok(format!("vapid t={signed}.{}, k={}", encode(signature.as_ref()), encode(pair.public_key().as_ref())))
}

#[cfg(test)]
pub(super) mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use serde_json::Value;

    use super::*;

    /// What a proof claims, if it was signed with the key that it names.
    pub(in crate::push) fn claims(authorization: &str, public_key: &str) -> Value {
        let (token, key) = authorization.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(key, public_key);
        let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(key));
        key.verify(signed.as_bytes(), &decode(signature)).unwrap();
        let (head, claims) = signed.split_once('.').unwrap();
        let head: Value = serde_json::from_slice(&decode(head)).unwrap();
        assert_eq!(head, serde_json::json!({"typ": "JWT", "alg": "ES256"}));
        serde_json::from_slice(&decode(claims)).unwrap()
    }

    #[test]
    fn proof_is_signed_for_one_push_service_and_half_a_day() {
        let (key, public) = new_key().unwrap();
        let endpoint = Url::parse("https://push.example:8443/send/abc?x=1").unwrap();
        let now = Timestamp(1_700_000_000_000_000);
        let public = BASE64_URL_SAFE_NO_PAD.encode(public);
        let made = authorization(&key, &endpoint, Some("https://inbox.example/"), now).unwrap();
        let expected = serde_json::json!({"aud": "https://push.example:8443", "exp": 1_700_043_200,
            "sub": "https://inbox.example/"});
        assert_eq!(claims(&made, &public), expected);
        let anonymous = authorization(&key, &endpoint, None, now).unwrap();
        assert_eq!(claims(&anonymous, &public).get("sub"), None);
        assert_eq!(authorization(&vec![1, 2, 3].into(), &endpoint, None, now), Err(KeyError));
    }
}
