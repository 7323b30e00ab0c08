//! Notes that a session was used, so that it does not end as idle.

use centrala_domain::LoginSessionId;
use centrala_store::{Command, Ctx, Done, Error, Tx, login_sessions};

/// Notes that a session was used. Once a minute is enough.
#[derive(Debug)]
pub struct NoteSessionUse {
    /// Which.
    pub session: LoginSessionId,
}

impl Command for NoteSessionUse {
    type Out = ();
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, Error> {
        login_sessions::touch(&ctx.scope, tx, self.session, ctx.now).await?;
        Ok(Done::unchanged(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::sessions::sign_in::tests::signed_in;
    use centrala_domain::permission::Role;
    use centrala_testkit::TestStore;
    use std::time::Duration;

    #[tokio::test]
    async fn use_moves_the_idle_limit_but_not_the_end() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let agent = shop.agent(Role::Agent).await;
        let session = signed_in(&store, &shop, &agent, "secret").await;
        let now = store.clock().advance(Duration::from_secs(3600));
        store.execute(shop.origin_of(&agent), NoteSessionUse { session: session.id }).await.unwrap();
        let mut reader = store.read().await.unwrap();
        let found = login_sessions::find(&shop.scope(), &mut reader, session.id).await.unwrap().unwrap();
        assert_eq!((found.last_seen_at, found.expires_at), (now, session.expires_at));
    }
}
