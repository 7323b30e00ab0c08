//! Changes name, settings or credentials of an inbox.

use centrala_domain::InboxId;
use centrala_domain::event::Event;
use centrala_domain::inbox::{ChannelConfig, Inbox};
use centrala_store::{Command, Ctx, Done, Error, Tx, inboxes};

use super::endpoint;
use crate::commands::text;

/// Changes name, settings or credentials of an inbox; what is absent stays. That new credentials work is known
/// only when the channel accepts them.
#[derive(Debug)]
pub struct ChangeInbox {
    /// Which.
    pub inbox: InboxId,
    /// New name.
    pub name: Option<String>,
    /// New settings.
    pub config: Option<ChannelConfig>,
    /// New secrets: [`inboxes::seal`].
    pub sealed_secrets: Option<Vec<u8>>,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum ChangeInboxError {
    /// There is none in this workspace.
    #[error("there is no such inbox")]
    NotFound,
    /// Another inbox has this endpoint.
    #[error("this number is already connected")]
    EndpointTaken,
    /// The settings do not say which endpoint.
    #[error("the channel's id of the number is missing")]
    Endpoint,
    /// The name is empty, too long, or has control characters.
    #[error("an inbox's name has 1 to 100 characters")]
    Name,
    /// The database.
    #[error(transparent)]
    Store(Error),
}

impl From<Error> for ChangeInboxError {
    fn from(error: Error) -> Self {
        if error.is_conflict_on("endpoint") { Self::EndpointTaken } else { Self::Store(error) }
    }
}

impl Command for ChangeInbox {
    type Out = Inbox;
    type Error = ChangeInboxError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Inbox>, ChangeInboxError> {
        let before = inboxes::find(&ctx.scope, tx, self.inbox).await?.ok_or(ChangeInboxError::NotFound)?;
        let mut inbox = before.clone();
        if let Some(name) = &self.name {
            inbox.name = text::name(name).ok_or(ChangeInboxError::Name)?;
        }
        if let Some(config) = &self.config {
            inbox.endpoint = endpoint(config).ok_or(ChangeInboxError::Endpoint)?;
            inbox.config = config.clone();
        }
        if inbox == before && self.sealed_secrets.is_none() {
            return Ok(Done::unchanged(inbox));
        }
        inboxes::update(&ctx.scope, tx, &inbox).await?;
        if let Some(sealed_secrets) = &self.sealed_secrets {
            inboxes::set_secrets(&ctx.scope, tx, self.inbox, sealed_secrets).await?;
        }
        Ok(Done::new(inbox, [Event::InboxChanged { inbox: self.inbox }]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_domain::Private;
    use centrala_testkit::TestStore;
    use centrala_testkit::builders::{secrets, vault};

    #[tokio::test]
    async fn new_secrets_replace_the_old_ones_and_the_rest_stays() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let inbox = shop.inbox().await;
        let mut newer = secrets();
        newer.access_token = Private::from("newer");
        let command = ChangeInbox {
            inbox: inbox.id,
            name: None,
            config: None,
            sealed_secrets: Some(inboxes::seal(&vault(), inbox.id, &newer).unwrap()),
        };
        assert_eq!(store.execute(shop.origin(), command).await.unwrap(), inbox);
        assert_eq!(store.events(), [Event::InboxChanged { inbox: inbox.id }]);
        let mut reader = store.read().await.unwrap();
        let connection = inboxes::connection(&shop.scope(), &mut reader, inbox.id, &vault()).await;
        assert_eq!(connection.unwrap().unwrap().secrets, newer);
    }

    #[tokio::test]
    async fn endpoint_of_another_inbox_is_refused() {
        let store = TestStore::sqlite().await;
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let (one, two) = (shop.inbox().await, shop.inbox().await);
        let change = |config: Option<ChannelConfig>| ChangeInbox {
            inbox: one.id,
            name: Some("Depozit".into()),
            config,
            sealed_secrets: None,
        };
        let refused = store.execute(shop.origin(), change(Some(two.config.clone()))).await;
        assert!(matches!(refused, Err(ChangeInboxError::EndpointTaken)));
        let refused = store.execute(other.origin(), change(None)).await;
        assert!(matches!(refused, Err(ChangeInboxError::NotFound)));
        assert_eq!(store.execute(shop.origin(), change(None)).await.unwrap().name, "Depozit");
        assert_eq!(store.take_events().len(), 1);
        store.execute(shop.origin(), change(Some(one.config.clone()))).await.unwrap();
        assert!(store.events().is_empty());
    }
}
