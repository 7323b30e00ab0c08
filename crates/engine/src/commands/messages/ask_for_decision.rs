//! The time for proof of an unknown outcome is over: an agent must decide.

use centrala_domain::MessageId;
use centrala_domain::event::Event;
use centrala_domain::message::DeliveryStatus;
use centrala_store::messages::StatusChange;
use centrala_store::{Command, Ctx, Done, Error, Tx, messages};

/// Asks for a decision, if the outcome is still unknown.
#[derive(Debug)]
pub struct AskForDecision {
    /// About which message.
    pub message: MessageId,
    /// Number of the attempt.
    pub attempt: u32,
}

impl Command for AskForDecision {
    type Out = ();
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, Error> {
        let state = messages::send_state(&ctx.scope, tx, self.message).await?;
        let found = messages::find(&ctx.scope, tx, self.message).await?;
        let Some((state, message)) = state.zip(found) else { return Ok(Done::unchanged(())) };
        let is_open = state.status == DeliveryStatus::Uncertain && state.attempt == self.attempt;
        if !is_open || state.needs_decision {
            return Ok(Done::unchanged(()));
        }
        let change = StatusChange {
            status: DeliveryStatus::Uncertain,
            error_code: message.error_code,
            attempt: state.attempt,
            needs_decision: true,
            upstream_id: None,
        };
        messages::set_status(&ctx.scope, tx, message.id, &change).await?;
        let (conversation, message, attempt) = (message.conversation, message.id, self.attempt);
        Ok(Done::new((), [Event::MessageNeedsDecision { conversation, message, attempt }]))
    }
}
