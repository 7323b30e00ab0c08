//! Revokes an API token.

use centrala_domain::ApiTokenId;
use centrala_domain::event::Event;
use centrala_domain::permission::Permission;
use centrala_store::{Command, Ctx, Done, Error, Tx, api_tokens};

use crate::commands::acting;

/// Revokes a token: one's own, or, by those who manage agents, somebody else's.
#[derive(Debug)]
pub struct RevokeApiToken {
    /// Which.
    pub token: ApiTokenId,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum RevokeApiTokenError {
    /// There is none that the actor may revoke.
    #[error("there is no such token")]
    NotFound,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for RevokeApiToken {
    type Out = ();
    type Error = RevokeApiTokenError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, RevokeApiTokenError> {
        let token =
            api_tokens::find(&ctx.scope, tx, self.token).await?.ok_or(RevokeApiTokenError::NotFound)?;
        let is_own = acting::agent(ctx) == Some(token.agent);
        if !is_own && !acting::role(ctx, tx).await?.may(Permission::ManageAgents) {
            return Err(RevokeApiTokenError::NotFound);
        }
        let is_news = api_tokens::revoke(&ctx.scope, tx, self.token, ctx.now).await?;
        let event = Event::ApiTokenRevoked { token: self.token, agent: token.agent };
        Ok(Done::new((), is_news.then_some(event)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::tokens::create::tests::created;
    use centrala_domain::permission::Role;
    use centrala_store::login_sessions::hash_secret;
    use centrala_testkit::TestStore;

    #[tokio::test]
    async fn revoked_token_is_good_for_nothing_and_stays_revoked() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let (agent, other) = (shop.agent(Role::Agent).await, shop.agent(Role::Agent).await);
        let admin = shop.agent(Role::Admin).await;
        let token = created(&store, &shop, &agent, "secret").await;
        store.take_events();
        let revoke = || RevokeApiToken { token: token.id };
        let refused = store.execute(shop.origin_of(&other), revoke()).await;
        assert!(matches!(refused, Err(RevokeApiTokenError::NotFound)));
        store.execute(shop.origin_of(&agent), revoke()).await.unwrap();
        store.execute(shop.origin_of(&admin), revoke()).await.unwrap();
        assert_eq!(store.events(), [Event::ApiTokenRevoked { token: token.id, agent: agent.id }]);
        let mut reader = store.read().await.unwrap();
        let bearer = api_tokens::find_by_secret_hash(&mut reader, &hash_secret("secret")).await;
        assert_eq!(bearer.unwrap(), None);
    }
}
