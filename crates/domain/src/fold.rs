//! Facts applied to the state that a screen holds: `fold(events, before) = after`.
//!
//! The web client has the same reducers; fixtures written by the command tests are replayed by both, so that
//! what a screen shows by following facts is what it would fetch.

use crate::conversation::{Conversation, Status};
use crate::event::Event;
use crate::message::DeliveryStatus;
use crate::{MessageId, Timestamp};

/// Applies a fact to the conversation it is about; facts about others change nothing.
pub fn conversation(it: &mut Conversation, event: &Event) {
    if let Event::IdentitiesMerged { into, from, contact } = event
        && *from == it.identity
    {
        it.identity = *into;
        it.contact = *contact;
    }
    if event.conversation() != Some(it.id) {
        return;
    }
    match event {
        Event::ConversationReopened { .. } => {
            it.status = Status::Open;
            it.snoozed_until = None;
            it.resolved_at = None;
        }
        Event::ConversationWaiting { .. } => {
            it.status = Status::Waiting;
            it.snoozed_until = None;
            it.resolved_at = None;
        }
        Event::ConversationAssigned { to, .. } => it.assignee = Some(*to),
        Event::ConversationUnassigned { .. } => it.assignee = None,
        Event::ConversationSnoozed { until, .. } => {
            it.status = Status::Snoozed;
            it.snoozed_until = Some(*until);
        }
        Event::ConversationResolved { at, .. } => {
            it.status = Status::Resolved;
            it.snoozed_until = None;
            it.resolved_at = Some(*at);
            it.unread = 0;
        }
        Event::ConversationRead { .. } => it.unread = 0,
        Event::ConversationMarkedUnread { .. } => it.unread = 1,
        Event::ConversationMerged { into, .. } => it.merged_into = Some(*into),
        Event::MessageReceived { message, sent_at, position, is_listed, .. } => {
            it.last_inbound_at = Some(it.last_inbound_at.map_or(*sent_at, |last| last.max(*sent_at)));
            if *is_listed {
                it.unread += 1;
                it.note_newest(*message, *position);
            }
        }
        Event::MessageQueued { message, position, attempt, is_listed, .. } => {
            if *attempt == 1 && *is_listed {
                it.unread = 0;
                it.note_newest(*message, *position);
            }
        }
        Event::MessageEchoed { message, position, .. } => {
            if it.is_newest(*message, *position) {
                it.unread = 0;
                it.note_newest(*message, *position);
            }
        }
        Event::WorkspaceCreated
        | Event::WorkspaceChanged
        | Event::AgentAdded { .. }
        | Event::AgentChanged { .. }
        | Event::AgentDisabled { .. }
        | Event::AgentEnabled { .. }
        | Event::PasswordChanged { .. }
        | Event::SignedIn { .. }
        | Event::SignedOut { .. }
        | Event::ApiTokenCreated { .. }
        | Event::ApiTokenRevoked { .. }
        | Event::InboxCreated { .. }
        | Event::InboxChanged { .. }
        | Event::InboxMembersChanged { .. }
        | Event::InboxCredentialChanged { .. }
        | Event::InboxNoticeReceived { .. }
        | Event::ReceiptRejected { .. }
        | Event::ContactCreated { .. }
        | Event::ContactChanged { .. }
        | Event::IdentitiesMerged { .. }
        | Event::ConversationOpened { .. }
        | Event::ConversationLabelled { .. }
        | Event::ConversationUnlabelled { .. }
        | Event::MessageStatusChanged { .. }
        | Event::MessageNeedsDecision { .. }
        | Event::MessageReacted { .. }
        | Event::MessageEdited { .. }
        | Event::MessageRevoked { .. }
        | Event::MediaChanged { .. }
        | Event::NoteAdded { .. }
        | Event::NoteDeleted { .. }
        | Event::LabelCreated { .. }
        | Event::LabelChanged { .. }
        | Event::LabelDeleted { .. } => {}
    }
}

/// The delivery state of one message of ours, followed by facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Which message.
    pub message: MessageId,
    /// Its state.
    pub status: DeliveryStatus,
    /// The channel's code of a failure.
    pub error_code: Option<i64>,
    /// When that state began.
    pub at: Timestamp,
}

/// Applies a fact to the delivery state it is about.
pub fn delivery(it: &mut Delivery, fact: &Event, recorded_at: Timestamp) {
    match fact {
        Event::MessageStatusChanged { message, status, error_code, at, .. } if *message == it.message => {
            *it = Delivery { status: *status, error_code: *error_code, at: *at, ..*it };
        }
        Event::MessageQueued { message, .. } if *message == it.message => {
            *it = Delivery { status: DeliveryStatus::Queued, error_code: None, at: recorded_at, ..*it };
        }
        _ => {}
    }
}
