//! A message as threads show it, and the loading of many at once with a fixed number of queries.

use std::collections::HashMap;

use centrala_domain::content::Content;
use centrala_domain::error_code::ErrorClass;
use centrala_domain::message::{Author, DeliveryStatus, Direction, Message};
use centrala_domain::permission::Scope;
use centrala_domain::{
    AgentId, ChannelKind, ConversationId, InboxId, MediaId, MessageId, Private, Timestamp,
};
use centrala_store::{Reader, agents, inboxes, media, messages};
use serde::Serialize;
use utoipa::ToSchema;

use super::content::ContentOut;
use crate::problem::Answer;
use crate::routes::media::MediaOut;
use crate::state::App;

/// Which way a message went.
#[derive(Debug, ToSchema)]
#[schema(as = Direction, rename_all = "lowercase")]
pub enum DirectionSchema {
    /// From the customer.
    In,
    /// To the customer.
    Out,
}

/// State of delivery; it only ever moves to a later one.
#[derive(Debug, ToSchema)]
#[schema(as = DeliveryStatus, rename_all = "snake_case")]
pub enum DeliveryStatusSchema {
    /// Inbound: it is here.
    Received,
    /// Waits for its turn.
    Queued,
    /// The call to the channel is under way.
    Sending,
    /// It may or may not have gone out. Never sent again by itself.
    Uncertain,
    /// The channel took it.
    Accepted,
    /// One tick: left the channel's servers.
    Sent,
    /// It will not arrive.
    Failed,
    /// Two ticks: on the phone.
    Delivered,
    /// Seen.
    Read,
    /// The voice note was played.
    Played,
}

/// What to do about an error.
#[derive(Debug, ToSchema)]
#[schema(as = ErrorClass, rename_all = "snake_case")]
pub enum ErrorClassSchema {
    /// A passing fault.
    Retry,
    /// Too fast.
    Throttle,
    /// The service window is closed.
    Window,
    /// Never with the same request.
    Permanent,
    /// The credential is refused.
    Credential,
    /// The account or the number is not in order.
    Account,
}

/// A sentence in both languages.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct TextOut {
    /// English.
    en: &'static str,
    /// Romanian.
    ro: &'static str,
}

/// An error of the channel, explained.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ErrorOut {
    /// The channel's code.
    #[schema(example = 131047)]
    pub code: i64,
    /// What to do about it; absent for a code that the catalogue does not know.
    #[schema(value_type = Option<ErrorClassSchema>)]
    class: Option<ErrorClass>,
    /// Why it happens.
    cause: Option<TextOut>,
    /// What a person should do.
    remedy: Option<TextOut>,
}

/// A code in the words of the channel's catalogue.
pub(in crate::routes) fn error_out(app: &App, kind: Option<ChannelKind>, code: i64) -> ErrorOut {
    let channel = kind.and_then(|kind| app.engine.channels.of(kind));
    let entry = channel.and_then(|channel| channel.explain(code));
    let text = |text: centrala_domain::error_code::Text| TextOut { en: text.en, ro: text.ro };
    ErrorOut {
        code,
        class: entry.map(|entry| entry.class),
        cause: entry.map(|entry| text(entry.cause)),
        remedy: entry.map(|entry| text(entry.remedy)),
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AuthorOut {
    /// The customer.
    Contact {
        /// Which.
        #[schema(value_type = String, example = "con_0000000000000000000000000e")]
        id: centrala_domain::ContactId,
    },
    /// One of us.
    Agent {
        /// Which.
        #[schema(value_type = String, example = "agt_0000000000000000000000000e")]
        id: AgentId,
        /// Shown to colleagues.
        #[schema(example = "Maria Ionescu")]
        name: Option<String>,
    },
    /// The business phone's own app.
    Phone,
}

/// A reaction on a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReactionOut {
    /// From whom.
    #[schema(value_type = DirectionSchema)]
    direction: Direction,
    /// The emoji.
    #[schema(example = "👍")]
    emoji: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// The message that another one answers, in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuotedOut {
    /// Id.
    #[schema(value_type = String, example = "msg_0000000000000000000000000e")]
    id: MessageId,
    /// Which way it went.
    #[schema(value_type = DirectionSchema)]
    direction: Direction,
    /// Kind of its content.
    #[schema(example = "text")]
    kind: &'static str,
    /// The first 200 characters of its text.
    #[schema(value_type = Option<String>)]
    text: Option<Private>,
}

/// A message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MessageOut {
    /// Id.
    #[schema(value_type = String, example = "msg_0000000000000000000000000e")]
    id: MessageId,
    /// Where it stands.
    #[schema(value_type = String, example = "conv_0000000000000000000000000e")]
    conversation: ConversationId,
    /// Through which endpoint.
    #[schema(value_type = String, example = "inb_0000000000000000000000000e")]
    inbox: InboxId,
    /// Which way.
    #[schema(value_type = DirectionSchema)]
    direction: Direction,
    /// Who wrote it.
    author: AuthorOut,
    /// What it carries.
    content: ContentOut,
    /// The file it carries.
    media: Option<MediaOut>,
    /// The message it answers.
    #[schema(value_type = Option<String>)]
    reply_to: Option<MessageId>,
    /// The message it answers, in short, where it is here and visible.
    quoted: Option<QuotedOut>,
    /// State of delivery; `received` for inbound.
    #[schema(value_type = DeliveryStatusSchema)]
    status: DeliveryStatus,
    /// Why it failed.
    error: Option<ErrorOut>,
    /// Number of the current attempt; 0 for inbound.
    #[schema(example = 1)]
    attempt: u32,
    /// Nobody knows whether it went out, and an agent must decide: retry, or leave it.
    needs_decision: bool,
    /// The client's own id for it.
    #[schema(example = "9f0c2c7e")]
    client_id: Option<String>,
    /// The channel's id.
    upstream_id: Option<String>,
    /// Provider's time for inbound, ours for outbound.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    sent_at: Timestamp,
    /// When it reached us or was made here.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    received_at: Timestamp,
    /// Place in the thread: position, then id.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    position: Timestamp,
    /// It reached us notably after it was written.
    is_late: bool,
    /// The customer forwarded it.
    is_forwarded: bool,
    /// When the customer last changed it.
    #[schema(value_type = Option<String>, format = DateTime)]
    edited_at: Option<Timestamp>,
    /// When the customer took it back.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
    /// Reactions, newest of each side.
    reactions: Vec<ReactionOut>,
}

/// Characters of a preview.
const EXCERPT: usize = 200;

/// The beginning of the words that a message carries, for previews.
pub(in crate::routes) fn excerpt(content: &Content) -> Option<Private> {
    content.search_text().map(|text| Private::new(text.chars().take(EXCERPT).collect()))
}

/// Loads what belongs to messages that were found within the scope.
pub(super) async fn load(
    app: &App,
    scope: &Scope,
    reader: &mut Reader,
    found: Vec<Message>,
) -> Answer<Vec<MessageOut>> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let around = Around::load(scope, reader, &found).await?;
    Ok(found.into_iter().map(|message| around.message(app, message)).collect())
}

/// One message with what belongs to it.
pub(super) async fn load_one(
    app: &App,
    scope: &Scope,
    reader: &mut Reader,
    message: Message,
) -> Answer<MessageOut> {
    let around = Around::load(scope, reader, std::slice::from_ref(&message)).await?;
    Ok(around.message(app, message))
}

/// What messages refer to.
struct Around {
    agents: HashMap<AgentId, String>,
    kinds: HashMap<InboxId, ChannelKind>,
    media: HashMap<MediaId, MediaOut>,
    quoted: HashMap<MessageId, QuotedOut>,
    states: HashMap<MessageId, messages::SendState>,
}

impl Around {
    async fn load(scope: &Scope, reader: &mut Reader, found: &[Message]) -> Answer<Self> {
        let ids: Vec<MessageId> = found.iter().map(|message| message.id).collect();
        let files: Vec<MediaId> = found.iter().filter_map(|message| message.content.media()).collect();
        let quoted: Vec<MessageId> = found.iter().filter_map(|message| message.reply_to).collect();
        let all_agents = agents::list(scope, reader).await?;
        let all_inboxes = inboxes::list(scope, reader).await?;
        let files = media::find_many(scope, reader, &files).await?;
        let quoted = messages::find_many(scope, reader, &quoted).await?;
        Ok(Self {
            agents: all_agents.into_iter().map(|agent| (agent.id, agent.name)).collect(),
            kinds: all_inboxes.into_iter().map(|inbox| (inbox.id, inbox.channel())).collect(),
            media: files.into_iter().map(|file| (file.id, file.into())).collect(),
            quoted: quoted.into_iter().map(|message| (message.id, quote(&message))).collect(),
            states: messages::send_states(scope, reader, &ids).await?,
        })
    }

    fn message(&self, app: &App, it: Message) -> MessageOut {
        let is_late = it.is_late();
        let state = self.states.get(&it.id);
        let kind = self.kinds.get(&it.inbox).copied();
        MessageOut {
            id: it.id,
            conversation: it.conversation,
            inbox: it.inbox,
            direction: it.direction,
            author: match it.author {
                Author::Contact { id } => AuthorOut::Contact { id },
                Author::Agent { id } => AuthorOut::Agent { id, name: self.agents.get(&id).cloned() },
                Author::Phone => AuthorOut::Phone,
            },
            media: it.content.media().and_then(|id| self.media.get(&id).cloned()),
            content: it.content.into(),
            reply_to: it.reply_to,
            quoted: it.reply_to.and_then(|id| self.quoted.get(&id).cloned()),
            status: it.status,
            error: it.error_code.map(|code| error_out(app, kind, code)),
            attempt: state.map_or(0, |state| state.attempt),
            needs_decision: state.is_some_and(|state| state.needs_decision),
            client_id: it.client_id,
            upstream_id: it.upstream_id,
            sent_at: it.sent_at,
            received_at: it.received_at,
            position: it.position,
            is_late,
            is_forwarded: it.is_forwarded,
            edited_at: it.edited_at,
            revoked_at: it.revoked_at,
            reactions: it
                .reactions
                .into_iter()
                .map(|it| ReactionOut { direction: it.direction, emoji: it.emoji, at: it.at })
                .collect(),
        }
    }
}

fn quote(message: &Message) -> QuotedOut {
    let text = if message.revoked_at.is_some() { None } else { excerpt(&message.content) };
    QuotedOut { id: message.id, direction: message.direction, kind: message.content.kind(), text }
}
