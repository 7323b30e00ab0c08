//! Takes a conversation for oneself, only if nobody owns it: of a hundred who try, one wins.

use centrala_domain::conversation::Conversation;
use centrala_domain::{AgentId, ConversationId};
use centrala_store::{Command, Ctx, Done, Tx};

use super::{ConversationError, change};

/// Takes a conversation for oneself, only if nobody owns it.
#[derive(Debug)]
pub struct ClaimConversation {
    /// Which.
    pub conversation: ConversationId,
    /// For whom.
    pub by: AgentId,
}

impl Command for ClaimConversation {
    type Out = Conversation;
    type Error = ConversationError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Conversation>, ConversationError> {
        change(ctx, tx, self.conversation, |it| it.claim(self.by)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scene;
    use centrala_domain::conversation::ChangeError;

    #[tokio::test]
    async fn claim_of_an_owned_conversation_names_its_owner_and_changes_nothing() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let owner = scene.agent.id;
        scene.store.execute(scene.origin(), ClaimConversation { conversation, by: owner }).await.unwrap();
        scene.store.take_events();
        let by = scene.store.new_id();
        let refused = scene.store.execute(scene.origin(), ClaimConversation { conversation, by }).await;
        let wanted = ChangeError::AlreadyAssigned { to: owner };
        assert!(matches!(refused, Err(ConversationError::Refused(error)) if error == wanted));
        assert_eq!(scene.store.events(), []);
    }
}
