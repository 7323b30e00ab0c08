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
