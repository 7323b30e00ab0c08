//! What WhatsApp carries, as data (`cloud-api.md` sections 8, 9 and 15).

use centrala_domain::limits::{Limits, MediaLimit};

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// Longest address of an overriding webhook (`cloud-api.md` section 3).
pub(super) const CALLBACK_URL_CHARACTERS: usize = 200;

/// Longest reference that comes back with statuses (`cloud-api.md` section 8).
pub(super) const CALLBACK_DATA_CHARACTERS: usize = 512;

/// Most cards in one message (`cloud-api.md` section 8).
pub(super) const CONTACT_CARDS: usize = 257;

/// Limits of the channel.
pub(super) static LIMITS: Limits = Limits {
    text_characters: 4096,
    caption_characters: 1024,
    window_hours: 24,
    media: &[
        MediaLimit { kind: "image", mime_types: &["image/jpeg", "image/png"], max_bytes: 5 * MIB },
        MediaLimit { kind: "video", mime_types: &["video/mp4", "video/3gpp"], max_bytes: 16 * MIB },
        MediaLimit {
            kind: "audio",
            mime_types: &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"],
            max_bytes: 16 * MIB,
        },
        MediaLimit {
            kind: "document",
            mime_types: &[
                "text/plain",
                "application/pdf",
                "application/msword",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "application/vnd.openxmlformats-officedocument.presentationml.presentation",
                "application/vnd.ms-excel",
                "application/vnd.ms-powerpoint",
            ],
            max_bytes: 100 * MIB,
        },
        // 100 KB when it does not move; which one it is, only the bytes tell.
        MediaLimit { kind: "sticker", mime_types: &["image/webp"], max_bytes: 500 * KIB },
    ],
    inbound_media_bytes: 100 * MIB,
};

/// Largest file of any kind.
pub(super) fn largest_file() -> u64 {
    LIMITS.media.iter().map(|limit| limit.max_bytes).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_file_has_one_limit() {
        for kind in ["image", "video", "audio", "document", "sticker"] {
            assert_eq!(LIMITS.media.iter().filter(|limit| limit.kind == kind).count(), 1, "{kind}");
        }
        assert_eq!(largest_file(), 104_857_600);
    }
}
