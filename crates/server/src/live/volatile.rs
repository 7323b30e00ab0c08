//! What screens are told that is no fact: it stands in no log, has no number and is not replayed
//! (`docs/adr/0010-volatile-frames.md`).
//!
//! Every such frame tells a state whole, so that of two about the same thing the older one is worth nothing: a
//! socket's mailbox keeps the newest of each. A socket that does not empty it is too slow, and its client loads
//! anew. Not here: who is told ([`super::room`]) and when ([`super::socket`]).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::ws::Utf8Bytes;
use centrala_domain::ConversationId;
use serde::Serialize;

/// What may wait for one socket.
const WAITING_BYTES: usize = 1024 * 1024;

/// What a frame is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum About {
    /// The agent's own draft in a conversation.
    Draft(ConversationId),
    /// The agent's own preferences.
    Preferences,
}

/// A frame as the socket carries it.
#[must_use]
pub fn frame(value: &impl Serialize) -> Utf8Bytes {
    // Types without maps of odd keys and without failing parts always become JSON.
    serde_json::to_string(value).unwrap_or_default().into()
}

/// What waits for one socket.
#[derive(Default)]
pub(super) struct Mailbox(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    frames: HashMap<About, Utf8Bytes>,
    size_bytes: usize,
    is_over: bool,
}

/// More waited than may.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Overflow;

impl Mailbox {
    /// Puts a frame in, in the place of an older one about the same.
    pub(super) fn put(&self, about: About, frame: Utf8Bytes) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.is_over {
            return;
        }
        waiting.size_bytes += frame.len();
        if let Some(older) = waiting.frames.insert(about, frame) {
            waiting.size_bytes -= older.len();
        }
        if waiting.size_bytes > WAITING_BYTES {
            *waiting = Waiting { is_over: true, ..Waiting::default() };
        }
    }

    /// Whether there is anything in it.
    pub(super) fn is_empty(&self) -> bool {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.frames.is_empty() && !waiting.is_over
    }

    /// Takes everything out.
    pub(super) fn empty(&self) -> Result<impl Iterator<Item = Utf8Bytes> + use<>, Overflow> {
        let waiting = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if waiting.is_over { Err(Overflow) } else { Ok(waiting.frames.into_values()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(n: u128) -> About {
        About::Draft(ConversationId(uuid::Uuid::from_u128(n)))
    }

    #[test]
    fn newest_about_each_thing_waits() {
        let mailbox = Mailbox::default();
        assert!(mailbox.is_empty());
        for (about, text) in [(draft(1), "a"), (About::Preferences, "p"), (draft(1), "b")] {
            mailbox.put(about, text.into());
        }
        let mut frames: Vec<String> = mailbox.empty().unwrap().map(|frame| frame.to_string()).collect();
        frames.sort_unstable();
        assert_eq!(frames, ["b", "p"]);
        assert!(mailbox.is_empty());
        assert_eq!(mailbox.empty().unwrap().count(), 0);
    }

    #[test]
    fn mailbox_that_nobody_empties_holds_nothing_more_and_says_so() {
        let mailbox = Mailbox::default();
        let large = "x".repeat(WAITING_BYTES / 2);
        for _ in 0..9 {
            mailbox.put(draft(1), large.as_str().into());
        }
        assert_eq!(mailbox.empty().unwrap().count(), 1);
        for n in 0..3 {
            mailbox.put(draft(n), large.as_str().into());
        }
        assert!(!mailbox.is_empty());
        assert_eq!(mailbox.empty().err(), Some(Overflow));
        assert!(mailbox.is_empty());
    }
}
