//! Stored media and their short-lived addresses. Who may upload or read is decided in `graph::media`.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use crate::crypto::{hmac_hex, same_secret};

/// Uploaded by the business.
pub(crate) const UPLOAD_DAYS: i64 = 30;
/// Sent by a customer.
pub(crate) const INCOMING_DAYS: i64 = 7;
/// An address given out.
pub(crate) const URL_SECONDS: i64 = 300;

const DAY_MS: i64 = 86_400_000;
/// All stored bytes together; the oldest media go when there is more.
const CAPACITY_BYTES: usize = 2 << 30;

/// One file.
#[derive(Clone)]
pub(crate) struct Media {
    pub(crate) id: String,
    pub(crate) waba_id: String,
    pub(crate) mime_type: String,
    pub(crate) sha256_hex: String,
    pub(crate) bytes: Bytes,
    pub(crate) expires_ms: i64,
}

/// All files, bounded in bytes.
pub(crate) struct Shelf {
    files: HashMap<String, Media>,
    order: VecDeque<String>,
    size_bytes: usize,
    url_secret: String,
}

impl Shelf {
    pub(crate) fn new(url_secret: String) -> Self {
        Self { files: HashMap::new(), order: VecDeque::new(), size_bytes: 0, url_secret }
    }

    /// Keeps a file; what expired or is the oldest makes room.
    pub(crate) fn put(&mut self, media: Media, now_ms: i64) {
        while let Some(oldest) = self.order.front()
            && self.get(oldest, now_ms).is_none()
        {
            let oldest = oldest.clone();
            self.order.pop_front();
            self.remove(&oldest);
        }
        self.size_bytes += media.bytes.len();
        self.order.push_back(media.id.clone());
        self.files.insert(media.id.clone(), media);
        while self.size_bytes > CAPACITY_BYTES {
            let Some(oldest) = self.order.pop_front() else { break };
            self.remove(&oldest);
        }
    }

    /// A file that is still kept.
    pub(crate) fn get(&self, id: &str, now_ms: i64) -> Option<&Media> {
        self.files.get(id).filter(|media| now_ms < media.expires_ms)
    }

    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let removed = self.files.remove(id);
        if let Some(media) = &removed {
            self.size_bytes -= media.bytes.len();
        }
        removed.is_some()
    }

    /// An address for a file that works for five minutes.
    pub(crate) fn url(&self, base: &str, id: &str, now_ms: i64) -> String {
        let expiry = now_ms.div_euclid(1000) + URL_SECONDS;
        let hash = self.hash(id, &expiry.to_string());
        format!("{base}/whatsapp_business/attachments/?mid={id}&ext={expiry}&hash={hash}")
    }

    /// The file behind an address, if the address is ours and still works.
    pub(crate) fn open(&self, id: &str, expiry: &str, hash: &str, now_ms: i64) -> Option<&Media> {
        let is_ours = same_secret(&self.hash(id, expiry), hash);
        let is_fresh = expiry.parse::<i64>().is_ok_and(|seconds| now_ms < seconds.saturating_mul(1000));
        if is_ours && is_fresh { self.get(id, now_ms) } else { None }
    }

    fn hash(&self, id: &str, expiry: &str) -> String {
        hmac_hex(self.url_secret.as_bytes(), format!("{id}.{expiry}").as_bytes())
    }
}

/// When a file stored now goes.
pub(crate) const fn expiry_ms(now_ms: i64, days: i64) -> i64 {
    now_ms + days * DAY_MS
}

/// The largest size of a business's file by MIME type, or none if the type is refused.
pub(crate) fn limit_bytes(mime_type: &str) -> Option<usize> {
    const KIB: usize = 1024;
    const MIB: usize = 1024 * 1024;
    let essence = mime_type.split(';').next().unwrap_or_default().trim();
    match essence {
        "image/jpeg" | "image/png" => Some(5 * MIB),
        "image/webp" => Some(500 * KIB),
        "video/mp4" | "video/3gpp" => Some(16 * MIB),
        "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg" | "audio/opus" => Some(16 * MIB),
        "image/gif" | "image/bmp" | "image/tiff" | "image/svg+xml" | "image/heic" => None,
        _ if essence.starts_with("audio/") || essence.starts_with("video/") => None,
        _ if essence.contains('/') => Some(100 * MIB),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf() -> Shelf {
        let mut shelf = Shelf::new("secret".into());
        let media = Media {
            id: "7".into(),
            waba_id: "1".into(),
            mime_type: "text/plain".into(),
            sha256_hex: String::new(),
            bytes: Bytes::from_static(b"x"),
            expires_ms: expiry_ms(0, UPLOAD_DAYS),
        };
        shelf.put(media, 0);
        shelf
    }

    #[test]
    fn an_address_works_for_five_minutes_and_cannot_be_forged() {
        let shelf = shelf();
        let address = shelf.url("http://h", "7", 0);
        let hash = address.rsplit('=').next().unwrap();
        assert!(shelf.open("7", "300", hash, 299_000).is_some());
        assert!(shelf.open("7", "300", hash, 300_000).is_none());
        assert!(shelf.open("7", "9000", hash, 299_000).is_none());
    }

    #[test]
    fn a_file_goes_after_thirty_days() {
        assert!(shelf().get("7", 29 * DAY_MS).is_some());
        assert!(shelf().get("7", 30 * DAY_MS).is_none());
    }

    #[test]
    fn types_decide_the_size() {
        assert_eq!(limit_bytes("image/png"), Some(5 << 20));
        assert_eq!(limit_bytes("audio/ogg; codecs=opus"), Some(16 << 20));
        assert_eq!(limit_bytes("application/x-own"), Some(100 << 20));
        assert_eq!(limit_bytes("image/gif"), None);
        assert_eq!(limit_bytes("nonsense"), None);
    }
}
