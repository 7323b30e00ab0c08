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

    /// The kind of message that an uploaded file becomes: what shows it where the channel takes it so, else a
    /// document, as which any file goes.
    #[must_use]
    pub fn kind_of(&self, mime_type: &str, size_bytes: u64) -> &'static str {
        let mime_type = mime_type.split(';').next().unwrap_or_default().trim();
        let shown = self.media.iter().filter(|limit| matches!(limit.kind, "image" | "video" | "audio"));
        let mut fitting =
            shown.filter(|limit| limit.mime_types.contains(&mime_type) && size_bytes <= limit.max_bytes);
        fitting.next().map_or("document", |limit| limit.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_goes_as_what_shows_it_or_as_a_document() {
        let limits = Limits {
            text_characters: 1,
            caption_characters: 1,
            window_hours: 1,
            media: &[
                MediaLimit { kind: "sticker", mime_types: &["image/webp"], max_bytes: 9 },
                MediaLimit { kind: "image", mime_types: &["image/png"], max_bytes: 5 },
            ],
            inbound_media_bytes: 1,
        };
        for (mime_type, size, kind) in [
            ("image/png", 5, "image"),
            ("image/png; x=y", 1, "image"),
            ("image/png", 6, "document"),
            ("image/webp", 1, "document"),
            ("audio/ogg", 1, "document"),
        ] {
            assert_eq!(limits.kind_of(mime_type, size), kind, "{mime_type} {size}");
        }
    }
}
