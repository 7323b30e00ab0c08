//! The frames of the live socket. The JSON of a fact is written once for all sockets; a frame only puts the
//! pieces together.

use axum::extract::ws::Utf8Bytes;
use bytes::{Bytes, BytesMut};

/// Facts that are replayed after a pause; whoever missed more loads anew.
pub const MAX_REPLAY: i64 = 1000;

/// Facts, and the number up to which they are complete.
pub(super) fn events(items: &[Bytes], seq: i64) -> Utf8Bytes {
    let size: usize = items.iter().map(|item| item.len() + 1).sum();
    let mut text = BytesMut::with_capacity(size + 64);
    text.extend_from_slice(br#"{"type":"events","items":["#);
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            text.extend_from_slice(b",");
        }
        text.extend_from_slice(item);
    }
    text.extend_from_slice(format!(r#"],"seq":{seq}}}"#).as_bytes());
    // JSON written by serde is UTF-8.
    Utf8Bytes::try_from(text.freeze()).unwrap_or_default()
}

/// What was missed is too much: load anew, then go on from this number.
pub(super) fn resync(seq: i64) -> Utf8Bytes {
    Utf8Bytes::from(format!(r#"{{"type":"resync","seq":{seq}}}"#))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_json() {
        let items = [Bytes::from_static(br#"{"seq":1}"#), Bytes::from_static(br#"{"seq":2}"#)];
        let frame: serde_json::Value = serde_json::from_str(events(&items, 2).as_str()).unwrap();
        assert_eq!(frame["items"][1]["seq"], 2);
        assert_eq!(frame["seq"], 2);
        assert_eq!(events(&[], 7).as_str(), r#"{"type":"events","items":[],"seq":7}"#);
        assert_eq!(resync(9).as_str(), r#"{"type":"resync","seq":9}"#);
    }
}
