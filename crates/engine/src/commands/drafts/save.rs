//! Keeps what an agent has begun to write.

use centrala_domain::draft::{self, Draft, DraftError, DraftMode};
use centrala_domain::{AgentId, ConversationId, MediaId, MessageId, Private};
use centrala_store::{Command, Ctx, Done, Error, Tx, conversations, drafts, media, messages};

use crate::commands::acting;

/// Drafts of one agent at most.
pub const DRAFTS: i64 = 1000;

/// Keeps what the acting agent has begun to write, in the place of what was there: the last one wins.
#[derive(Debug)]
pub struct SaveDraft {
    /// Where.
    pub conversation: ConversationId,
    /// What it will be.
    pub mode: DraftMode,
    /// What is written so far.
    pub text: Private,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// Files that are uploaded already, in order.
    pub media: Vec<MediaId>,
}

/// Why it is refused.
#[derive(Debug, thiserror::Error)]
pub enum SaveDraftError {
    /// There is no conversation that the actor may see.
    #[error("there is no such conversation")]
    NoConversation,
    /// The actor is no agent.
    #[error("a draft is written by an agent")]
    NotAnAgent,
    /// Empty or too much.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// The message to answer is not in this conversation.
    #[error("the message to answer is not in this conversation")]
    QuotedNotFound,
    /// A file is not there; which one.
    #[error("there is no such file")]
    MediaNotFound(usize),
    /// The agent has too many others.
    #[error("an agent has at most 1,000 drafts")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Command for SaveDraft {
    type Out = Draft;
    type Error = SaveDraftError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Draft>, SaveDraftError> {
        let agent = acting::agent(ctx).ok_or(SaveDraftError::NotAnAgent)?;
        if !conversations::is_visible(&ctx.scope, tx, self.conversation).await? {
            return Err(SaveDraftError::NoConversation);
        }
        draft::check(&self.text, self.reply_to, &self.media)?;
        self.check_references(ctx, tx).await?;
        let mut draft = Draft {
            conversation: self.conversation,
            mode: self.mode,
            text: self.text.clone(),
            reply_to: self.reply_to,
            media: self.media.clone(),
            updated_at: ctx.now,
        };
        draft.updated_at =
            drafts::put(&ctx.scope, tx, agent, &draft).await?.ok_or(SaveDraftError::NotAnAgent)?;
        keep_to_the_most(ctx, tx, agent).await?;
        Ok(Done::unchanged(draft))
    }
}

impl SaveDraft {
    async fn check_references(&self, ctx: &Ctx, tx: &mut Tx) -> Result<(), SaveDraftError> {
        if let Some(quoted) = self.reply_to {
            let quoted = messages::find(&ctx.scope, tx, quoted).await?;
            quoted.filter(|it| it.conversation == self.conversation).ok_or(SaveDraftError::QuotedNotFound)?;
        }
        if !self.media.is_empty() {
            let files = media::find_many(&ctx.scope, tx, &self.media).await?;
            let missing = self.media.iter().position(|id| !files.iter().any(|file| file.id == *id));
            missing.map_or(Ok(()), |missing| Err(SaveDraftError::MediaNotFound(missing)))?;
        }
        Ok(())
    }
}

async fn keep_to_the_most(ctx: &Ctx, tx: &mut Tx, agent: AgentId) -> Result<(), SaveDraftError> {
    if drafts::count(&ctx.scope, tx, agent).await? > DRAFTS {
        return Err(SaveDraftError::TooMany);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use centrala_domain::permission::Role;
    use centrala_domain::ports::Clock as _;
    use centrala_testkit::{TestStore, on_both_engines};

    use crate::commands::agents::disable::DisableAgent;
    use crate::commands::agents::enable::EnableAgent;
    use crate::commands::media::add::AddMedia;
    use crate::commands::upkeep::forget_old::ForgetOld;
    use crate::testing::Scene;

    fn save(conversation: ConversationId, text: &str) -> SaveDraft {
        let text = Private::from(text);
        SaveDraft { conversation, mode: DraftMode::Reply, text, reply_to: None, media: Vec::new() }
    }

    #[tokio::test]
    async fn last_save_wins_is_the_agents_own_and_no_fact() {
        on_both_engines(async |store| {
            let shop = store.workspace().await;
            let inbox = shop.inbox().await;
            let (ana, ion) = (shop.agent(Role::Agent).await, shop.agent(Role::Agent).await);
            shop.join(&inbox, &[&ana, &ion]).await;
            let conversation = shop.conversation(&inbox).await.id;

            let first = store.execute(shop.origin_of(&ana), save(conversation, "Bun")).await.unwrap();
            let other = store.execute(shop.origin_of(&ion), save(conversation, "Alo")).await.unwrap();
            // The clock stands, and the later save is later all the same.
            let note = SaveDraft { mode: DraftMode::Note, ..save(conversation, "Bună!") };
            let second = store.execute(shop.origin_of(&ana), note).await.unwrap();
            assert!(second.updated_at > first.updated_at);
            store.clock().set(first.updated_at.minus(Duration::from_secs(60)));
            let third = store.execute(shop.origin_of(&ana), save(conversation, "Bună!!")).await.unwrap();
            assert!(third.updated_at > second.updated_at);

            let mut reader = store.read().await.unwrap();
            let of = async |reader: &mut _, agent: &centrala_domain::agent::Agent| {
                drafts::list(&shop.scope_of(agent), reader, agent.id, 10).await.unwrap()
            };
            assert_eq!(of(&mut reader, &ana).await, [third]);
            assert_eq!(of(&mut reader, &ion).await, [other]);
            assert!(store.events().is_empty());
        })
        .await;
    }

    #[tokio::test]
    async fn draft_is_written_only_where_the_agent_works() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let inbox = shop.inbox().await;
        let (member, stranger) = (shop.agent(Role::Agent).await, shop.agent(Role::Agent).await);
        shop.join(&inbox, &[&member]).await;
        let conversation = shop.conversation(&inbox).await.id;
        let refused = store.execute(shop.origin_of(&stranger), save(conversation, "x")).await;
        assert!(matches!(refused, Err(SaveDraftError::NoConversation)));
        let refused = store.execute(shop.origin(), save(conversation, "x")).await;
        assert!(matches!(refused, Err(SaveDraftError::NotAnAgent)));
        let refused = store.execute(shop.origin_of(&member), save(conversation, " ")).await;
        assert!(matches!(refused, Err(SaveDraftError::Draft(DraftError::Empty))));
        store.execute(shop.origin_of(&member), save(conversation, "x")).await.unwrap();
        // Who leaves the inbox does not see what he began there, and finds it again when he is back.
        let of_member = async || {
            let mut reader = store.read().await.unwrap();
            drafts::list(&shop.scope_of(&member), &mut reader, member.id, 10).await.unwrap().len()
        };
        shop.join(&inbox, &[]).await;
        assert_eq!(of_member().await, 0);
        shop.join(&inbox, &[&member]).await;
        assert_eq!(of_member().await, 1);
    }

    #[tokio::test]
    async fn quoted_message_and_files_are_really_there() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let message = scene.message_of("wamid.1").await.id;
        let origin = || scene.origin();
        let quoting = |it| SaveDraft { reply_to: Some(it), ..save(conversation, "") };
        scene.store.execute(origin(), quoting(message)).await.unwrap();
        let refused = scene.store.execute(origin(), quoting(scene.store.new_id())).await;
        assert!(matches!(refused, Err(SaveDraftError::QuotedNotFound)));
        let file =
            AddMedia { mime_type: "image/jpeg".into(), filename: None, sha256: "00".into(), size_bytes: 5 };
        let file = scene.store.execute(origin(), file).await.unwrap().id;
        let with = |files| SaveDraft { media: files, ..save(conversation, "") };
        let kept = scene.store.execute(origin(), with(vec![file])).await.unwrap();
        assert_eq!(kept.media, [file]);
        let refused = scene.store.execute(origin(), with(vec![file, scene.store.new_id()])).await;
        assert!(matches!(refused, Err(SaveDraftError::MediaNotFound(1))));
    }

    #[tokio::test]
    async fn drafts_outlive_a_disabled_agents_absence_but_not_a_quarter_of_a_year() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let inbox = shop.inbox().await;
        let (owner, ana) = (shop.owner().await, shop.agent(Role::Admin).await);
        let (old, young) = (shop.conversation(&inbox).await.id, shop.conversation(&inbox).await.id);
        store.execute(shop.origin_of(&ana), save(old, "x")).await.unwrap();
        store.execute(shop.origin_of(&owner), DisableAgent { agent: ana.id }).await.unwrap();
        store.execute(shop.origin_of(&owner), EnableAgent { agent: ana.id }).await.unwrap();
        let left = async || {
            let mut reader = store.read().await.unwrap();
            let drafts = drafts::list(&shop.scope(), &mut reader, ana.id, 10).await.unwrap();
            drafts.into_iter().map(|draft| draft.conversation).collect::<Vec<_>>()
        };
        assert_eq!(left().await, [old]);
        store.clock().advance(Duration::from_secs(60));
        let before = store.clock().now();
        store.execute(shop.origin_of(&ana), save(young, "y")).await.unwrap();
        let forget = ForgetOld {
            receipts_before: before,
            jobs_before: before,
            answers_before: before,
            drafts_before: before,
        };
        store.execute(shop.origin(), forget).await.unwrap();
        assert_eq!(left().await, [young]);
    }

    #[tokio::test]
    async fn thousand_and_first_draft_is_refused_and_the_others_can_still_be_changed() {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let inbox = shop.inbox().await;
        let ana = shop.agent(Role::Admin).await;
        let mut first = None;
        for _ in 0..DRAFTS {
            let conversation = shop.conversation(&inbox).await.id;
            store.execute(shop.origin_of(&ana), save(conversation, "x")).await.unwrap();
            first.get_or_insert(conversation);
        }
        let one_more = shop.conversation(&inbox).await.id;
        let refused = store.execute(shop.origin_of(&ana), save(one_more, "x")).await;
        assert!(matches!(refused, Err(SaveDraftError::TooMany)));
        store.execute(shop.origin_of(&ana), save(first.unwrap(), "y")).await.unwrap();
        let mut reader = store.read().await.unwrap();
        assert_eq!(drafts::count(&shop.scope(), &mut reader, ana.id).await.unwrap(), DRAFTS);
    }
}
