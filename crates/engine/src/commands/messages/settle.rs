//! An agent says what became of a message whose outcome nobody could prove. It is not sent again.

use centrala_domain::MessageId;
use centrala_domain::message::{DeliveryStatus, Direction, Message};
use centrala_store::{Command, Ctx, Done, Error, Tx, messages};

use super::begin_attempt;

/// Settles a message.
#[derive(Debug)]
pub struct SettleMessage {
    /// Which.
    pub message: MessageId,
    /// What became of it.
    pub outcome: Outcome,
}

/// What an agent says became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The customer has it.
    Sent,
    /// The customer does not have it.
    NotSent,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// There is none that the actor may see.
    #[error("there is no such message")]
    NotFound,
    /// There is nothing to decide: its outcome is known, or may still be proven.
    #[error("only a message whose outcome could not be proven is settled")]
    NothingToDecide {
        /// How it stands.
        status: DeliveryStatus,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for SettleMessage {
    type Out = Message;
    type Error = SettleError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Message>, SettleError> {
        let found = messages::find(&ctx.scope, tx, self.message).await?;
        let mut message = found.filter(|it| it.direction == Direction::Out).ok_or(SettleError::NotFound)?;
        let state = messages::send_state(&ctx.scope, tx, message.id).await?.ok_or(SettleError::NotFound)?;
        if !state.needs_decision {
            return Err(SettleError::NothingToDecide { status: state.status });
        }
        // Both leave room for proof that comes after all: a delivery stands above them.
        let status = match self.outcome {
            Outcome::Sent => DeliveryStatus::Sent,
            Outcome::NotSent => DeliveryStatus::Failed,
        };
        let event = begin_attempt::set(ctx, tx, &message, state, status, None).await?;
        message.status = status;
        message.error_code = None;
        Ok(Done::new(message, [event]))
    }
}

#[cfg(test)]
mod tests {
    use centrala_domain::ConversationId;
    use centrala_domain::contact::Sighting;
    use centrala_domain::inbound::{InboundStatus, Item, callback_data};

    use super::*;
    use crate::commands::messages::ask_for_decision::AskForDecision;
    use crate::commands::messages::begin_attempt::BeginAttempt;
    use crate::commands::messages::retry::RetryMessage;
    use crate::commands::receipts::apply::ApplyReceipts;
    use crate::testing::{LIMITS, Scene};

    /// A message whose outcome is unknown, before an agent is asked.
    async fn uncertain(scene: &Scene, conversation: ConversationId, client_id: &str) -> MessageId {
        let message = scene.sends(conversation, client_id).await.id;
        for _ in 0..2 {
            scene.store.execute(scene.origin(), BeginAttempt { message, window_hours: 24 }).await.unwrap();
        }
        message
    }

    async fn ask(scene: &Scene, message: MessageId) {
        scene.store.execute(scene.origin(), AskForDecision { message, attempt: 1 }).await.unwrap();
    }

    #[tokio::test]
    async fn settled_message_waits_for_no_decision_and_is_not_sent_again_by_itself() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        for (outcome, status) in
            [(Outcome::Sent, DeliveryStatus::Sent), (Outcome::NotSent, DeliveryStatus::Failed)]
        {
            let message = uncertain(&scene, conversation, status.as_str()).await;
            ask(&scene, message).await;
            let name = format!("message_settled_{}", status.as_str());
            let settle = SettleMessage { message, outcome };
            let (settled, events) = scene.folds_delivery(&name, message, settle).await;
            assert_eq!((settled.status, events.len()), (status, 1));
            let mut reader = scene.store.read().await.unwrap();
            let state = messages::send_state(&scene.scope(), &mut reader, message).await.unwrap().unwrap();
            assert_eq!((state.status, state.attempt, state.needs_decision), (status, 1, false));
            drop(reader);
            let again = scene.store.execute(scene.origin(), SettleMessage { message, outcome }).await;
            assert!(matches!(again, Err(SettleError::NothingToDecide { .. })));
        }
    }

    #[tokio::test]
    async fn message_that_was_said_not_to_have_gone_out_may_be_tried_again() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let message = uncertain(&scene, conversation, "client").await;
        ask(&scene, message).await;
        let settle = SettleMessage { message, outcome: Outcome::NotSent };
        scene.store.execute(scene.origin(), settle).await.unwrap();
        let retry = RetryMessage { message, limits: &LIMITS };
        scene.folds_delivery("message_retried_after_settling", message, retry).await;
    }

    #[tokio::test]
    async fn nothing_is_settled_while_proof_may_still_come() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let message = uncertain(&scene, conversation, "client").await;
        let settle = SettleMessage { message, outcome: Outcome::Sent };
        let refused = scene.store.execute(scene.origin(), settle).await;
        assert!(matches!(refused, Err(SettleError::NothingToDecide { status: DeliveryStatus::Uncertain })));
    }

    #[tokio::test]
    async fn what_the_channel_says_after_all_counts_more_than_what_the_agent_said() {
        for outcome in [Outcome::Sent, Outcome::NotSent] {
            for status in [DeliveryStatus::Sent, DeliveryStatus::Failed, DeliveryStatus::Delivered] {
                let scene = Scene::new().await;
                let conversation = scene.customer_writes("wamid.1").await.id;
                let message = uncertain(&scene, conversation, "client").await;
                ask(&scene, message).await;
                scene.store.execute(scene.origin(), SettleMessage { message, outcome }).await.unwrap();
                let said = Item::Status(Box::new(InboundStatus {
                    upstream_id: "wamid.out".into(),
                    status,
                    at: scene.now(),
                    callback_data: Some(callback_data(message, 1)),
                    recipient: Sighting::default(),
                    pricing: None,
                    error: None,
                }));
                let apply = ApplyReceipts { deliveries: vec![scene.delivery([said]).await], is_part: false };
                scene.store.execute(scene.origin(), apply).await.unwrap();
                let it = scene.message(message).await;
                assert_eq!(
                    (it.status, it.upstream_id.as_deref()),
                    (status, Some("wamid.out")),
                    "{outcome:?}"
                );
            }
        }
    }
}
