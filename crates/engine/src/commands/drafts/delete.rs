//! Deletes what an agent has begun to write.

use centrala_domain::ConversationId;
use centrala_store::{Command, Ctx, Done, Error, Tx, drafts};

use crate::commands::acting;

/// Deletes the acting agent's draft in a conversation, also in one that he does not see any more; says whether there
/// was one.
#[derive(Debug)]
pub struct DeleteDraft {
    /// Where.
    pub conversation: ConversationId,
}

impl Command for DeleteDraft {
    type Out = bool;
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<bool>, Error> {
        let Some(agent) = acting::agent(ctx) else { return Ok(Done::unchanged(false)) };
        Ok(Done::unchanged(drafts::delete(&ctx.scope, tx, agent, self.conversation).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::drafts::save::SaveDraft;
    use centrala_domain::Private;
    use centrala_domain::draft::DraftMode;
    use centrala_domain::permission::Role;
    use centrala_testkit::TestStore;

    #[tokio::test]
    async fn only_ones_own_draft_goes_and_a_second_time_nothing_does() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let inbox = shop.inbox().await;
        let (ana, ion) = (shop.agent(Role::Agent).await, shop.agent(Role::Agent).await);
        shop.join(&inbox, &[&ana, &ion]).await;
        let conversation = shop.conversation(&inbox).await.id;
        for agent in [&ana, &ion] {
            let text = Private::from("x");
            let save =
                SaveDraft { conversation, mode: DraftMode::Note, text, reply_to: None, media: Vec::new() };
            store.execute(shop.origin_of(agent), save).await.unwrap();
        }
        let delete = async |origin| store.execute(origin, DeleteDraft { conversation }).await.unwrap();
        assert!(!delete(shop.origin()).await);
        // He has left the inbox.
        shop.join(&inbox, &[&ion]).await;
        assert!(delete(shop.origin_of(&ana)).await);
        assert!(!delete(shop.origin_of(&ana)).await);
        let mut reader = store.read().await.unwrap();
        let left = drafts::find(&shop.scope(), &mut reader, ion.id, conversation).await.unwrap();
        assert_eq!(left.unwrap().text.expose(), "x");
    }
}
