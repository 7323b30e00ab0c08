//! An agent asks for a new attempt of a message that failed, or whose outcome nobody knows.

use centrala_domain::MessageId;
use centrala_domain::event::Event;
use centrala_domain::limits::Limits;
use centrala_domain::message::{DeliveryStatus, Direction, Message};
use centrala_store::messages::StatusChange;
use centrala_store::{Command, Ctx, Done, Error, Tx, conversations, messages};

use super::send::{SendError, check_window};

/// Asks for a new attempt.
#[derive(Debug)]
pub struct RetryMessage {
    /// Of which message.
    pub message: MessageId,
    /// What the inbox's channel can carry.
    pub limits: &'static Limits,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    /// There is none that the actor may see.
    #[error("there is no such message")]
    NotFound,
    /// It neither failed nor is its outcome unknown.
    #[error("only a message that failed or whose outcome is unknown is tried again")]
    NotFailed {
        /// How it stands.
        status: DeliveryStatus,
    },
    /// It may not go out now.
    #[error(transparent)]
    Send(#[from] SendError),
}

impl From<Error> for RetryError {
    fn from(error: Error) -> Self {
        Self::Send(SendError::Store(error))
    }
}

impl Command for RetryMessage {
    type Out = Message;
    type Error = RetryError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Message>, RetryError> {
        let found = messages::find(&ctx.scope, tx, self.message).await?;
        let mut message = found.filter(|it| it.direction == Direction::Out).ok_or(RetryError::NotFound)?;
        let state = messages::send_state(&ctx.scope, tx, message.id).await?.ok_or(RetryError::NotFound)?;
        if !state.status.may_retry() || state.attempt == 0 {
            return Err(RetryError::NotFailed { status: state.status });
        }
        let conversation = conversations::find(&ctx.scope, tx, message.conversation).await?;
        check_window(&conversation.ok_or(RetryError::NotFound)?, self.limits, ctx.now)?;
        let attempt = state.attempt + 1;
        let change = StatusChange {
            status: DeliveryStatus::Queued,
            error_code: None,
            attempt,
            needs_decision: false,
            upstream_id: None,
        };
        messages::set_status(&ctx.scope, tx, message.id, &change).await?;
        message.status = DeliveryStatus::Queued;
        message.error_code = None;
        let event = Event::MessageQueued {
            conversation: message.conversation,
            message: message.id,
            content_kind: message.content.kind().to_owned(),
            position: message.position,
            attempt,
            is_listed: message.content.is_listed(),
        };
        Ok(Done::new(message, [event]))
    }
}
