//! Puts a label on a conversation.

use centrala_domain::event::Event;
use centrala_domain::{ConversationId, LabelId};
use centrala_store::{Command, Ctx, Done, Tx, conversations, labels};

use super::LabelError;

/// Puts a label on a conversation. Nothing happens when it is there already.
#[derive(Debug)]
pub struct PutLabel {
    /// On which.
    pub conversation: ConversationId,
    /// Which.
    pub label: LabelId,
}

impl Command for PutLabel {
    type Out = ();
    type Error = LabelError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, LabelError> {
        if !conversations::is_visible(&ctx.scope, tx, self.conversation).await? {
            return Err(LabelError::NoConversation);
        }
        labels::find(&ctx.scope, tx, self.label).await?.ok_or(LabelError::NotFound)?;
        let is_news = labels::put(&ctx.scope, tx, self.conversation, self.label).await?;
        let event = Event::ConversationLabelled { conversation: self.conversation, label: self.label };
        Ok(Done::new((), is_news.then_some(event)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_domain::permission::Role;
    use centrala_testkit::TestStore;

    #[tokio::test]
    async fn label_is_put_once_and_only_where_the_agent_works() {
        let store = TestStore::sqlite().await;
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (inbox, label) = (shop.inbox().await, shop.label("retur").await.id);
        let (member, stranger) = (shop.agent(Role::Agent).await, shop.agent(Role::Agent).await);
        shop.join(&inbox, &[&member]).await;
        let conversation = shop.conversation(&inbox).await.id;
        let put = |label: LabelId| PutLabel { conversation, label };

        let refused = store.execute(shop.origin_of(&stranger), put(label)).await;
        assert!(matches!(refused, Err(LabelError::NoConversation)));
        let foreign = other.label("retur").await.id;
        let refused = store.execute(shop.origin_of(&member), put(foreign)).await;
        assert!(matches!(refused, Err(LabelError::NotFound)));
        store.execute(shop.origin_of(&member), put(label)).await.unwrap();
        store.execute(shop.origin_of(&member), put(label)).await.unwrap();
        assert_eq!(store.events(), [Event::ConversationLabelled { conversation, label }]);
    }
}
