//! Notes that a token was used, so that its owner sees which ones are.

use centrala_domain::ApiTokenId;
use centrala_store::{Command, Ctx, Done, Error, Tx, api_tokens};

/// Notes that a token was used. Once a minute is enough.
#[derive(Debug)]
pub struct NoteApiTokenUse {
    /// Which.
    pub token: ApiTokenId,
}

impl Command for NoteApiTokenUse {
    type Out = ();
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, Error> {
        api_tokens::touch(&ctx.scope, tx, self.token, ctx.now).await?;
        Ok(Done::unchanged(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::tokens::create::tests::created;
    use centrala_domain::permission::Role;
    use centrala_testkit::TestStore;
    use centrala_testkit::clock::START;

    #[tokio::test]
    async fn use_of_a_token_is_noted() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let agent = shop.agent(Role::Agent).await;
        let token = created(&store, &shop, &agent, "secret").await;
        store.execute(shop.origin_of(&agent), NoteApiTokenUse { token: token.id }).await.unwrap();
        let mut reader = store.read().await.unwrap();
        let found = api_tokens::find(&shop.scope(), &mut reader, token.id).await.unwrap().unwrap();
        assert_eq!(found.last_used_at, Some(START));
    }
}
