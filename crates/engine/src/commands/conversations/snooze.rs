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
