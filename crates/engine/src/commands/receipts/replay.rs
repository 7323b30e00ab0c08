//! An admin puts a delivery back into the queue. Applying it again changes nothing that was applied before.

use centrala_domain::ReceiptId;
use centrala_store::{Command, Ctx, Done, Error, Tx, receipts};

/// Puts a delivery back into the queue. False when there is none, or it waits already.
#[derive(Debug)]
pub struct ReplayReceipt {
    /// Which.
    pub receipt: ReceiptId,
}

impl Command for ReplayReceipt {
    type Out = bool;
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<bool>, Error> {
        Ok(Done::unchanged(receipts::replay(&ctx.scope, tx, self.receipt).await?))
    }
}
