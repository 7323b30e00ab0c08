//! Takes a label off a conversation.

use centrala_domain::event::Event;
use centrala_domain::{ConversationId, LabelId};
use centrala_store::{Command, Ctx, Done, Tx, conversations, labels};

use super::LabelError;

/// Takes a label off a conversation. Nothing happens when it is not there.
#[derive(Debug)]
pub struct TakeLabel {
    /// Off which.
    pub conversation: ConversationId,
    /// Which.
    pub label: LabelId,
}

impl Command for TakeLabel {
    type Out = ();
    type Error = LabelError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, LabelError> {
        if !conversations::is_visible(&ctx.scope, tx, self.conversation).await? {
            return Err(LabelError::NoConversation);
        }
        let is_news = labels::take(&ctx.scope, tx, self.conversation, self.label).await?;
        let event = Event::ConversationUnlabelled { conversation: self.conversation, label: self.label };
        Ok(Done::new((), is_news.then_some(event)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::labels::put::PutLabel;
    use centrala_domain::permission::Role;
    use centrala_testkit::TestStore;

    #[tokio::test]
    async fn label_is_taken_off_once_and_only_where_the_agent_works() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let label = shop.label("retur").await.id;
        let stranger = shop.agent(Role::Agent).await;
        let conversation = shop.conversation(&shop.inbox().await).await.id;
        store.execute(shop.origin(), PutLabel { conversation, label }).await.unwrap();
        store.take_events();

        let refused = store.execute(shop.origin_of(&stranger), TakeLabel { conversation, label }).await;
        assert!(matches!(refused, Err(LabelError::NoConversation)));
        for _ in 0..2 {
            store.execute(shop.origin(), TakeLabel { conversation, label }).await.unwrap();
        }
        assert_eq!(store.events(), [Event::ConversationUnlabelled { conversation, label }]);
    }
}
