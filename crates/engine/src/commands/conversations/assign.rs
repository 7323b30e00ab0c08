//! Gives a conversation to an agent, whoever owned it before.

use centrala_domain::conversation::Conversation;
use centrala_domain::permission::Scope;
use centrala_domain::{AgentId, ConversationId};
use centrala_store::{Command, Ctx, Done, Tx, agents, conversations};

use super::{ConversationError, change};

/// Gives a conversation to an agent, whoever owned it before.
#[derive(Debug)]
pub struct AssignConversation {
    /// Which.
    pub conversation: ConversationId,
    /// To whom.
    pub to: AgentId,
}

impl Command for AssignConversation {
    type Out = Conversation;
    type Error = ConversationError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Conversation>, ConversationError> {
        if !conversations::is_visible(&ctx.scope, tx, self.conversation).await? {
            return Err(ConversationError::NotFound);
        }
        let owner = agents::find(&ctx.scope, tx, self.to).await?;
        let owner = owner.filter(|agent| agent.disabled_at.is_none()).ok_or(ConversationError::NotAnOwner)?;
        // Whoever owns a conversation must be able to see it.
        let his_scope = Scope::of(ctx.scope.workspace, owner.id, owner.role);
        if !conversations::is_visible(&his_scope, tx, self.conversation).await? {
            return Err(ConversationError::NotAnOwner);
        }
        change(ctx, tx, self.conversation, |it| Ok(it.assign(self.to))).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scene;
    use centrala_domain::event::Event;
    use centrala_domain::permission::Role;

    #[tokio::test]
    async fn assigned_conversation_has_its_owner_and_again_changes_nothing() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let to = scene.agent.id;
        let assign = || AssignConversation { conversation, to };
        let (out, events) = scene.folds("conversation_assigned", conversation, assign()).await;
        assert_eq!(events, [Event::ConversationAssigned { conversation, to, from: None }]);
        assert_eq!((out.assignee, out), (Some(to), scene.conversation(conversation).await));
        let (_, events) = scene.folds("conversation_assigned_again", conversation, assign()).await;
        assert_eq!(events, []);
    }

    #[tokio::test]
    async fn owner_must_be_one_who_sees_the_conversation() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let shop = scene.store.workspace().await;
        let stranger = shop.agent(Role::Owner).await;
        for to in [stranger.id, scene.store.new_id()] {
            let refused = scene.store.execute(scene.origin(), AssignConversation { conversation, to }).await;
            assert!(matches!(refused, Err(ConversationError::NotAnOwner)));
        }
        let origin = shop.origin_of(&stranger);
        let assign = AssignConversation { conversation, to: stranger.id };
        let refused = scene.store.execute(origin, assign).await;
        assert!(matches!(refused, Err(ConversationError::NotFound)));
        assert_eq!(scene.store.events(), []);
    }
}
