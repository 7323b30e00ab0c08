//! Ends a session.

use centrala_domain::LoginSessionId;
use centrala_domain::event::Event;
use centrala_domain::permission::Permission;
use centrala_store::{Command, Ctx, Done, Error, Tx, login_sessions};

use crate::commands::acting;

/// Ends a session: one's own, or, by those who manage agents, somebody else's.
#[derive(Debug)]
pub struct SignOut {
    /// Which.
    pub session: LoginSessionId,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum SignOutError {
    /// There is none that the actor may end.
    #[error("there is no such session")]
    NotFound,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for SignOut {
    type Out = ();
    type Error = SignOutError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, SignOutError> {
        let session =
            login_sessions::find(&ctx.scope, tx, self.session).await?.ok_or(SignOutError::NotFound)?;
        let is_own = acting::agent(ctx) == Some(session.agent);
        if !is_own && !acting::role(ctx, tx).await?.may(Permission::ManageAgents) {
            return Err(SignOutError::NotFound);
        }
        login_sessions::delete(&ctx.scope, tx, self.session).await?;
        Ok(Done::new((), [Event::SignedOut { agent: session.agent }]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sessions::sign_in::tests::signed_in;
    use centrala_domain::permission::Role;
    use centrala_testkit::TestStore;

    #[tokio::test]
    async fn session_is_ended_by_its_owner_or_by_an_admin_and_only_once() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let (admin, other) = (shop.agent(Role::Admin).await, shop.agent(Role::Agent).await);
        let agent = shop.agent(Role::Agent).await;
        for ended_by in [&agent, &admin] {
            let session = signed_in(&store, &shop, &agent, "secret").await;
            store.take_events();
            let out = || SignOut { session: session.id };
            let refused = store.execute(shop.origin_of(&other), out()).await;
            assert!(matches!(refused, Err(SignOutError::NotFound)));
            store.execute(shop.origin_of(ended_by), out()).await.unwrap();
            assert_eq!(store.take_events(), [Event::SignedOut { agent: agent.id }]);
            let again = store.execute(shop.origin_of(ended_by), out()).await;
            assert!(matches!(again, Err(SignOutError::NotFound)));
        }
    }
}
