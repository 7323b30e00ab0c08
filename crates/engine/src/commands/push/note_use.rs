//! Notes that a push service took something for a browser.

use centrala_domain::PushSubscriptionId;
use centrala_store::{Command, Ctx, Done, Error, Tx, push};

/// Notes that a push service took something. Once an hour is enough.
#[derive(Debug)]
pub struct NotePushUse {
    /// For which browser.
    pub subscription: PushSubscriptionId,
}

impl Command for NotePushUse {
    type Out = ();
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, Error> {
        push::note_use(&ctx.scope, tx, self.subscription, ctx.now).await?;
        Ok(Done::unchanged(()))
    }
}
