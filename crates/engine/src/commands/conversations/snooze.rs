//! Hides a conversation until a time, or until the customer writes.

use centrala_domain::ConversationId;
use centrala_domain::conversation::Conversation;
use centrala_store::{Command, Ctx, Done, Tx};

use super::{ConversationError, change};

/// Hides a conversation until a time, or until the customer writes.
#[derive(Debug)]
pub struct SnoozeConversation {
    /// Which.
    pub conversation: ConversationId,
    /// Until when.
    pub until: centrala_domain::Timestamp,
}

impl Command for SnoozeConversation {
    type Out = Conversation;
    type Error = ConversationError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Conversation>, ConversationError> {
        change(ctx, tx, self.conversation, |it| it.snooze(self.until, ctx.now)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::conversations::wake::WakeConversation;
    use crate::testing::Scene;
    use centrala_domain::conversation::{ChangeError, Status};
    use centrala_domain::event::Event;
    use std::time::Duration;

    #[tokio::test]
    async fn snoozed_conversation_comes_back_at_its_time_and_not_before() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let until = scene.now().plus(Duration::from_secs(60));
        let snooze = SnoozeConversation { conversation, until };
        let (_, events) = scene.folds("conversation_snoozed", conversation, snooze).await;
        assert_eq!(events, [Event::ConversationSnoozed { conversation, until }]);
        scene.store.clock().advance(Duration::from_secs(59));
        let wake = || WakeConversation { conversation };
        assert_eq!(scene.folds("conversation_woken_early", conversation, wake()).await.1, []);
        scene.store.clock().advance(Duration::from_secs(1));
        let (out, _) = scene.folds("conversation_woken", conversation, wake()).await;
        assert_eq!((out.status, out.snoozed_until), (Status::Open, None));
        let past = SnoozeConversation { conversation, until: scene.now() };
        let refused = scene.store.execute(scene.origin(), past).await;
        assert!(matches!(refused, Err(ConversationError::Refused(ChangeError::SnoozeInThePast))));
    }
}
