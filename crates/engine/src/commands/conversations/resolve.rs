//! Closes the matter.

use centrala_domain::ConversationId;
use centrala_domain::conversation::Conversation;
use centrala_store::{Command, Ctx, Done, Tx};

use super::{ConversationError, change};

/// Closes the matter.
#[derive(Debug)]
pub struct ResolveConversation {
    /// Which.
    pub conversation: ConversationId,
}

impl Command for ResolveConversation {
    type Out = Conversation;
    type Error = ConversationError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Conversation>, ConversationError> {
        change(ctx, tx, self.conversation, |it| Ok(it.resolve(ctx.now))).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::conversations::reopen::ReopenConversation;
    use crate::testing::{Scene, inbound, text};
    use centrala_domain::conversation::Status;
    use centrala_domain::event::Event;
    use std::time::Duration;

    #[tokio::test]
    async fn resolved_conversation_wants_nothing_and_can_be_opened_again() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let resolve = || ResolveConversation { conversation };
        let (out, events) = scene.folds("conversation_resolved", conversation, resolve()).await;
        assert_eq!(events, [Event::ConversationResolved { conversation, at: scene.now() }]);
        assert_eq!((out.status, out.unread), (Status::Resolved, 0));
        assert_eq!(scene.folds("conversation_resolved_again", conversation, resolve()).await.1, []);
        let reopen = ReopenConversation { conversation };
        let (out, _) = scene.folds("conversation_reopened", conversation, reopen).await;
        assert_eq!((out.status, out.resolved_at), (Status::Open, None));
    }

    #[tokio::test]
    async fn message_within_a_day_takes_the_matter_up_again_and_a_later_one_opens_a_new_one() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let resolve = || ResolveConversation { conversation };
        scene.store.execute(scene.origin(), resolve()).await.unwrap();
        scene.store.clock().advance(Duration::from_secs(24 * 3600 - 1));
        assert_eq!(scene.customer_writes("wamid.2").await.id, conversation);
        assert_eq!(scene.conversation(conversation).await.status, Status::Open);
        scene.store.execute(scene.origin(), resolve()).await.unwrap();
        scene.store.clock().advance(Duration::from_secs(24 * 3600));
        let another = scene.customer_writes("wamid.3").await;
        assert_ne!(another.id, conversation);
        let reopen =
            scene.store.execute(scene.origin(), super::super::reopen::ReopenConversation { conversation });
        assert!(matches!(reopen.await, Err(ConversationError::AnotherIsOpen)));
        // An answer that was under way for long still belongs to what was open when it was written.
        scene
            .receive([inbound("wamid.4", text("late"), another.created_at.minus(Duration::from_secs(1)))])
            .await;
        assert_eq!(scene.message_of("wamid.4").await.conversation, another.id);
    }
}
