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
