//! The job that should send a message is given up: the message must not look as if it were still on its way.

use centrala_domain::MessageId;
use centrala_domain::message::DeliveryStatus;
use centrala_store::attempts::{AttemptEnd, AttemptState};
use centrala_store::write::JobEnd;
use centrala_store::{Command, Ctx, Done, Error, Tx, attempts, messages};

use super::begin_attempt;

/// Ends a message whose job is given up: failed when its attempt has not begun, uncertain when it has. The job
/// itself is ended by its worker.
#[derive(Debug)]
pub struct GiveUpMessage {
    /// Which message.
    pub message: MessageId,
    /// Why.
    pub why: String,
}

impl Command for GiveUpMessage {
    type Out = ();
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, Error> {
        let unchanged = || Ok(Done::unchanged(()).with_job(JobEnd::Continue));
        let state = messages::send_state(&ctx.scope, tx, self.message).await?;
        let found = messages::find(&ctx.scope, tx, self.message).await?;
        let Some((state, message)) = state.zip(found) else { return unchanged() };
        let begun = attempts::find(&ctx.scope, tx, message.id, state.attempt).await?;
        let (attempt, status) = match begun.map(|attempt| attempt.state) {
            None if state.status == DeliveryStatus::Queued => {
                attempts::begin(&ctx.scope, tx, message.id, state.attempt, message.inbox, ctx.now).await?;
                (AttemptState::Failed, DeliveryStatus::Failed)
            }
            Some(AttemptState::InFlight) => (AttemptState::Uncertain, DeliveryStatus::Uncertain),
            None | Some(AttemptState::Accepted | AttemptState::Failed | AttemptState::Uncertain) => {
                return unchanged();
            }
        };
        let end = AttemptEnd { state: attempt, upstream_id: None, code: None, detail: Some(&self.why) };
        attempts::end(&ctx.scope, tx, message.id, state.attempt, &end, ctx.now).await?;
        if state.status > DeliveryStatus::Sending {
            return unchanged();
        }
        let event = begin_attempt::set(ctx, tx, &message, state, status, None).await?;
        Ok(Done::new((), [event]).with_job(JobEnd::Continue))
    }
}
