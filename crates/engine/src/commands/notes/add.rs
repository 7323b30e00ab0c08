//! Writes an internal note.

use centrala_domain::event::Event;
use centrala_domain::{ConversationId, Private};
use centrala_store::notes::Note;
use centrala_store::{Command, Ctx, Done, Error, Tx, conversations, notes};

use crate::commands::acting;

/// Characters of a note at most.
pub const NOTE_CHARACTERS: usize = 10_000;

/// Writes an internal note. The same client id with the same text gives the note that it made before.
#[derive(Debug)]
pub struct AddNote {
    /// Where.
    pub conversation: ConversationId,
    /// What it says.
    pub body: Private,
    /// The client's own id for it.
    pub client_id: Option<String>,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum AddNoteError {
    /// There is no conversation that the actor may see.
    #[error("there is no such conversation")]
    NoConversation,
    /// The actor is no agent.
    #[error("a note is written by an agent")]
    NotAnAgent,
    /// Empty or too long.
    #[error("a note has 1 to 10,000 characters")]
    Body,
    /// The client id belongs to another note.
    #[error("this client id belongs to another note")]
    ClientIdTaken,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for AddNote {
    type Out = Note;
    type Error = AddNoteError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Note>, AddNoteError> {
        let author = acting::agent(ctx).ok_or(AddNoteError::NotAnAgent)?;
        if !conversations::is_visible(&ctx.scope, tx, self.conversation).await? {
            return Err(AddNoteError::NoConversation);
        }
        let body = self.body.expose().trim();
        if !(1..=NOTE_CHARACTERS).contains(&body.chars().count()) {
            return Err(AddNoteError::Body);
        }
        let note = Note {
            id: ctx.new_id(),
            conversation: self.conversation,
            author,
            body: Private::from(body),
            client_id: self.client_id.clone(),
            created_at: ctx.now,
        };
        if notes::insert(&ctx.scope, tx, &note).await? {
            let event = Event::NoteAdded { conversation: note.conversation, note: note.id };
            return Ok(Done::new(note, [event]));
        }
        let client_id = self.client_id.as_deref().ok_or(AddNoteError::NoConversation)?;
        let earlier = notes::find_by_client_id(&ctx.scope, tx, client_id).await?;
        let same = earlier.filter(|it| {
            (it.conversation, it.author, &it.body) == (note.conversation, note.author, &note.body)
        });
        same.map(Done::unchanged).ok_or(AddNoteError::ClientIdTaken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_domain::permission::Role;
    use centrala_testkit::on_both_engines;

    #[tokio::test]
    async fn one_client_id_makes_one_note() {
        on_both_engines(async |store| {
            let shop = store.workspace().await;
            let agent = shop.owner().await;
            let conversation = shop.conversation(&shop.inbox().await).await.id;
            let add = |body: &str| AddNote {
                conversation,
                body: Private::from(body),
                client_id: Some("c1".into()),
            };
            let note = store.execute(shop.origin_of(&agent), add(" sună mâine ")).await.unwrap();
            assert_eq!(note.body.expose(), "sună mâine");
            let again = store.execute(shop.origin_of(&agent), add("sună mâine")).await.unwrap();
            assert_eq!(again, note);
            assert_eq!(store.events(), [Event::NoteAdded { conversation, note: note.id }]);
            let refused = store.execute(shop.origin_of(&agent), add("sună azi")).await;
            assert!(matches!(refused, Err(AddNoteError::ClientIdTaken)));
            for wrong in [" ", &"x".repeat(NOTE_CHARACTERS + 1)] {
                let refused = store.execute(shop.origin_of(&agent), add(wrong)).await;
                assert!(matches!(refused, Err(AddNoteError::Body)));
            }
        })
        .await;
    }

    #[tokio::test]
    async fn note_is_written_only_where_the_agent_works() {
        on_both_engines(async |store| {
            let shop = store.workspace().await;
            let inbox = shop.inbox().await;
            let (member, stranger) = (shop.agent(Role::Agent).await, shop.agent(Role::Agent).await);
            shop.join(&inbox, &[&member]).await;
            let conversation = shop.conversation(&inbox).await.id;
            let add = || AddNote { conversation, body: Private::from("x"), client_id: None };
            let refused = store.execute(shop.origin_of(&stranger), add()).await;
            assert!(matches!(refused, Err(AddNoteError::NoConversation)));
            let refused = store.execute(shop.origin(), add()).await;
            assert!(matches!(refused, Err(AddNoteError::NotAnAgent)));
            store.execute(shop.origin_of(&member), add()).await.unwrap();
            store.execute(shop.origin_of(&member), add()).await.unwrap();
            assert_eq!(store.events().len(), 2);
        })
        .await;
    }
}
