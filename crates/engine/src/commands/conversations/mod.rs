//! What is done with a conversation. Each command finds it within the actor's scope, asks the domain what
//! changes, and saves it.

pub mod assign;
pub mod claim;
pub mod mark_unread;
pub mod read;
pub mod reopen;
pub mod resolve;
pub mod snooze;
pub mod unassign;
pub mod wake;

use centrala_domain::ConversationId;
use centrala_domain::conversation::{ChangeError, Conversation};
use centrala_domain::event::Event;
use centrala_store::{Ctx, Done, Error, Tx, conversations};

/// Why a change of a conversation is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConversationError {
    /// There is none that the actor may see.
    #[error("there is no such conversation")]
    NotFound,
    /// The agent is not there, is disabled, or does not work in the inbox.
    #[error("that agent cannot own this conversation")]
    NotAnOwner,
    /// The life cycle does not allow it.
    #[error(transparent)]
    Refused(#[from] ChangeError),
    /// The customer has a newer open conversation; this one stays closed.
    #[error("the customer already has another open conversation")]
    AnotherIsOpen,
    /// The database.
    #[error(transparent)]
    Store(Error),
}

impl From<Error> for ConversationError {
    fn from(error: Error) -> Self {
        if error.is_conflict_on("conversations") { Self::AnotherIsOpen } else { Self::Store(error) }
    }
}

/// Loads, lets `change` decide, saves when there is a fact.
pub(crate) async fn change<E: IntoIterator<Item = Event>>(
    ctx: &Ctx,
    tx: &mut Tx,
    id: ConversationId,
    change: impl FnOnce(&mut Conversation) -> Result<E, ChangeError> + Send,
) -> Result<Done<Conversation>, ConversationError> {
    let found = conversations::find(&ctx.scope, tx, id).await?;
    let mut conversation = found.ok_or(ConversationError::NotFound)?;
    let events: Vec<Event> = change(&mut conversation)?.into_iter().collect();
    if events.is_empty() {
        return Ok(Done::unchanged(conversation));
    }
    conversations::save(&ctx.scope, tx, &conversation).await?;
    Ok(Done::new(conversation, events))
}
