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
