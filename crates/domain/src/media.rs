//! Files of messages. The row is apart from the message, with its own state and its own retries, so that a
//! failed download never loses the message and a retry is never refused as a duplicate.

use serde::{Deserialize, Serialize};

use crate::{InboxId, MediaId, Private, Timestamp};

/// A file that came in or goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Id.
    pub id: MediaId,
    /// Where it came in; none for a file that an agent uploaded.
    pub inbox: Option<InboxId>,
    /// State of the bytes here.
    pub state: MediaState,
    /// MIME type as declared by the channel or detected at upload.
    pub mime_type: String,
    /// Size in bytes, once known.
    pub size_bytes: Option<i64>,
    /// SHA-256 of the bytes, lower-case hex, once known; also the name of the blob.
    pub sha256: Option<String>,
    /// Name as the sender had it.
    pub filename: Option<Private>,
    /// The channel's id for it.
    pub upstream_id: Option<String>,
    /// When the channel forgets that id.
    pub upstream_expires_at: Option<Timestamp>,
    /// Why it is not here.
    pub problem: Option<String>,
    /// When the row was made.
    pub created_at: Timestamp,
}

/// State of a file's bytes here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaState {
    /// Known, not yet fetched; a job is due.
    Pending,
    /// Here.
    Stored,
    /// Could not be had and no further try is due; an agent may ask for one.
    Failed,
    /// The channel no longer has it.
    Expired,
}

impl MediaState {
    /// Name in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Stored => "stored",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    /// Reads the name back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Stored, Self::Failed, Self::Expired].into_iter().find(|s| s.as_str() == text)
    }
}
