//! The table of reactions: which jobs follow from which fact. Pure and total; reading this file tells every
//! consequence of every fact.

use std::time::Duration;

use centrala_domain::event::{Event, Recorded};
use centrala_domain::media::MediaState;
use centrala_domain::message::DeliveryStatus;
use centrala_domain::{ConversationId, MessageId};
use centrala_store::jobs::{JobChange, Lane, NewJob};
use serde_json::json;

use crate::jobs::{fetch_media, mark_read, reconcile_message, send_message, wake_conversation};

/// How long to wait for proof of a message whose outcome is unknown, before an agent is asked.
pub const UNCERTAIN_AFTER: Duration = Duration::from_secs(600);

/// The jobs that follow from a fact.
#[must_use]
pub fn route(fact: &Recorded) -> Vec<JobChange> {
    match &fact.event {
        Event::MessageQueued { conversation, message, attempt, .. } => {
            let mut changes = vec![send(*conversation, *message, *attempt)];
            if *attempt > 1 {
                changes.push(JobChange::Cancel { key: reconcile_key(*message, attempt - 1) });
            }
            changes
        }
        Event::MessageStatusChanged { message, attempt, status, .. } => match status {
            DeliveryStatus::Uncertain => vec![JobChange::Add(NewJob {
                kind: reconcile_message::KIND,
                lane: Lane::Other,
                key: Some(reconcile_key(*message, *attempt)),
                order_key: None,
                run_at: Some(fact.at.plus(UNCERTAIN_AFTER)),
                payload: json!({ "message": message, "attempt": attempt }),
                subject: Some(message.0),
            })],
            DeliveryStatus::Accepted
            | DeliveryStatus::Sent
            | DeliveryStatus::Failed
            | DeliveryStatus::Delivered
            | DeliveryStatus::Read
            | DeliveryStatus::Played => vec![JobChange::Cancel { key: reconcile_key(*message, *attempt) }],
            DeliveryStatus::Received | DeliveryStatus::Queued | DeliveryStatus::Sending => Vec::new(),
        },
        Event::MediaChanged { message, media, state: MediaState::Pending, .. } => {
            vec![JobChange::Add(NewJob {
                kind: fetch_media::KIND,
                lane: Lane::Media,
                key: Some(format!("media:{media}")),
                order_key: None,
                run_at: None,
                payload: json!({ "media": media }),
                subject: Some(message.0),
            })]
        }
        Event::ConversationSnoozed { conversation, until } => vec![JobChange::Add(NewJob {
            kind: wake_conversation::KIND,
            lane: Lane::Other,
            key: Some(wake_key(*conversation)),
            order_key: None,
            run_at: Some(*until),
            payload: json!({ "conversation": conversation }),
            subject: None,
        })],
        Event::ConversationReopened { conversation }
        | Event::ConversationWaiting { conversation }
        | Event::ConversationResolved { conversation, .. }
        | Event::ConversationMerged { conversation, .. } => {
            vec![JobChange::Cancel { key: wake_key(*conversation) }]
        }
        Event::ConversationRead { conversation } => vec![JobChange::Add(NewJob {
            kind: mark_read::KIND,
            lane: Lane::Other,
            key: Some(format!("read:{conversation}")),
            order_key: None,
            run_at: None,
            payload: json!({ "conversation": conversation }),
            subject: None,
        })],
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
        | Event::ConversationAssigned { .. }
        | Event::ConversationUnassigned { .. }
        | Event::ConversationMarkedUnread { .. }
        | Event::ConversationLabelled { .. }
        | Event::ConversationUnlabelled { .. }
        | Event::MessageReceived { .. }
        | Event::MessageEchoed { .. }
        | Event::MessageNeedsDecision { .. }
        | Event::MessageReacted { .. }
        | Event::MessageEdited { .. }
        | Event::MessageRevoked { .. }
        | Event::MediaChanged {
            state: MediaState::Stored | MediaState::Failed | MediaState::Expired, ..
        }
        | Event::NoteAdded { .. }
        | Event::NoteDeleted { .. }
        | Event::LabelCreated { .. }
        | Event::LabelChanged { .. }
        | Event::LabelDeleted { .. } => Vec::new(),
    }
}

/// Messages of one conversation leave in the order in which they were written.
fn send(conversation: ConversationId, message: MessageId, attempt: u32) -> JobChange {
    JobChange::Add(NewJob {
        kind: send_message::KIND,
        lane: Lane::Outbound,
        key: Some(format!("send:{message}:{attempt}")),
        order_key: Some(format!("conversation:{conversation}")),
        run_at: None,
        payload: json!({ "message": message }),
        subject: Some(message.0),
    })
}

fn reconcile_key(message: MessageId, attempt: u32) -> String {
    format!("reconcile:{message}:{attempt}")
}

fn wake_key(conversation: ConversationId) -> String {
    format!("wake:{conversation}")
}
