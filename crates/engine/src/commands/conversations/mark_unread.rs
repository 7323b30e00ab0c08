//! An agent wants a conversation shown as unread.

use centrala_domain::ConversationId;
use centrala_domain::conversation::Conversation;
use centrala_store::{Command, Ctx, Done, Tx};

use super::{ConversationError, change};

/// An agent wants a conversation shown as unread.
#[derive(Debug)]
pub struct MarkConversationUnread {
    /// Which.
    pub conversation: ConversationId,
}

impl Command for MarkConversationUnread {
    type Out = Conversation;
    type Error = ConversationError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Conversation>, ConversationError> {
        change(ctx, tx, self.conversation, |it| Ok(it.unread())).await
    }
}
