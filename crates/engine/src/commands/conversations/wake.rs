//! A snooze ran out.

use centrala_domain::ConversationId;
use centrala_domain::conversation::Conversation;
use centrala_store::write::JobEnd;
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
        let mut too_early = None;
        let done = change(ctx, tx, self.conversation, |it| {
            let events = it.wake(ctx.now);
            too_early = it.snoozed_until.filter(|until| events.is_empty() && *until > ctx.now);
            Ok(events)
        });
        let done = done.await?;
        // The clock was set back since the job was claimed: the appointment is still to come.
        Ok(match too_early {
            Some(at) => done.with_job(JobEnd::Again { at, note: "the clock was set back".into() }),
            None => done,
        })
    }
}
