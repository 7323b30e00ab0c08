//! Deletes a label.

use centrala_domain::LabelId;
use centrala_domain::event::Event;
use centrala_store::{Command, Ctx, Done, Tx, labels};

use super::LabelError;

/// Deletes a label and takes it off every conversation.
#[derive(Debug)]
pub struct DeleteLabel {
    /// Which.
    pub label: LabelId,
}

impl Command for DeleteLabel {
    type Out = ();
    type Error = LabelError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, LabelError> {
        if !labels::delete(&ctx.scope, tx, self.label).await? {
            return Err(LabelError::NotFound);
        }
        Ok(Done::new((), [Event::LabelDeleted { label: self.label }]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::labels::put::PutLabel;
    use centrala_testkit::TestStore;

    #[tokio::test]
    async fn deleted_label_is_off_every_conversation() {
        let store = TestStore::sqlite().await;
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let label = shop.label("retur").await.id;
        let conversation = shop.conversation(&shop.inbox().await).await.id;
        store.execute(shop.origin(), PutLabel { conversation, label }).await.unwrap();
        store.take_events();

        let refused = store.execute(other.origin(), DeleteLabel { label }).await;
        assert!(matches!(refused, Err(LabelError::NotFound)));
        store.execute(shop.origin(), DeleteLabel { label }).await.unwrap();
        assert_eq!(store.events(), [Event::LabelDeleted { label }]);
        let mut reader = store.read().await.unwrap();
        let uses = labels::of_conversations(&shop.scope(), &mut reader, &[conversation]).await.unwrap();
        assert!(uses.is_empty());
    }
}
