//! Deletes an internal note.

use centrala_domain::NoteId;
use centrala_domain::event::Event;
use centrala_domain::permission::Role;
use centrala_store::{Command, Ctx, Done, Error, Tx, conversations, notes};

use crate::commands::acting;

/// Deletes an internal note: one's own, or, by an admin, anybody's.
#[derive(Debug)]
pub struct DeleteNote {
    /// Which.
    pub note: NoteId,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum DeleteNoteError {
    /// There is none that the actor may see.
    #[error("there is no such note")]
    NotFound,
    /// Somebody else wrote it.
    #[error("only its author or an admin deletes a note")]
    NotAllowed,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for DeleteNote {
    type Out = ();
    type Error = DeleteNoteError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, DeleteNoteError> {
        let note = notes::find(&ctx.scope, tx, self.note).await?.ok_or(DeleteNoteError::NotFound)?;
        if !conversations::is_visible(&ctx.scope, tx, note.conversation).await? {
            return Err(DeleteNoteError::NotFound);
        }
        let is_own = acting::agent(ctx) == Some(note.author);
        if !is_own && acting::role(ctx, tx).await? < Role::Admin {
            return Err(DeleteNoteError::NotAllowed);
        }
        notes::delete(&ctx.scope, tx, self.note, ctx.now).await?;
        Ok(Done::new((), [Event::NoteDeleted { conversation: note.conversation, note: self.note }]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::notes::add::AddNote;
    use centrala_domain::Private;
    use centrala_testkit::TestStore;

    #[tokio::test]
    async fn note_is_deleted_by_its_author_or_an_admin() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let inbox = shop.inbox().await;
        let (author, colleague) = (shop.agent(Role::Agent).await, shop.agent(Role::Agent).await);
        let (admin, stranger) = (shop.agent(Role::Admin).await, shop.agent(Role::Agent).await);
        shop.join(&inbox, &[&author, &colleague]).await;
        let conversation = shop.conversation(&inbox).await.id;
        for deleted_by in [&author, &admin] {
            let add = AddNote { conversation, body: Private::from("x"), client_id: None };
            let note = store.execute(shop.origin_of(&author), add).await.unwrap().id;
            store.take_events();
            let refused = store.execute(shop.origin_of(&colleague), DeleteNote { note }).await;
            assert!(matches!(refused, Err(DeleteNoteError::NotAllowed)));
            let refused = store.execute(shop.origin_of(&stranger), DeleteNote { note }).await;
            assert!(matches!(refused, Err(DeleteNoteError::NotFound)));
            store.execute(shop.origin_of(deleted_by), DeleteNote { note }).await.unwrap();
            assert_eq!(store.take_events(), [Event::NoteDeleted { conversation, note }]);
            let again = store.execute(shop.origin_of(deleted_by), DeleteNote { note }).await;
            assert!(matches!(again, Err(DeleteNoteError::NotFound)));
        }
    }
}
