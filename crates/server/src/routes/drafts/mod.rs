//! What agents have begun to write: each his own, the same on all of his devices, nobody else's to see.

pub mod delete;
pub mod list;
pub mod save;

use std::collections::HashMap;

use centrala_domain::draft::{Draft, DraftMode};
use centrala_domain::limits::Limits;
use centrala_domain::media::Media;
use centrala_domain::permission::Permission::WorkConversations;
use centrala_domain::permission::Scope;
use centrala_domain::{ConversationId, MediaId, MessageId, Private, Timestamp};
use centrala_store::{Reader, conversations, drafts, inboxes, media};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::table::Route;
use crate::auth::Caller;
use crate::live::{self, About};
use crate::state::App;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::needs(WorkConversations, routes!(list::list_drafts)),
        Route::needs(WorkConversations, routes!(save::save_draft)),
        Route::needs(WorkConversations, routes!(delete::delete_draft)),
    ]
}

/// What a draft will be.
#[derive(Debug, ToSchema)]
#[schema(as = DraftMode, rename_all = "snake_case")]
pub enum DraftModeSchema {
    /// An answer to the customer.
    Reply,
    /// An internal note.
    Note,
}

/// What is written so far.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DraftOut {
    /// Where.
    #[schema(value_type = String, example = "conv_0000000000000000000000000e")]
    conversation: ConversationId,
    /// What it will be.
    #[schema(value_type = DraftModeSchema)]
    mode: DraftMode,
    /// The text.
    #[schema(value_type = String, example = "Bună ziua! Avem")]
    text: Private,
    /// The message that it answers.
    #[schema(value_type = Option<String>, example = "msg_0000000000000000000000000e")]
    reply_to: Option<MessageId>,
    /// Files that are uploaded already, in order.
    media: Vec<DraftMediaOut>,
    /// When it was kept: of two, the later one is newer.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    updated_at: Timestamp,
}

/// A file of a draft.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DraftMediaOut {
    /// Id.
    #[schema(value_type = String, example = "med_0000000000000000000000000e")]
    id: MediaId,
    /// What it goes as: `image`, `video`, `audio`, `document`.
    #[schema(example = "image")]
    kind: String,
    /// Its name as it was uploaded; empty when it had none.
    #[schema(value_type = String, example = "tort.jpg")]
    name: Private,
}

/// Puts drafts together with the names of their files.
async fn load(
    app: &App,
    scope: &Scope,
    reader: &mut Reader,
    drafts: Vec<Draft>,
) -> centrala_store::Result<Vec<DraftOut>> {
    let ids: Vec<MediaId> = drafts.iter().flat_map(|draft| draft.media.iter().copied()).collect();
    let found = media::find_many(scope, reader, &ids).await?;
    let files: HashMap<MediaId, Media> = found.into_iter().map(|file| (file.id, file)).collect();
    let with_files = drafts.iter().filter(|draft| !draft.media.is_empty());
    let limits = limits(app, scope, reader, with_files.map(|draft| draft.conversation).collect()).await?;
    Ok(drafts.into_iter().map(|draft| DraftOut::of(draft, &files, &limits)).collect())
}

/// What the channels of conversations carry.
async fn limits(
    app: &App,
    scope: &Scope,
    reader: &mut Reader,
    of: Vec<ConversationId>,
) -> centrala_store::Result<HashMap<ConversationId, &'static Limits>> {
    if of.is_empty() {
        return Ok(HashMap::new());
    }
    let channels: HashMap<_, _> =
        inboxes::list(scope, reader).await?.into_iter().map(|inbox| (inbox.id, inbox.channel())).collect();
    let conversations = conversations::find_many(scope, reader, &of).await?;
    let limits = conversations.into_iter().filter_map(|conversation| {
        let channel = app.engine.channels.of(*channels.get(&conversation.inbox)?)?;
        Some((conversation.id, channel.limits()))
    });
    Ok(limits.collect())
}

impl DraftOut {
    fn of(
        draft: Draft,
        files: &HashMap<MediaId, Media>,
        limits: &HashMap<ConversationId, &'static Limits>,
    ) -> Self {
        let Draft { conversation, mode, text, reply_to, media, updated_at } = draft;
        let limits = limits.get(&conversation);
        let media = media.iter().filter_map(|id| {
            let file = files.get(id)?;
            let size = file.size_bytes.and_then(|size| u64::try_from(size).ok()).unwrap_or(u64::MAX);
            let kind = limits.map_or("document", |limits| limits.kind_of(&file.mime_type, size));
            let name = file.filename.clone().unwrap_or_default();
            Some(DraftMediaOut { id: *id, kind: kind.to_owned(), name })
        });
        Self { conversation, mode, text, reply_to, media: media.collect(), updated_at }
    }
}

/// A frame of the live socket.
#[derive(Serialize)]
struct Frame {
    #[serde(rename = "type")]
    kind: &'static str,
    conversation: ConversationId,
    draft: Option<DraftOut>,
}

/// Tells the agent's sockets how his draft stands now.
async fn tell(app: &App, caller: &Caller, conversation: ConversationId) -> centrala_store::Result<()> {
    let scope = caller.scope();
    // Of two changes at the same moment, the one that reads last also tells last.
    let _turn = app.rooms.turn().await;
    let mut reader = app.store.read().await?;
    let found = drafts::find(&scope, &mut reader, caller.agent.id, conversation).await?;
    let draft = load(app, &scope, &mut reader, found.into_iter().collect()).await?.pop();
    drop(reader);
    let frame = live::frame(&Frame { kind: "draft", conversation, draft });
    app.rooms.tell_agent(caller.workspace, caller.agent.id, About::Draft(conversation), &frame);
    Ok(())
}
