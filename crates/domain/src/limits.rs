//! What a channel can carry, as data: checked before upload, shown by the composer.

use serde::Serialize;

/// Limits of one kind of transport.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Limits {
    /// Longest text in characters.
    pub text_characters: usize,
    /// Longest caption in characters.
    pub caption_characters: usize,
    /// Hours after the customer's last message in which free-form messages may go out.
    pub window_hours: u32,
    /// Files that can be sent, by kind.
    pub media: &'static [MediaLimit],
    /// Largest file that is fetched from the channel, in bytes.
    pub inbound_media_bytes: u64,
}

/// Limit of one kind of file.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MediaLimit {
    /// `image`, `video`, `audio`, `document`, `sticker`.
    pub kind: &'static str,
    /// Accepted MIME types.
    pub mime_types: &'static [&'static str],
    /// Largest size in bytes.
    pub max_bytes: u64,
}

impl Limits {
    /// The limit for a kind of file.
    #[must_use]
    pub fn media(&self, kind: &str) -> Option<&MediaLimit> {
        self.media.iter().find(|limit| limit.kind == kind)
    }
}
