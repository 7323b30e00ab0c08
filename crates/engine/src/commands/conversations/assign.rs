//! Gives a conversation to an agent, whoever owned it before.

use centrala_domain::conversation::Conversation;
use centrala_domain::permission::Scope;
use centrala_domain::{AgentId, ConversationId};
use centrala_store::{Command, Ctx, Done, Tx, agents, conversations};

use super::{ConversationError, change};

/// Gives a conversation to an agent, whoever owned it before.
#[derive(Debug)]
pub struct AssignConversation {
    /// Which.
    pub conversation: ConversationId,
    /// To whom.
    pub to: AgentId,
}

impl Command for AssignConversation {
    type Out = Conversation;
    type Error = ConversationError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Conversation>, ConversationError> {
        if !conversations::is_visible(&ctx.scope, tx, self.conversation).await? {
            return Err(ConversationError::NotFound);
        }
        let owner = agents::find(&ctx.scope, tx, self.to).await?;
        let owner = owner.filter(|agent| agent.disabled_at.is_none()).ok_or(ConversationError::NotAnOwner)?;
        // Whoever owns a conversation must be able to see it.
        let his_scope = Scope::of(ctx.scope.workspace, owner.id, owner.role);
        if !conversations::is_visible(&his_scope, tx, self.conversation).await? {
            return Err(ConversationError::NotAnOwner);
        }
        change(ctx, tx, self.conversation, |it| Ok(it.assign(self.to))).await
    }
}
