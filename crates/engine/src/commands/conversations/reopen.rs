//! Opens a conversation again.

use centrala_domain::ConversationId;
use centrala_domain::conversation::Conversation;
use centrala_store::{Command, Ctx, Done, Tx};

use super::{ConversationError, change};

/// Opens a conversation again.
#[derive(Debug)]
pub struct ReopenConversation {
    /// Which.
    pub conversation: ConversationId,
}

impl Command for ReopenConversation {
    type Out = Conversation;
    type Error = ConversationError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Conversation>, ConversationError> {
        change(ctx, tx, self.conversation, |it| Ok(it.reopen())).await
    }
}
