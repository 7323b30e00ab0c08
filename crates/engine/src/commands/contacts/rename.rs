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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Scene, inbound, text};
    use centrala_domain::inbound::Item;

    fn named(id: &str, name: &str, at: centrala_domain::Timestamp) -> Item {
        let mut item = inbound(id, text("hi"), at);
        if let Item::Message(message) = &mut item {
            message.from.name = Some(Private::from(name));
        }
        item
    }

    #[tokio::test]
    async fn agents_name_stays_until_it_is_given_back() {
        let scene = Scene::new().await;
        let contact = scene.customer_writes("wamid.1").await.contact;
        let rename = |name: Option<&str>| RenameContact { contact, name: name.map(Private::from) };
        let named_by_agent = scene.store.execute(scene.origin(), rename(Some(" Ana "))).await.unwrap();
        assert_eq!(named_by_agent.name, Some(Private::from("Ana")));
        assert_eq!(scene.store.take_events(), [Event::ContactChanged { contact }]);
        scene.store.execute(scene.origin(), rename(Some("Ana"))).await.unwrap();
        assert_eq!(scene.store.take_events(), []);
        scene.receive([named("wamid.2", "~ana~", scene.now())]).await;
        let name = async || {
            let mut reader = scene.store.read().await.unwrap();
            contacts::find(&scene.scope(), &mut reader, contact).await.unwrap().unwrap().name.unwrap()
        };
        assert_eq!(name().await, Private::from("Ana"));
        scene.store.execute(scene.origin(), rename(None)).await.unwrap();
        assert_eq!(name().await, Private::from("Ana"));
        scene.receive([named("wamid.3", "~ana~", scene.now())]).await;
        assert_eq!(name().await, Private::from("~ana~"));
    }

    #[tokio::test]
    async fn name_is_neither_empty_nor_endless_and_the_contact_is_there() {
        let scene = Scene::new().await;
        let contact = scene.customer_writes("wamid.1").await.contact;
        for name in ["", "  ", &"x".repeat(121)] {
            let rename = RenameContact { contact, name: Some(Private::from(name)) };
            let refused = scene.store.execute(scene.origin(), rename).await;
            assert!(matches!(refused, Err(RenameContactError::Name)));
        }
        let nobody = RenameContact { contact: scene.store.new_id(), name: None };
        assert!(matches!(
            scene.store.execute(scene.origin(), nobody).await,
            Err(RenameContactError::NotFound)
        ));
    }
}
