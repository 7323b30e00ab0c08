//! What screens are told that is no fact: it stands in no log, has no number and is not replayed
//! (`docs/adr/0010-volatile-frames.md`).
//!
//! Every such frame tells a state whole, so that of two about the same thing the older one is worth nothing: a
//! socket's mailbox keeps the newest of each. A socket that does not empty it is too slow, and its client loads
//! anew. Not here: who is told ([`super::room`]) and when ([`super::socket`]).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::ws::Utf8Bytes;
use centrala_domain::{ConversationId, InboxId};
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
    /// Who is at a conversation now.
    Presence(ConversationId),
}

/// A frame on its way to one socket.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    /// Its JSON.
    pub(super) text: Utf8Bytes,
    /// For those who see this inbox when they are told; `None` was written to this agent.
    pub(super) inbox: Option<InboxId>,
}

impl Letter {
    /// What it takes while it waits. The text of a letter to many is there once for all of them, and they are no
    /// more than there are conversations with somebody in them.
    fn size_bytes(&self) -> usize {
        if self.inbox.is_some() { 0 } else { self.text.len() }
    }
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
    letters: HashMap<About, Letter>,
    size_bytes: usize,
    is_over: bool,
}

/// More waited than may.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Overflow;

impl Mailbox {
    /// Puts a letter in, in the place of an older one about the same.
    pub(super) fn put(&self, about: About, letter: Letter) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.is_over {
            return;
        }
        waiting.size_bytes += letter.size_bytes();
        if let Some(older) = waiting.letters.insert(about, letter) {
            waiting.size_bytes -= older.size_bytes();
        }
        if waiting.size_bytes > WAITING_BYTES {
            *waiting = Waiting { is_over: true, ..Waiting::default() };
        }
    }

    /// Whether there is anything in it.
    pub(super) fn is_empty(&self) -> bool {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.letters.is_empty() && !waiting.is_over
    }

    /// Takes everything out.
    pub(super) fn empty(&self) -> Result<impl Iterator<Item = Letter> + use<>, Overflow> {
        let waiting = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if waiting.is_over { Err(Overflow) } else { Ok(waiting.letters.into_values()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(n: u128) -> About {
        About::Draft(ConversationId(uuid::Uuid::from_u128(n)))
    }

    fn put(mailbox: &Mailbox, about: About, text: &str) {
        mailbox.put(about, Letter { text: text.into(), inbox: None });
    }

    #[test]
    fn newest_about_each_thing_waits() {
        let mailbox = Mailbox::default();
        assert!(mailbox.is_empty());
        for (about, text) in [(draft(1), "a"), (About::Preferences, "p"), (draft(1), "b")] {
            put(&mailbox, about, text);
        }
        let mut frames: Vec<String> =
            mailbox.empty().unwrap().map(|letter| letter.text.to_string()).collect();
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
            put(&mailbox, draft(1), &large);
        }
        assert_eq!(mailbox.empty().unwrap().count(), 1);
        for n in 0..3 {
            put(&mailbox, draft(n), &large);
        }
        assert!(!mailbox.is_empty());
        assert_eq!(mailbox.empty().err(), Some(Overflow));
        assert!(mailbox.is_empty());
    }
}
