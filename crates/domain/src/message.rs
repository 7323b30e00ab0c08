//! One message, and the lattice of its delivery.

use serde::{Deserialize, Serialize};

use crate::content::Content;
use crate::{AgentId, ContactId, ConversationId, InboxId, MessageId, Timestamp};

/// Which way it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the customer.
    In,
    /// To the customer.
    Out,
}

impl Direction {
    /// Name in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }

    /// Reads the name back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "in" => Some(Self::In),
            "out" => Some(Self::Out),
            _ => None,
        }
    }
}

/// Who wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Author {
    /// The customer.
    Contact {
        /// Which.
        id: ContactId,
    },
    /// One of us.
    Agent {
        /// Which.
        id: AgentId,
    },
    /// The business phone's own app (an echo).
    Phone,
}

/// A message as it is kept and shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Id.
    pub id: MessageId,
    /// Where it stands.
    pub conversation: ConversationId,
    /// Through which endpoint.
    pub inbox: InboxId,
    /// Which way.
    pub direction: Direction,
    /// Who wrote it.
    pub author: Author,
    /// What it carries.
    pub content: Content,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// The message it answers by the channel's id, when that one is not known here.
    pub reply_to_upstream_id: Option<String>,
    /// State of delivery; `received` for inbound.
    pub status: DeliveryStatus,
    /// The channel's error code of a failure.
    pub error_code: Option<i64>,
    /// The client's own id for it (outbound): at most one message for each.
    pub client_id: Option<String>,
    /// The channel's id.
    pub upstream_id: Option<String>,
    /// Provider's time for inbound, ours for outbound.
    pub sent_at: Timestamp,
    /// When it reached us or was made here.
    pub received_at: Timestamp,
    /// Position in the thread: [`position`], then id.
    pub position: Timestamp,
    /// Whether the customer forwarded it.
    pub is_forwarded: bool,
    /// When the customer last changed it.
    pub edited_at: Option<Timestamp>,
    /// When the customer took it back.
    pub revoked_at: Option<Timestamp>,
    /// Reactions, newest of each side.
    pub reactions: Vec<Reaction>,
}

/// A reaction on a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// From whom.
    pub direction: Direction,
    /// The emoji.
    pub emoji: String,
    /// When.
    pub at: Timestamp,
}

/// How late a message must be to be marked so.
const LATE: std::time::Duration = std::time::Duration::from_secs(60);

impl Message {
    /// Whether it reached us notably after it was written.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.direction == Direction::In && self.received_at.since(self.sent_at) > LATE
    }
}

/// Where an inbound message stands in the thread. Providers give whole seconds, we know microseconds: within
/// the provider's second our arrival time decides, so that a question never sorts after its answer.
#[must_use]
pub fn position(sent_at: Timestamp, received_at: Timestamp) -> Timestamp {
    Timestamp(received_at.0.clamp(sent_at.0, sent_at.0.saturating_add(999_999)))
}

/// State of delivery. The order of the variants is the lattice: a status only ever moves to a later one, so
/// reorder and replay are harmless. `Failed` stands before `Delivered`: it ends the matter unless a later
/// delivery proves it wrong (`cloud-api.md` section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Inbound: it is here.
    Received,
    /// Waits for its turn.
    Queued,
    /// The call to the channel is under way.
    Sending,
    /// The call ended without an answer: it may or may not have gone out. Never sent again by itself.
    Uncertain,
    /// The channel took it; nothing is known of the customer's phone.
    Accepted,
    /// One tick: left the channel's servers.
    Sent,
    /// It will not arrive.
    Failed,
    /// Two ticks: on the phone.
    Delivered,
    /// Seen.
    Read,
    /// The voice note was played.
    Played,
}

impl DeliveryStatus {
    const ALL: [Self; 10] = [
        Self::Received,
        Self::Queued,
        Self::Sending,
        Self::Uncertain,
        Self::Accepted,
        Self::Sent,
        Self::Failed,
        Self::Delivered,
        Self::Read,
        Self::Played,
    ];

    /// Name in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Uncertain => "uncertain",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
        }
    }

    /// Reads the name back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// What a sighting of `seen` makes of it: the new status, or none when nothing changes.
    #[must_use]
    pub fn advance(self, seen: Self) -> Option<Self> {
        (seen > self).then_some(seen)
    }

    /// Whether an agent may ask for a new attempt.
    #[must_use]
    pub const fn may_retry(self) -> bool {
        matches!(self, Self::Failed | Self::Uncertain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fold(seen: &[DeliveryStatus]) -> DeliveryStatus {
        seen.iter().fold(DeliveryStatus::Queued, |now, seen| now.advance(*seen).unwrap_or(now))
    }

    #[test]
    fn failure_ends_the_matter_unless_a_delivery_proves_it_wrong() {
        use DeliveryStatus::{Delivered, Failed, Sent};
        assert_eq!(fold(&[Sent, Failed]), Failed);
        assert_eq!(fold(&[Failed, Sent]), Failed);
        assert_eq!(fold(&[Failed, Delivered]), Delivered);
        assert_eq!(fold(&[Delivered, Failed]), Delivered);
    }

    #[test]
    fn message_written_in_the_second_of_its_answer_stands_where_it_arrived() {
        let second = Timestamp::from_unix_seconds(100);
        let arrived = Timestamp(100_700_000);
        assert_eq!(position(second, arrived), arrived);
        assert_eq!(position(second, Timestamp(500_000_000)), Timestamp(100_999_999));
        assert_eq!(position(second, Timestamp(90_000_000)), second);
    }

    proptest! {
        #[test]
        fn any_order_and_repetition_of_statuses_ends_the_same(
            seen in proptest::collection::vec(0usize..10, 1..12),
            seed in any::<u64>(),
        ) {
            let seen: Vec<_> = seen.into_iter().map(|i| DeliveryStatus::ALL[i]).collect();
            let mut shuffled = seen.clone();
            shuffled.extend(seen.iter().rev());
            let turn = usize::try_from(seed % 7).unwrap() % shuffled.len();
            shuffled.rotate_left(turn);
            prop_assert_eq!(fold(&seen), fold(&shuffled));
        }
    }
}
