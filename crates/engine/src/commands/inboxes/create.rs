//! Connects an endpoint.

use centrala_domain::InboxId;
use centrala_domain::event::Event;
use centrala_domain::inbox::{ChannelConfig, Health, Inbox};
use centrala_store::{Command, Ctx, Done, Error, Tx, inboxes};

use super::endpoint;
use crate::commands::text;

/// Connects an endpoint. Nobody works in it yet.
#[derive(Debug)]
pub struct CreateInbox {
    /// Its id, made beforehand because its secrets are sealed for it.
    pub id: InboxId,
    /// What the team calls it.
    pub name: String,
    /// How it is reached.
    pub config: ChannelConfig,
    /// Its secrets: [`inboxes::seal`].
    pub sealed_secrets: Vec<u8>,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum CreateInboxError {
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

impl From<Error> for CreateInboxError {
    fn from(error: Error) -> Self {
        if error.is_conflict_on("endpoint") { Self::EndpointTaken } else { Self::Store(error) }
    }
}

impl Command for CreateInbox {
    type Out = Inbox;
    type Error = CreateInboxError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Inbox>, CreateInboxError> {
        let inbox = Inbox {
            id: self.id,
            name: text::name(&self.name).ok_or(CreateInboxError::Name)?,
            config: self.config.clone(),
            endpoint: endpoint(&self.config).ok_or(CreateInboxError::Endpoint)?,
            health: Health::default(),
            created_at: ctx.now,
        };
        inboxes::insert(&ctx.scope, tx, &inbox, &self.sealed_secrets).await?;
        Ok(Done::new(inbox, [Event::InboxCreated { inbox: self.id }]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_domain::inbox::WhatsappCloudConfig;
    use centrala_testkit::builders::{secrets, vault};
    use centrala_testkit::{TestStore, on_both_engines};

    fn create(store: &TestStore, phone_number_id: &str) -> CreateInbox {
        let id = store.new_id();
        CreateInbox {
            id,
            name: "Magazin".into(),
            config: ChannelConfig::WhatsappCloud(WhatsappCloudConfig {
                base_url: "https://graph.facebook.com".into(),
                api_version: "v26.0".into(),
                app_id: "1".into(),
                waba_id: "2".into(),
                phone_number_id: phone_number_id.into(),
                display_phone_number: None,
            }),
            sealed_secrets: inboxes::seal(&vault(), id, &secrets()).unwrap(),
        }
    }

    #[tokio::test]
    async fn number_is_connected_once_in_a_workspace() {
        on_both_engines(async |store| {
            let (shop, other) = (store.workspace().await, store.workspace().await);
            let inbox = store.execute(shop.origin(), create(&store, " 77 ")).await.unwrap();
            assert_eq!(inbox.endpoint, "77");
            assert_eq!(store.events(), [Event::InboxCreated { inbox: inbox.id }]);
            let refused = store.execute(shop.origin(), create(&store, "77")).await;
            assert!(matches!(refused, Err(CreateInboxError::EndpointTaken)));
            store.execute(other.origin(), create(&store, "77")).await.unwrap();
            let refused = store.execute(shop.origin(), create(&store, " ")).await;
            assert!(matches!(refused, Err(CreateInboxError::Endpoint)));
        })
        .await;
    }
}
