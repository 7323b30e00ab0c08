//! Notices to agents whose page is closed, by the browsers' push services (RFC 8030).
//!
//! A notice holds ids and nothing else: what it is about is fetched after it woke the browser, and the fetch checks
//! permission. Not here: encryption, and how a push service is spoken with (`server`).

use serde::{Deserialize, Serialize};

use crate::{AgentId, ConversationId, LoginSessionId, MessageId, Private, PushSubscriptionId, Timestamp};

/// Subscriptions of one agent at most.
pub const SUBSCRIPTIONS: i64 = 20;
/// Characters of the name of a device.
pub const DEVICE_CHARACTERS: usize = 300;
/// Bytes of an endpoint's address.
pub const ENDPOINT_BYTES: usize = 2000;
/// Bytes of a browser's public key: an uncompressed point on P-256 (RFC 8291 section 3.1).
const P256DH_BYTES: usize = 65;
/// Bytes of the secret that browser and server share (RFC 8291 section 3.2).
const AUTH_BYTES: usize = 16;

/// A browser that wants to be woken, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushSubscription {
    /// Id.
    pub id: PushSubscriptionId,
    /// Whose.
    pub agent: AgentId,
    /// The login session that it ends with.
    pub session: LoginSessionId,
    /// What the browser says it is.
    pub device: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a push service last took something for it, to the hour.
    pub last_used_at: Option<Timestamp>,
}

/// How to reach a browser. Whoever has it can wake it, so that it is kept sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushAddress {
    /// The address at the browser's push service.
    pub endpoint: Private,
    /// The browser's public key.
    pub p256dh: Private<Vec<u8>>,
    /// The secret that goes into the encryption.
    pub auth: Private<Vec<u8>>,
}

/// Why an address or a device is refused; each names the member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushAddressError {
    /// Too long.
    #[error("an endpoint has at most 2000 bytes")]
    Endpoint,
    /// No uncompressed point.
    #[error("the public key is an uncompressed point on P-256, 65 bytes in base64url")]
    P256dh,
    /// The wrong length.
    #[error("the secret has 16 bytes, in base64url")]
    Auth,
    /// Nothing, too much, or control characters.
    #[error("a device is named by 1 to 300 characters")]
    Device,
}

impl PushAddressError {
    /// Where it stands.
    #[must_use]
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::Endpoint => "/endpoint",
            Self::P256dh => "/keys/p256dh",
            Self::Auth => "/keys/auth",
            Self::Device => "/device",
        }
    }
}

impl PushAddress {
    /// Whether it can be one.
    ///
    /// # Errors
    /// [`PushAddressError`].
    pub fn check(&self) -> Result<(), PushAddressError> {
        let key = self.p256dh.expose();
        if self.endpoint.expose().len() > ENDPOINT_BYTES {
            Err(PushAddressError::Endpoint)
        } else if key.len() != P256DH_BYTES || key.first() != Some(&4) {
            Err(PushAddressError::P256dh)
        } else if self.auth.expose().len() != AUTH_BYTES {
            Err(PushAddressError::Auth)
        } else {
            Ok(())
        }
    }
}

/// Whether a device can have that name.
///
/// # Errors
/// [`PushAddressError::Device`].
pub fn check_device(name: &str) -> Result<(), PushAddressError> {
    let is_name =
        (1..=DEVICE_CHARACTERS).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if is_name { Ok(()) } else { Err(PushAddressError::Device) }
}

/// What a browser is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PushNotice {
    /// A customer wrote.
    Message {
        /// Where.
        conversation: ConversationId,
        /// What.
        message: MessageId,
    },
    /// Nothing: somebody wants to see whether it works.
    Test,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notice_holds_ids_and_nothing_else() {
        let (conversation, message) = (ConversationId(uuid::Uuid::nil()), MessageId(uuid::Uuid::nil()));
        let notice = serde_json::to_value(PushNotice::Message { conversation, message }).unwrap();
        let expected =
            serde_json::json!({"kind": "message", "conversation": conversation, "message": message});
        assert_eq!(notice, expected);
        assert_eq!(serde_json::to_value(PushNotice::Test).unwrap(), serde_json::json!({"kind": "test"}));
    }

    #[test]
    fn address_that_cannot_be_one_is_refused() {
        let address = |endpoint: usize, key: &[u8], auth: usize| PushAddress {
            endpoint: "x".repeat(endpoint).into(),
            p256dh: key.to_vec().into(),
            auth: vec![0; auth].into(),
        };
        let key = [[4].as_slice(), &[7; 64]].concat();
        assert_eq!(address(2000, &key, 16).check(), Ok(()));
        assert_eq!(address(2001, &key, 16).check(), Err(PushAddressError::Endpoint));
        assert_eq!(address(9, &key[..64], 16).check(), Err(PushAddressError::P256dh));
        assert_eq!(address(9, &[7; 65], 16).check(), Err(PushAddressError::P256dh));
        assert_eq!(address(9, &key, 15).check(), Err(PushAddressError::Auth));
        assert!(!format!("{:?}", address(9, &key, 16)).contains('x'));
        assert!(check_device("Chrome, Windows").is_ok());
        for wrong in ["", "a\nb", &"x".repeat(301)] {
            assert_eq!(check_device(wrong), Err(PushAddressError::Device));
        }
    }
}
