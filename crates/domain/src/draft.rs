//! What an agent has begun to write in a conversation: his own, and nobody else's to see.
//!
//! Not here: whether it could be sent as it is. What is too long for the channel is still being written.

use serde::{Deserialize, Serialize};

use crate::{ConversationId, MediaId, MessageId, Private, Timestamp};

/// Characters of a draft at most: as many as the longest thing that is written here, a note, may have.
pub const DRAFT_CHARACTERS: usize = 10_000;
/// Files of a draft at most.
pub const DRAFT_FILES: usize = 50;

/// A draft: one for each agent and conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Where.
    pub conversation: ConversationId,
    /// What it will be.
    pub mode: DraftMode,
    /// What is written so far.
    pub text: Private,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// Files that are uploaded already, in order.
    pub media: Vec<MediaId>,
    /// When it was kept. Later for every change, also when the clock is set back.
    pub updated_at: Timestamp,
}

/// What a draft will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftMode {
    /// An answer to the customer.
    Reply,
    /// An internal note.
    Note,
}

/// Why a draft is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// There is nothing in it.
    #[error("a draft has a text, a file or a quoted message")]
    Empty,
    /// The text is too long.
    #[error("a draft has at most 10,000 characters")]
    TooLong,
    /// Too many files.
    #[error("a draft has at most 50 files")]
    TooManyFiles,
}

impl DraftMode {
    /// Name in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Note => "note",
        }
    }

    /// Reads the name back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Reply, Self::Note].into_iter().find(|mode| mode.as_str() == text)
    }
}

/// Whether this can be kept as a draft.
///
/// # Errors
/// [`DraftError`].
pub fn check(text: &Private, reply_to: Option<MessageId>, media: &[MediaId]) -> Result<(), DraftError> {
    if text.expose().trim().is_empty() && reply_to.is_none() && media.is_empty() {
        return Err(DraftError::Empty);
    }
    if text.expose().chars().count() > DRAFT_CHARACTERS {
        return Err(DraftError::TooLong);
    }
    if media.len() > DRAFT_FILES {
        return Err(DraftError::TooManyFiles);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draft_has_something_and_not_too_much() {
        let (message, file) = (MessageId(uuid::Uuid::nil()), MediaId(uuid::Uuid::nil()));
        for (text, reply_to, files, expected) in [
            ("B", None, 0, Ok(())),
            (" ", Some(message), 0, Ok(())),
            ("", None, 1, Ok(())),
            (" \n", None, 0, Err(DraftError::Empty)),
            (&"ș".repeat(DRAFT_CHARACTERS), None, DRAFT_FILES, Ok(())),
            (&"ș".repeat(DRAFT_CHARACTERS + 1), None, 0, Err(DraftError::TooLong)),
            ("B", None, DRAFT_FILES + 1, Err(DraftError::TooManyFiles)),
        ] {
            assert_eq!(check(&Private::from(text), reply_to, &vec![file; files]), expected);
        }
    }

    #[test]
    fn modes_are_read_back() {
        for mode in [DraftMode::Reply, DraftMode::Note] {
            assert_eq!(DraftMode::parse(mode.as_str()), Some(mode));
        }
        assert_eq!(DraftMode::parse("template"), None);
    }
}
