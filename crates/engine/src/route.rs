//! The table of reactions: which jobs follow from which fact. Pure and total; reading this file tells every
//! consequence of every fact.

use std::time::Duration;

use centrala_domain::event::{Event, Recorded};
use centrala_domain::media::MediaState;
use centrala_domain::message::DeliveryStatus;
use centrala_domain::{ConversationId, MessageId};
use centrala_store::jobs::{Due, JobChange, Lane, NewJob};
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
                due: Due::After(UNCERTAIN_AFTER),
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
                due: Due::Now,
                payload: json!({ "media": media }),
                subject: Some(message.0),
            })]
        }
        Event::ConversationSnoozed { conversation, until } => vec![JobChange::Add(NewJob {
            kind: wake_conversation::KIND,
            lane: Lane::Other,
            key: Some(wake_key(*conversation)),
            order_key: None,
            due: Due::At(*until),
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
            due: Due::Now,
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
        due: Due::Now,
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

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_domain::agent::Actor;
    use centrala_domain::event::Event;
    use centrala_domain::media::MediaState;
    use centrala_domain::message::{DeliveryStatus, Direction};
    use centrala_domain::permission::Role;
    use centrala_domain::{Timestamp, TraceId};
    use std::fmt::Write as _;
    use uuid::Uuid;

    fn id<T: From<Uuid>>(n: u128) -> T {
        T::from(Uuid::from_u128(n))
    }

    /// Every kind, in the order of the enum; those whose jobs depend on a member, once for each case.
    fn every_kind() -> Vec<Event> {
        let (conversation, message, media, agent) = (id(1), id(2), id(3), id(4));
        let (inbox, contact, label, note, token) = (id(5), id(6), id(7), id(8), id(9));
        let (at, role, attempt, content_kind) = (Timestamp(5), Role::Agent, 1, "text".to_owned());
        let mut all = vec![
            Event::WorkspaceCreated,
            Event::WorkspaceChanged,
            Event::AgentAdded { agent, role },
            Event::AgentChanged { agent, role },
            Event::AgentDisabled { agent },
            Event::AgentEnabled { agent },
            Event::PasswordChanged { agent },
            Event::SignedIn { agent },
            Event::SignedOut { agent },
            Event::ApiTokenCreated { token, agent },
            Event::ApiTokenRevoked { token, agent },
            Event::InboxCreated { inbox },
            Event::InboxChanged { inbox },
            Event::InboxMembersChanged { inbox },
            Event::InboxCredentialChanged { inbox, is_broken: true },
            Event::InboxNoticeReceived { inbox, field: "account_alerts".into() },
            Event::ReceiptRejected { receipt: id(10), inbox },
            Event::ContactCreated { contact },
            Event::ContactChanged { contact },
            Event::IdentitiesMerged { into: id(11), from: id(12), contact },
            Event::ConversationOpened { conversation, inbox, contact, identity: id(11) },
            Event::ConversationReopened { conversation },
            Event::ConversationWaiting { conversation },
            Event::ConversationAssigned { conversation, to: agent, from: None },
            Event::ConversationUnassigned { conversation, from: agent },
            Event::ConversationSnoozed { conversation, until: Timestamp(9_000_000) },
            Event::ConversationResolved { conversation, at },
            Event::ConversationRead { conversation },
            Event::ConversationMarkedUnread { conversation },
            Event::ConversationMerged { conversation, into: id(13) },
            Event::ConversationLabelled { conversation, label },
            Event::ConversationUnlabelled { conversation, label },
            Event::MessageReceived {
                conversation,
                message,
                content_kind: content_kind.clone(),
                sent_at: at,
                position: at,
                is_listed: true,
                receipt: None,
            },
        ];
        for attempt in [1, 2] {
            let content_kind = content_kind.clone();
            let (position, is_listed) = (at, true);
            all.push(Event::MessageQueued {
                conversation,
                message,
                content_kind,
                position,
                attempt,
                is_listed,
            });
        }
        all.push(Event::MessageEchoed { conversation, message, content_kind, position: at });
        for status in [
            DeliveryStatus::Received,
            DeliveryStatus::Queued,
            DeliveryStatus::Sending,
            DeliveryStatus::Uncertain,
            DeliveryStatus::Accepted,
            DeliveryStatus::Sent,
            DeliveryStatus::Failed,
            DeliveryStatus::Delivered,
            DeliveryStatus::Read,
            DeliveryStatus::Played,
        ] {
            let error_code = None;
            all.push(Event::MessageStatusChanged { conversation, message, attempt, status, at, error_code });
        }
        all.push(Event::MessageNeedsDecision { conversation, message, attempt });
        all.push(Event::MessageReacted { conversation, message, direction: Direction::In, emoji: None, at });
        all.push(Event::MessageEdited { conversation, message, at });
        all.push(Event::MessageRevoked { conversation, message, at });
        for state in [MediaState::Pending, MediaState::Stored, MediaState::Failed, MediaState::Expired] {
            all.push(Event::MediaChanged { conversation, message, media, state });
        }
        all.push(Event::NoteAdded { conversation, note });
        all.push(Event::NoteDeleted { conversation, note });
        all.push(Event::LabelCreated { label });
        all.push(Event::LabelChanged { label });
        all.push(Event::LabelDeleted { label });
        all
    }

    #[test]
    fn table_of_reactions_is_the_one_that_was_agreed() {
        let mut table = String::new();
        for event in every_kind() {
            let text = serde_json::to_string(&event).unwrap();
            let fact = Recorded {
                seq: 1,
                id: id(20),
                at: Timestamp(1_000_000),
                actor: Actor::System,
                cause: None,
                depth: 0,
                trace: TraceId(Uuid::from_u128(21)),
                event,
            };
            writeln!(table, "{text}").unwrap();
            for change in route(&fact) {
                match change {
                    JobChange::Cancel { key } => writeln!(table, "    cancel {key}").unwrap(),
                    JobChange::Add(job) => writeln!(
                        table,
                        "    {} in {}, key {:?}, order {:?}, due {:?}, {}",
                        job.kind,
                        job.lane.as_str(),
                        job.key,
                        job.order_key,
                        job.due,
                        job.payload
                    )
                    .unwrap(),
                }
            }
        }
        insta::assert_snapshot!("reactions", table);
    }

    /// The list above is by hand: this reads the enum, so that a new kind is missed here and not in production.
    #[test]
    fn table_has_every_kind_of_fact() {
        let source = include_str!("../../domain/src/event.rs");
        let kinds: std::collections::BTreeSet<&str> =
            source.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let listed: std::collections::BTreeSet<&str> = every_kind().iter().map(Event::kind).collect();
        assert_eq!(listed, kinds);
    }
}
