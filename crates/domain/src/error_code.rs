//! What a channel's error means for us. The catalogues themselves are data of each channel.

use serde::{Deserialize, Serialize};

use crate::workspace::Language;

/// What to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// A passing fault: back off, then try again.
    Retry,
    /// Too fast: wait longer, then try again.
    Throttle,
    /// The service window is closed: a template is needed.
    Window,
    /// Never with the same request.
    Permanent,
    /// The credential is refused: an admin must give a new one.
    Credential,
    /// The account or the number is not in order (payment, restriction, registration): an admin must see to it
    /// at the channel.
    Account,
}

impl ErrorClass {
    /// Whether a later try of the same request makes sense.
    #[must_use]
    pub const fn is_passing(self) -> bool {
        matches!(self, Self::Retry | Self::Throttle)
    }
}

/// One entry of a catalogue.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ErrorEntry {
    /// The channel's code.
    pub code: i64,
    /// What to do.
    pub class: ErrorClass,
    /// Cause, in English and Romanian.
    pub cause: Text,
    /// What a person should do.
    pub remedy: Text,
}

/// A sentence in both languages.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// Romanian.
    pub ro: &'static str,
}

impl Text {
    /// The sentence in a language.
    #[must_use]
    pub const fn of(&self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Ro => self.ro,
        }
    }
}
