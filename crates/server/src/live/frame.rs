//! The frames of the live socket, in both directions. The JSON of a fact is written once for all sockets; a frame
//! only puts the pieces together.

use axum::extract::ws::Utf8Bytes;
use bytes::{Bytes, BytesMut};
use centrala_domain::{AgentId, ConversationId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Facts that are replayed after a pause; whoever missed more loads anew.
pub const MAX_REPLAY: i64 = 1000;

/// What the live socket tells beside facts. Nothing of it is kept or replayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = LiveNewsFrame)]
pub enum FrameOut {
    /// Everybody who is at a conversation now, the reader included: when it changes, and after connecting for
    /// every conversation where somebody is.
    Presence {
        /// Where.
        #[schema(value_type = String)]
        conversation: ConversationId,
        /// Who. Nobody when it is empty.
        agents: Vec<AgentHere>,
    },
    /// A sign of life when nothing else was told for 20 seconds.
    Beat {
        /// Facts are complete up to this number.
        seq: i64,
    },
}

/// An agent who is at a conversation; once, however many screens he has there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgentHere {
    /// Who.
    #[schema(value_type = String)]
    pub agent: AgentId,
    /// What; of several screens, what matters most to the others.
    pub doing: Doing,
}

/// What somebody does at a conversation. The later matters more to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Has it on screen.
    Looking,
    /// Writes a note.
    Noting,
    /// Writes to the customer.
    Replying,
}

/// What a client says on the live socket. Anything else is a sign of life and nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = LiveClientFrame)]
pub enum FrameIn {
    /// Where the agent is on this screen: said when it changes, and while he types every 5 seconds; writing that
    /// was not said again for 12 seconds is looking. Said every 45 seconds besides: whoever is in front of a screen
    /// is not woken by notices, and after a minute without a word he is in front of none.
    Presence {
        /// The conversation on screen, or null.
        #[serde(deserialize_with = "Option::deserialize")]
        #[schema(value_type = Option<String>, required)]
        conversation: Option<ConversationId>,
        /// What he does there.
        doing: Doing,
        /// Whether the screen is out of his sight: another tab, a locked phone.
        #[serde(default)]
        is_away: bool,
    },
}

impl FrameOut {
    /// The JSON of the frame.
    #[must_use]
    pub fn text(&self) -> Utf8Bytes {
        super::volatile::frame(self)
    }
}

impl FrameIn {
    /// Reads what a client said; `None` is nothing that we know.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

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
        assert_eq!(FrameOut::Beat { seq: 9 }.text().as_str(), r#"{"type":"beat","seq":9}"#);
    }

    #[test]
    fn only_what_is_known_is_read_from_clients() {
        let conversation = ConversationId(uuid::Uuid::from_u128(7));
        let said = format!(r#"{{"type":"presence","conversation":"{conversation}","doing":"noting"}}"#);
        let there =
            FrameIn::Presence { conversation: Some(conversation), doing: Doing::Noting, is_away: false };
        assert_eq!(FrameIn::read(&said), Some(there));
        let nowhere = r#"{"type":"presence","conversation":null,"doing":"looking","is_away":true}"#;
        let away = FrameIn::Presence { conversation: None, doing: Doing::Looking, is_away: true };
        assert_eq!(FrameIn::read(nowhere), Some(away));
        for strange in [
            "",
            "hello",
            "[]",
            r#"{"type":"shout"}"#,
            r#"{"type":"presence","doing":"looking"}"#,
            r#"{"type":"presence","conversation":null,"doing":"sleeping"}"#,
            r#"{"type":"presence","conversation":"msg_0000000000000000000000000e","doing":"looking"}"#,
            r#"{"type":"presence","conversation":null,"doing":"looking","agent":"agt_1"}"#,
        ] {
            assert_eq!(FrameIn::read(strange), None, "{strange}");
        }
    }
}
