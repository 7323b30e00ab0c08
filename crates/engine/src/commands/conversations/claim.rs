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
