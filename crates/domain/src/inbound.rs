//! What a raw webhook says, item by item, in our words. Made by `channels::<kind>::inbound::parse`, which is
//! pure; applied by the engine.

use serde::{Deserialize, Serialize};

use crate::contact::Sighting;
use crate::content::Content;
use crate::message::DeliveryStatus;
use crate::{MediaId, Timestamp};

/// One item of a webhook. Items are independent: a broken one becomes [`Item::Unreadable`] and its neighbours
/// are applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbound {
    /// The channel's id of our endpoint (phone-number id); none for news about the whole account.
    pub endpoint: Option<String>,
    /// What it says.
    pub item: Item,
}

/// What an item says.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A customer wrote.
    Message(Box<InboundMessage>),
    /// News of a message that we sent.
    Status(Box<InboundStatus>),
    /// The business wrote from its phone app (coexistence).
    Echo(Box<InboundEcho>),
    /// Account news, stored and shown to admins as they are.
    Notice {
        /// The channel's field, such as `account_alerts`.
        field: String,
        /// The value.
        value: serde_json::Value,
    },
    /// The endpoint reports an error that belongs to no message.
    EndpointError {
        /// The channel's code.
        code: Option<i64>,
        /// What it said.
        detail: String,
    },
    /// It could not be understood. The raw receipt keeps it.
    Unreadable {
        /// Where in the body (JSON pointer).
        pointer: String,
        /// What is wrong.
        reason: String,
    },
}

/// A customer's message.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundMessage {
    /// The channel's id: the key of deduplication.
    pub upstream_id: String,
    /// Who wrote it.
    pub from: Sighting,
    /// Provider's time.
    pub sent_at: Timestamp,
    /// What it carries. Media ids in it are those of [`Self::media`].
    pub content: Content,
    /// The file it carries, still at the channel.
    pub media: Option<InboundMedia>,
    /// The message it answers, by the channel's id.
    pub reply_to_upstream_id: Option<String>,
    /// Whether it was forwarded.
    pub is_forwarded: bool,
    /// Advertisement or post that the customer came from, as the channel's JSON; opens the free entry point.
    pub referral: Option<serde_json::Value>,
}

/// A file still at the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundMedia {
    /// Id that the parser put into the content; the engine keeps it when the message is new.
    pub id: MediaId,
    /// The channel's id.
    pub upstream_id: String,
    /// Declared type.
    pub mime_type: String,
    /// Declared name.
    pub filename: Option<crate::Private>,
    /// When the channel forgets it.
    pub expires_at: Timestamp,
}

/// News of a message that we sent.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundStatus {
    /// The channel's id of the message.
    pub upstream_id: String,
    /// What is claimed.
    pub status: DeliveryStatus,
    /// Provider's time.
    pub at: Timestamp,
    /// The reference that we gave with the message: [`callback_data`].
    pub callback_data: Option<String>,
    /// Who received it, where the channel says so.
    pub recipient: Sighting,
    /// The channel's price object.
    pub pricing: Option<Pricing>,
    /// Error of a failure.
    pub error: Option<UpstreamError>,
}

/// What the channel says a message costs (`cloud-api.md` section 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pricing {
    /// Whether it is charged: derived from `type` = `regular`.
    pub is_billable: bool,
    /// `regular`, `free_customer_service`, `free_entry_point`.
    pub kind: Option<String>,
    /// `service`, `utility`, `marketing`, ...
    pub category: Option<String>,
    /// `PMP`, `CBP`.
    pub model: Option<String>,
}

/// An error as the channel gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamError {
    /// Code.
    pub code: i64,
    /// What it said; the most detailed of its texts.
    pub detail: String,
}

/// A message that the business sent from its phone app.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundEcho {
    /// The channel's id.
    pub upstream_id: String,
    /// To whom.
    pub to: Sighting,
    /// Provider's time.
    pub sent_at: Timestamp,
    /// What it carries.
    pub content: Content,
    /// The file it carries.
    pub media: Option<InboundMedia>,
}

/// The reference that goes out with every attempt and comes back with its statuses: message id and number of
/// the attempt.
#[must_use]
pub fn callback_data(message: crate::MessageId, attempt: u32) -> String {
    format!("{message}.{attempt}")
}

/// Reads a reference of ours back; none for one that we did not write.
#[must_use]
pub fn parse_callback_data(text: &str) -> Option<(crate::MessageId, u32)> {
    let (message, attempt) = text.rsplit_once('.')?;
    Some((message.parse().ok()?, attempt.parse().ok()?))
}
