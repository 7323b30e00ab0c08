//! A snooze ran out.

use centrala_domain::ConversationId;
use centrala_domain::conversation::Conversation;
use centrala_store::{Command, Ctx, Done, Tx};

use super::{ConversationError, change};

/// A snooze ran out.
#[derive(Debug)]
pub struct WakeConversation {
    /// Which.
    pub conversation: ConversationId,
}

impl Command for WakeConversation {
    type Out = Conversation;
    type Error = ConversationError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Conversation>, ConversationError> {
        change(ctx, tx, self.conversation, |it| Ok(it.wake(ctx.now))).await
    }
}
