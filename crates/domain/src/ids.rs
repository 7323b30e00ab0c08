//! Identifiers: one type per thing, a UUIDv7 inside, prefixed base32 text outside (`conv_06...`).
//!
//! Not here: how ids are made (the store's `Ctx::new_id`) and secrets (never a UUID).

use std::fmt;
use std::str::FromStr;

use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;
use uuid::Uuid;

/// Crockford's alphabet in lower case: sortable like the bytes, no look-alike letters.
static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut spec = Specification::new();
    spec.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    spec.encoding().expect("the alphabet has 32 distinct symbols")
});

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is an id, but of another kind of thing.
    #[error("expected an id that starts with `{expected}_`, got `{got}_`")]
    WrongPrefix {
        /// Prefix of the wanted kind.
        expected: &'static str,
        /// Prefix that was found.
        got: String,
    },
    /// The text is no id at all.
    #[error("not an id: expected `{expected}_` followed by 26 letters and digits")]
    Malformed {
        /// Prefix of the wanted kind.
        expected: &'static str,
    },
}

fn encode(prefix: &str, id: Uuid) -> String {
    format!("{prefix}_{}", BASE32.encode(id.as_bytes()))
}

fn decode(expected: &'static str, text: &str) -> Result<Uuid, IdError> {
    let Some((prefix, rest)) = text.rsplit_once('_') else { return Err(IdError::Malformed { expected }) };
    if prefix != expected {
        return Err(IdError::WrongPrefix { expected, got: prefix.chars().take(16).collect() });
    }
    let bytes = BASE32.decode(rest.as_bytes()).map_err(|_| IdError::Malformed { expected })?;
    Uuid::from_slice(&bytes).map_err(|_| IdError::Malformed { expected })
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// What stands before the underscore in the text form.
            pub const PREFIX: &'static str = $prefix;
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&encode($prefix, self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                decode($prefix, text).map(Self)
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(/// A tenant.
    WorkspaceId, "ws");
id!(/// A person who works in the workspace.
    AgentId, "agt");
id!(/// A connected endpoint, such as one WhatsApp number.
    InboxId, "inb");
id!(/// A customer.
    ContactId, "con");
id!(/// One user of one channel family, known by one or more addresses.
    IdentityId, "idn");
id!(/// A bounded exchange with one identity in one inbox.
    ConversationId, "conv");
id!(/// One message, in or out.
    MessageId, "msg");
id!(/// One file.
    MediaId, "med");
id!(/// An internal note.
    NoteId, "note");
id!(/// A colour tag.
    LabelId, "lbl");
id!(/// One raw inbound delivery.
    ReceiptId, "rcp");
id!(/// One recorded fact.
    EventId, "evt");
id!(/// One piece of background work.
    JobId, "job");
id!(/// A signed-in browser or program.
    LoginSessionId, "ses");
id!(/// An API token (its id, never its secret).
    ApiTokenId, "tok");
id!(/// A browser that is woken by notices.
    PushSubscriptionId, "psh");
id!(/// What one request, webhook or timer set in motion; travels through events and jobs.
    TraceId, "trc");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_comes_back_as_the_same_id() {
        let id = ConversationId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().starts_with("conv_"));
    }

    #[test]
    fn id_of_another_kind_is_named_in_the_error() {
        let message = MessageId(Uuid::from_u128(7)).to_string();
        let error = message.parse::<ConversationId>().unwrap_err();
        assert_eq!(error, IdError::WrongPrefix { expected: "conv", got: "msg".into() });
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "conv", "conv_", "conv_!!", "conv_00", "conv_00000000000000000000000000000"] {
            assert!(text.parse::<ConversationId>().is_err(), "{text}");
        }
    }
}
