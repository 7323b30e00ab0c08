//! Gives a conversation back to everyone.

use centrala_domain::ConversationId;
use centrala_domain::conversation::Conversation;
use centrala_store::{Command, Ctx, Done, Tx};

use super::{ConversationError, change};

/// Gives a conversation back to everyone.
#[derive(Debug)]
pub struct UnassignConversation {
    /// Which.
    pub conversation: ConversationId,
}

impl Command for UnassignConversation {
    type Out = Conversation;
    type Error = ConversationError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Conversation>, ConversationError> {
        change(ctx, tx, self.conversation, |it| Ok(it.unassign())).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::conversations::claim::ClaimConversation;
    use crate::testing::Scene;
    use centrala_domain::event::Event;

    #[tokio::test]
    async fn conversation_given_back_has_no_owner() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let from = scene.agent.id;
        let claim = ClaimConversation { conversation, by: from };
        scene.folds("conversation_claimed", conversation, claim).await;
        let unassign = || UnassignConversation { conversation };
        let (_, events) = scene.folds("conversation_unassigned", conversation, unassign()).await;
        assert_eq!(events, [Event::ConversationUnassigned { conversation, from }]);
        assert_eq!(scene.folds("conversation_unassigned_again", conversation, unassign()).await.1, []);
    }
}
