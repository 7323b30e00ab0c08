//! Customers and how they are known: contact, identity, address.
//!
//! An *identity* is one user of one channel family (a person on WhatsApp). It is known by *addresses*: since
//! 2026 a WhatsApp user may show a business-scoped user id, a phone number, a username, or only some of them
//! (`cloud-api.md` section 4). The phone is an attribute, never the key.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::{ContactId, IdentityId, Private, Timestamp};

/// A person or company that writes to us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Id.
    pub id: ContactId,
    /// The name he gave himself on the channel, or one that an agent wrote.
    pub name: Option<Private>,
    /// Whether an agent wrote the name, so that the channel does not overwrite it.
    pub is_name_set_by_agent: bool,
    /// When he was first seen.
    pub created_at: Timestamp,
    /// Last change of the contact itself.
    pub updated_at: Timestamp,
}

/// One user of one channel family, with every address he is known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Id.
    pub id: IdentityId,
    /// Whose it is.
    pub contact: ContactId,
    /// Channel family, such as `whatsapp`.
    pub family: String,
    /// Known addresses, current ones first.
    pub addresses: Vec<Address>,
}

impl Identity {
    /// The current address of a kind.
    #[must_use]
    pub fn current(&self, kind: AddressKind) -> Option<&Address> {
        self.addresses.iter().find(|address| address.kind == kind && address.is_current)
    }
}

/// One address of an identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// What kind of address.
    pub kind: AddressKind,
    /// The address: `+40...` for a phone, `RO.abc` for a business-scoped id, `@name` for a username.
    pub value: Private,
    /// False once a newer one of the kind took its place; it stays as an alias.
    pub is_current: bool,
    /// When a receipt first linked it to the identity.
    pub first_seen_at: Timestamp,
    /// When a receipt last carried it.
    pub last_seen_at: Timestamp,
}

/// Kind of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressKind {
    /// Business-scoped user id: the key where there is one.
    Bsuid,
    /// Phone number in E.164 with the plus sign.
    Phone,
    /// Username with the at sign.
    Username,
}

impl AddressKind {
    /// Name in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bsuid => "bsuid",
            Self::Phone => "phone",
            Self::Username => "username",
        }
    }

    /// Reads the name back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Bsuid, Self::Phone, Self::Username].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What one receipt says about who somebody is. At least one address is present.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sighting {
    /// Business-scoped user id.
    pub bsuid: Option<Private>,
    /// An older business-scoped id that this one replaces (`user_changed_user_id`).
    pub previous_bsuid: Option<Private>,
    /// Phone in E.164.
    pub phone: Option<PhoneNumber>,
    /// An older phone that this one replaces (`user_changed_number`).
    pub previous_phone: Option<PhoneNumber>,
    /// Username with the at sign.
    pub username: Option<Private>,
    /// Profile name.
    pub name: Option<Private>,
}

impl Sighting {
    /// The addresses of the sighting, strongest evidence first: what decides which identity it is.
    #[must_use]
    pub fn keys(&self) -> Vec<(AddressKind, Private)> {
        let phone = |p: &Option<PhoneNumber>| p.as_ref().map(|p| Private::new(p.as_str().to_owned()));
        [
            (AddressKind::Bsuid, self.bsuid.clone()),
            (AddressKind::Bsuid, self.previous_bsuid.clone()),
            (AddressKind::Phone, phone(&self.phone)),
            (AddressKind::Phone, phone(&self.previous_phone)),
            (AddressKind::Username, self.username.clone()),
        ]
        .into_iter()
        .filter_map(|(kind, value)| value.map(|value| (kind, value)))
        .collect()
    }

    /// Whether it says who it is at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bsuid.is_none() && self.phone.is_none() && self.username.is_none()
    }
}

/// A phone number in E.164: `+` and 6 to 15 digits. Prints as `***`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number with or without the plus sign; spaces, dots, dashes and brackets are dropped. National
    /// forms (a leading zero) are refused, because they need a country to be understood.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text
            .trim()
            .trim_start_matches('+')
            .chars()
            .filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')' | '\u{a0}'))
            .collect();
        let is_international = (6..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit());
        is_international.then(|| Self(format!("+{digits}")))
    }

    /// `+` and digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl<'de> Deserialize<'de> for PhoneNumber {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("expected a phone number with country code"))
    }
}

/// Folds text for search: lower case without diacritics, so that `stiuca` finds `Știuca`.
/// (SQLite folds ASCII only, hence here.)
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_is_kept_in_e164_or_refused() {
        for (text, wanted) in [
            ("40721000111", Some("+40721000111")),
            ("+40 721 000-111", Some("+40721000111")),
            ("0721000111", None),
            ("RO.1003", None),
            ("", None),
            ("12345", None),
        ] {
            assert_eq!(PhoneNumber::parse(text).as_ref().map(PhoneNumber::as_str), wanted, "{text}");
        }
    }

    #[test]
    fn folding_forgets_romanian_marks_and_case() {
        assert_eq!(fold("Știucă ȚÂȚÎ Şţ"), "stiuca tati st");
    }
}
