//! Kinds of transport. Not here: what a kind can carry ([`crate::limits`]) or how it is spoken (`channels`).

use serde::{Deserialize, Serialize};

/// Kind of transport of an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// WhatsApp Business Platform, Cloud API.
    WhatsappCloud,
}

impl ChannelKind {
    /// The name used in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WhatsappCloud => "whatsapp_cloud",
        }
    }

    /// Reads the name back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "whatsapp_cloud" => Some(Self::WhatsappCloud),
            _ => None,
        }
    }

    /// Identities are shared by all channels of one family: the same person on two of our WhatsApp numbers is
    /// one identity.
    #[must_use]
    pub const fn family(self) -> &'static str {
        match self {
            Self::WhatsappCloud => "whatsapp",
        }
    }
}
