//! Ends every other session of oneself.

use centrala_domain::LoginSessionId;
use centrala_domain::event::Event;
use centrala_store::{Command, Ctx, Done, Error, Tx, login_sessions};

use crate::commands::acting;

/// Ends every session of the acting agent but one; says how many.
#[derive(Debug)]
pub struct EndOtherSessions {
    /// The one that goes on.
    pub kept: LoginSessionId,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum EndOtherSessionsError {
    /// The actor has no such session.
    #[error("there is no such session")]
    NotFound,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for EndOtherSessions {
    type Out = u64;
    type Error = EndOtherSessionsError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<u64>, EndOtherSessionsError> {
        let kept = login_sessions::find(&ctx.scope, tx, self.kept).await?;
        let kept = kept.filter(|session| acting::agent(ctx) == Some(session.agent));
        let agent = kept.ok_or(EndOtherSessionsError::NotFound)?.agent;
        let ended = login_sessions::delete_of_agent(&ctx.scope, tx, agent, Some(self.kept)).await?;
        let events = (ended > 0).then_some(Event::SignedOut { agent });
        Ok(Done::new(ended, events))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sessions::sign_in::tests::signed_in;
    use centrala_domain::permission::Role;
    use centrala_testkit::TestStore;
    use centrala_testkit::clock::START;

    #[tokio::test]
    async fn other_sessions_end_and_those_of_others_do_not() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let (agent, other) = (shop.agent(Role::Agent).await, shop.agent(Role::Agent).await);
        let kept = signed_in(&store, &shop, &agent, "one").await;
        signed_in(&store, &shop, &agent, "two").await;
        let theirs = signed_in(&store, &shop, &other, "three").await;
        store.take_events();

        let end = || EndOtherSessions { kept: kept.id };
        let refused = store.execute(shop.origin_of(&other), end()).await;
        assert!(matches!(refused, Err(EndOtherSessionsError::NotFound)));
        assert_eq!(store.execute(shop.origin_of(&agent), end()).await.unwrap(), 1);
        assert_eq!(store.execute(shop.origin_of(&agent), end()).await.unwrap(), 0);
        assert_eq!(store.events(), [Event::SignedOut { agent: agent.id }]);
        let mut reader = store.read().await.unwrap();
        for (of, left) in [(&agent, kept), (&other, theirs)] {
            let sessions = login_sessions::list_of_agent(&shop.scope(), &mut reader, of.id, START).await;
            assert_eq!(sessions.unwrap(), [left]);
        }
    }
}
