//! An agent has seen everything.

use centrala_domain::ConversationId;
use centrala_domain::conversation::Conversation;
use centrala_store::{Command, Ctx, Done, Tx};

use super::{ConversationError, change};

/// An agent has seen everything.
#[derive(Debug)]
pub struct ReadConversation {
    /// Which.
    pub conversation: ConversationId,
}

impl Command for ReadConversation {
    type Out = Conversation;
    type Error = ConversationError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Conversation>, ConversationError> {
        change(ctx, tx, self.conversation, |it| Ok(it.read())).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::conversations::mark_unread::MarkConversationUnread;
    use crate::testing::Scene;
    use centrala_domain::event::Event;

    #[tokio::test]
    async fn read_conversation_has_nothing_unread_until_it_is_marked() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let read = || ReadConversation { conversation };
        let (_, events) = scene.folds("conversation_read", conversation, read()).await;
        assert_eq!(events, [Event::ConversationRead { conversation }]);
        assert_eq!(scene.folds("conversation_read_again", conversation, read()).await.1, []);
        let mark = || MarkConversationUnread { conversation };
        let (out, _) = scene.folds("conversation_marked_unread", conversation, mark()).await;
        assert_eq!(out.unread, 1);
        assert_eq!(scene.folds("conversation_marked_unread_again", conversation, mark()).await.1, []);
    }
}
