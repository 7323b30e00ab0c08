//! What the commands that apply receipts are given.

use centrala_domain::inbound::Inbound;
use centrala_domain::{ChannelKind, InboxId, ReceiptId, Timestamp, TraceId};
use centrala_store::receipts::ReceiptProblem;

/// A delivery taken apart.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The delivery.
    pub receipt: ReceiptId,
    /// Through which endpoint it came.
    pub inbox: InboxId,
    /// Kind of that endpoint.
    pub channel: ChannelKind,
    /// When it came.
    pub received_at: Timestamp,
    /// What it set in motion.
    pub trace: TraceId,
    /// What it says.
    pub items: Vec<Inbound>,
    /// What of it cannot be applied.
    pub problems: Vec<ReceiptProblem>,
}
