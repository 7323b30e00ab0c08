//! Counts webhooks that nobody should have sent.

use centrala_domain::InboxId;
use centrala_store::{Command, Ctx, Done, Error, Tx, inboxes};

/// Counts webhooks with a wrong or missing signature. The caller adds them up and writes seldom, so that a flood
/// of them does not become a flood of commits.
#[derive(Debug)]
pub struct AddForgedWebhooks {
    /// Of which inbox.
    pub inbox: InboxId,
    /// How many since the last time.
    pub count: u32,
}

impl Command for AddForgedWebhooks {
    type Out = ();
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, Error> {
        inboxes::add_forged(&ctx.scope, tx, self.inbox, self.count).await?;
        Ok(Done::unchanged(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_testkit::TestStore;

    #[tokio::test]
    async fn forged_webhooks_add_up() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let inbox = shop.inbox().await.id;
        for count in [3, 4] {
            store.execute(shop.origin(), AddForgedWebhooks { inbox, count }).await.unwrap();
        }
        let mut reader = store.read().await.unwrap();
        let found = inboxes::find(&shop.scope(), &mut reader, inbox).await.unwrap().unwrap();
        assert_eq!(found.health.forged_webhooks, 7);
    }
}
