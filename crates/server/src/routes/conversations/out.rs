//! A conversation as a list shows it, and the loading of many at once with a fixed number of queries.

use std::collections::HashMap;
use std::time::Duration;

use centrala_domain::agent::Agent;
use centrala_domain::contact::{AddressKind, Contact, Identity};
use centrala_domain::conversation::{Conversation, Status};
use centrala_domain::inbox::Inbox;
use centrala_domain::label::Label;
use centrala_domain::message::{DeliveryStatus, Direction, Message};
use centrala_domain::permission::Scope;
use centrala_domain::{
    AgentId, ChannelKind, ContactId, ConversationId, IdentityId, InboxId, LabelId, MessageId, Private,
    Timestamp,
};
use centrala_store::{Reader, agents, contacts, inboxes, labels, messages};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{Answer, Slug};
use crate::routes::messages::{DeliveryStatusSchema, DirectionSchema, excerpt};
use crate::routes::schemas::ChannelKindSchema;
use crate::state::App;

/// State in the life cycle.
#[derive(Debug, ToSchema)]
#[schema(as = ConversationStatus, rename_all = "lowercase")]
pub enum StatusSchema {
    /// Wants an answer.
    Open,
    /// Answered; waits for the customer.
    Waiting,
    /// Hidden until a time or until the customer writes.
    Snoozed,
    /// Done.
    Resolved,
}

/// Column of the board; follows from state and owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BoardColumn {
    /// Open, and nobody owns it.
    New,
    /// Open, and somebody owns it.
    Assigned,
    /// Waits for the customer.
    Waiting,
}

/// The customer of a conversation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContactRefOut {
    /// Id.
    #[schema(value_type = String, example = "con_0000000000000000000000000e")]
    id: ContactId,
    /// His name, where one is known.
    #[schema(value_type = Option<String>, example = "Ion Popescu")]
    name: Option<Private>,
}

/// How a customer is known in a conversation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IdentityRefOut {
    /// Id.
    #[schema(value_type = String, example = "idn_0000000000000000000000000e")]
    id: IdentityId,
    /// Current phone number.
    #[schema(value_type = Option<String>, example = "+40721000001")]
    phone: Option<Private>,
    /// Current username.
    #[schema(value_type = Option<String>, example = "@ion")]
    username: Option<Private>,
}

/// The endpoint of a conversation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InboxRefOut {
    /// Id.
    #[schema(value_type = String, example = "inb_0000000000000000000000000e")]
    id: InboxId,
    /// What the team calls it.
    #[schema(example = "Magazin")]
    name: String,
    /// Kind of transport.
    #[schema(value_type = ChannelKindSchema)]
    channel: ChannelKind,
}

/// An agent in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgentRefOut {
    /// Id.
    #[schema(value_type = String, example = "agt_0000000000000000000000000e")]
    id: AgentId,
    /// Shown to colleagues.
    #[schema(example = "Maria Ionescu")]
    name: String,
}

impl AgentRefOut {
    /// His name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl From<&Agent> for AgentRefOut {
    fn from(agent: &Agent) -> Self {
        Self { id: agent.id, name: agent.name.clone() }
    }
}

/// A label in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LabelRefOut {
    /// Id.
    #[schema(value_type = String, example = "lbl_0000000000000000000000000e")]
    id: LabelId,
    /// Name.
    #[schema(example = "Comandă")]
    name: String,
    /// `#rrggbb`.
    #[schema(example = "#00aa55")]
    color: String,
}

impl From<&Label> for LabelRefOut {
    fn from(label: &Label) -> Self {
        Self { id: label.id, name: label.name.clone(), color: label.color.clone() }
    }
}

/// The newest message in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PreviewOut {
    /// Id.
    #[schema(value_type = String, example = "msg_0000000000000000000000000e")]
    id: MessageId,
    /// Which way it went.
    #[schema(value_type = DirectionSchema)]
    direction: Direction,
    /// Kind of its content.
    #[schema(example = "text")]
    kind: &'static str,
    /// The first 200 characters of its text; none when the customer took it back.
    #[schema(value_type = Option<String>, example = "Aveți colivă pentru sâmbătă?")]
    text: Option<Private>,
    /// State of delivery.
    #[schema(value_type = DeliveryStatusSchema)]
    status: DeliveryStatus,
    /// When it was written.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    sent_at: Timestamp,
    /// The customer took it back.
    is_revoked: bool,
}

/// The service window: while it is open, free-form messages may go out.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct WindowOut {
    /// Whether it is open now.
    is_open: bool,
    /// When it closes or closed; absent when the customer never wrote.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-23T12:00:00Z")]
    until: Option<Timestamp>,
}

/// A conversation, with everything that a list row shows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConversationOut {
    /// Id.
    #[schema(value_type = String, example = "conv_0000000000000000000000000e")]
    pub id: ConversationId,
    /// State.
    #[schema(value_type = StatusSchema)]
    status: Status,
    /// Column of the board; none for a snoozed or resolved one.
    column: Option<BoardColumn>,
    /// With whom.
    contact: ContactRefOut,
    /// How he is known there.
    identity: IdentityRefOut,
    /// Through which endpoint.
    inbox: InboxRefOut,
    /// Owner.
    assignee: Option<AgentRefOut>,
    /// Labels, in the order they were made.
    labels: Vec<LabelRefOut>,
    /// Inbound messages since an agent last read it.
    #[schema(example = 2)]
    unread: i64,
    /// Newest message.
    last_message: Option<PreviewOut>,
    /// Position of that message; lists are ordered by it.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    last_message_at: Timestamp,
    /// The service window.
    window: WindowOut,
    /// When a snoozed one comes back.
    #[schema(value_type = Option<String>, format = DateTime)]
    snoozed_until: Option<Timestamp>,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T11:00:00Z")]
    created_at: Timestamp,
    /// When it was last resolved.
    #[schema(value_type = Option<String>, format = DateTime)]
    resolved_at: Option<Timestamp>,
    /// The conversation that its messages stand in now, when two identities turned out to be one.
    #[schema(value_type = Option<String>)]
    merged_into: Option<ConversationId>,
}

/// Loads what belongs to conversations that were found within the scope, with as many queries for many as for
/// one.
pub(in crate::routes) async fn load(
    app: &App,
    scope: &Scope,
    reader: &mut Reader,
    found: Vec<Conversation>,
) -> Answer<Vec<ConversationOut>> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let around = Around::load(scope, reader, &found).await?;
    found.iter().map(|conversation| around.conversation(app, conversation)).collect()
}

/// What conversations refer to.
struct Around {
    contacts: HashMap<ContactId, Contact>,
    identities: HashMap<IdentityId, Identity>,
    inboxes: HashMap<InboxId, Inbox>,
    agents: HashMap<AgentId, Agent>,
    labels: Vec<Label>,
    labels_of: HashMap<ConversationId, Vec<LabelId>>,
    messages: HashMap<MessageId, Message>,
}

fn by<K: std::hash::Hash + Eq, V>(all: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, V> {
    all.into_iter().map(|one| (key(&one), one)).collect()
}

impl Around {
    async fn load(scope: &Scope, reader: &mut Reader, found: &[Conversation]) -> Answer<Self> {
        let ids: Vec<_> = found.iter().map(|it| it.id).collect();
        let contact_ids: Vec<_> = found.iter().map(|it| it.contact).collect();
        let identity_ids: Vec<_> = found.iter().map(|it| it.identity).collect();
        let message_ids: Vec<_> = found.iter().filter_map(|it| it.last_message).collect();
        Ok(Self {
            contacts: by(contacts::find_many(scope, reader, &contact_ids).await?, |it| it.id),
            identities: by(contacts::identities_by_id(scope, reader, &identity_ids).await?, |it| it.id),
            inboxes: by(inboxes::list(scope, reader).await?, |it| it.id),
            agents: by(agents::list(scope, reader).await?, |it| it.id),
            labels: labels::list(scope, reader).await?,
            labels_of: labels::of_conversations(scope, reader, &ids).await?,
            messages: by(messages::find_many(scope, reader, &message_ids).await?, |it| it.id),
        })
    }

    fn conversation(&self, app: &App, it: &Conversation) -> Answer<ConversationOut> {
        let inbox = self.inboxes.get(&it.inbox).ok_or(Slug::Internal)?;
        let channel = inbox.channel();
        let address = |kind| {
            let current = self.identities.get(&it.identity).and_then(|identity| identity.current(kind));
            current.map(|address| address.value.clone())
        };
        let labels_of = self.labels_of.get(&it.id).map_or(&[][..], Vec::as_slice);
        let labels = labels_of.iter().filter_map(|id| self.labels.iter().find(|label| label.id == *id));
        let name = self.contacts.get(&it.contact).and_then(|contact| contact.name.clone());
        Ok(ConversationOut {
            id: it.id,
            status: it.status,
            column: column(it),
            contact: ContactRefOut { id: it.contact, name },
            identity: IdentityRefOut {
                id: it.identity,
                phone: address(AddressKind::Phone),
                username: address(AddressKind::Username),
            },
            inbox: InboxRefOut { id: inbox.id, name: inbox.name.clone(), channel },
            assignee: it.assignee.and_then(|id| self.agents.get(&id)).map(AgentRefOut::from),
            labels: labels.map(LabelRefOut::from).collect(),
            unread: it.unread,
            last_message: it.last_message.and_then(|id| self.messages.get(&id)).map(preview),
            last_message_at: it.last_message_at,
            window: window(app, channel, it),
            snoozed_until: it.snoozed_until,
            created_at: it.created_at,
            resolved_at: it.resolved_at,
            merged_into: it.merged_into,
        })
    }
}

const fn column(it: &Conversation) -> Option<BoardColumn> {
    match (it.status, it.assignee) {
        (Status::Open, None) => Some(BoardColumn::New),
        (Status::Open, Some(_)) => Some(BoardColumn::Assigned),
        (Status::Waiting, _) => Some(BoardColumn::Waiting),
        (Status::Snoozed | Status::Resolved, _) => None,
    }
}

fn preview(message: &Message) -> PreviewOut {
    let is_revoked = message.revoked_at.is_some();
    PreviewOut {
        id: message.id,
        direction: message.direction,
        kind: message.content.kind(),
        text: if is_revoked { None } else { excerpt(&message.content) },
        status: message.status,
        sent_at: message.sent_at,
        is_revoked,
    }
}

fn window(app: &App, channel: ChannelKind, it: &Conversation) -> WindowOut {
    let hours = app.engine.channels.of(channel).map_or(0, |channel| channel.limits().window_hours);
    let window = Duration::from_secs(u64::from(hours) * 3600);
    WindowOut { is_open: it.is_window_open(window, app.store.clock().now()), until: it.window_until(window) }
}
