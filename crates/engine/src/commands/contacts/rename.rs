//! An agent writes a customer's name. From then on the channel does not change it.

use centrala_domain::contact::Contact;
use centrala_domain::event::Event;
use centrala_domain::{ContactId, Private};
use centrala_store::{Command, Ctx, Done, Error, Tx, contacts};

/// An agent writes a customer's name; no name gives it back to the channel.
#[derive(Debug)]
pub struct RenameContact {
    /// Whom.
    pub contact: ContactId,
    /// The name, 1 to 120 characters.
    pub name: Option<Private>,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum RenameContactError {
    /// There is none that the actor may see.
    #[error("there is no such contact")]
    NotFound,
    /// Empty or longer than 120 characters.
    #[error("a contact's name has 1 to 120 characters")]
    Name,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for RenameContact {
    type Out = Contact;
    type Error = RenameContactError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Contact>, RenameContactError> {
        let mut contact =
            contacts::find(&ctx.scope, tx, self.contact).await?.ok_or(RenameContactError::NotFound)?;
        if let Some(name) = &self.name
            && !(1..=120).contains(&name.expose().trim().chars().count())
        {
            return Err(RenameContactError::Name);
        }
        let name = self.name.as_ref().map(|name| Private::new(name.expose().trim().to_owned()));
        let is_set_by_agent = name.is_some();
        if contact.name == name && contact.is_name_set_by_agent == is_set_by_agent {
            return Ok(Done::unchanged(contact));
        }
        // Giving it back keeps the text until the customer is seen again.
        contact.name = name.or(contact.name);
        contact.is_name_set_by_agent = is_set_by_agent;
        contact.updated_at = ctx.now;
        contacts::set_name(&ctx.scope, tx, contact.id, contact.name.as_ref(), is_set_by_agent, ctx.now)
            .await?;
        Ok(Done::new(contact, [Event::ContactChanged { contact: self.contact }]))
    }
}
