//! Makes an API token of oneself.

use centrala_domain::event::Event;
use centrala_store::api_tokens::ApiToken;
use centrala_store::{Command, Ctx, Done, Error, Tx, api_tokens};

use crate::commands::{acting, text};

/// Makes an API token that acts as whoever makes it.
#[derive(Debug)]
pub struct CreateApiToken {
    /// What it is for.
    pub name: String,
    /// Hash of its secret.
    pub secret_hash: Vec<u8>,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum CreateApiTokenError {
    /// The actor is no agent.
    #[error("a token belongs to an agent")]
    NotAnAgent,
    /// The name is empty, too long, or has control characters.
    #[error("a token's name has 1 to 100 characters")]
    Name,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for CreateApiToken {
    type Out = ApiToken;
    type Error = CreateApiTokenError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<ApiToken>, CreateApiTokenError> {
        let token = ApiToken {
            id: ctx.new_id(),
            agent: acting::agent(ctx).ok_or(CreateApiTokenError::NotAnAgent)?,
            name: text::name(&self.name).ok_or(CreateApiTokenError::Name)?,
            created_at: ctx.now,
            last_used_at: None,
            revoked_at: None,
        };
        api_tokens::insert(&ctx.scope, tx, &token, &self.secret_hash).await?;
        let event = Event::ApiTokenCreated { token: token.id, agent: token.agent };
        Ok(Done::new(token, [event]))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use centrala_domain::agent::Agent;
    use centrala_domain::permission::Role;
    use centrala_store::login_sessions::hash_secret;
    use centrala_testkit::{TestStore, TestWorkspace};

    /// A token of an agent, with that secret.
    pub(crate) async fn created(
        store: &TestStore,
        shop: &TestWorkspace<'_>,
        agent: &Agent,
        secret: &str,
    ) -> ApiToken {
        let command = CreateApiToken { name: "crm".into(), secret_hash: hash_secret(secret) };
        store.execute(shop.origin_of(agent), command).await.expect("he may make a token")
    }

    #[tokio::test]
    async fn token_acts_as_whoever_made_it() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let agent = shop.agent(Role::Agent).await;
        let token = created(&store, &shop, &agent, "secret").await;
        assert_eq!(store.events(), [Event::ApiTokenCreated { token: token.id, agent: agent.id }]);
        let mut reader = store.read().await.unwrap();
        let bearer = api_tokens::find_by_secret_hash(&mut reader, &hash_secret("secret")).await.unwrap();
        let bearer = bearer.unwrap();
        assert_eq!((bearer.token, bearer.workspace, bearer.agent), (token, shop.id(), agent));
    }

    #[tokio::test]
    async fn product_itself_has_no_token() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let command = CreateApiToken { name: "crm".into(), secret_hash: vec![1] };
        let refused = store.execute(shop.origin(), command).await;
        assert!(matches!(refused, Err(CreateApiTokenError::NotAnAgent)));
    }
}
