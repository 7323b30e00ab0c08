//! Forgets a browser.

use centrala_domain::{AgentId, PushSubscriptionId};
use centrala_store::{Command, Ctx, Done, Error, Tx, push};

/// Forgets one of an agent's browsers: he wants so, or its push service says that it is gone. Says whether there was
/// one.
#[derive(Debug)]
pub struct Unsubscribe {
    /// Whose.
    pub agent: AgentId,
    /// Which.
    pub subscription: PushSubscriptionId,
}

impl Command for Unsubscribe {
    type Out = bool;
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<bool>, Error> {
        Ok(Done::unchanged(push::delete(&ctx.scope, tx, self.agent, self.subscription).await?))
    }
}
