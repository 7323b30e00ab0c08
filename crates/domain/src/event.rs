//! The one enum of facts. Past tense, never edited; kinds and members are only ever added.
//!
//! A fact carries ids, states and instants, never names, numbers or texts: it is kept long, shown to every
//! agent who may see its subject, and pushed over sockets; what it is about is fetched, and the fetch checks
//! permission.

use serde::{Deserialize, Serialize};

use crate::agent::Actor;
use crate::media::MediaState;
use crate::message::{DeliveryStatus, Direction};
use crate::permission::Role;
use crate::{
    AgentId, ApiTokenId, ContactId, ConversationId, EventId, IdentityId, InboxId, LabelId, MediaId,
    MessageId, NoteId, ReceiptId, Timestamp, TraceId,
};

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the members say what the variant's sentence names")]
pub enum Event {
    /// The workspace was set up.
    WorkspaceCreated,
    /// Name or settings of the workspace changed.
    WorkspaceChanged,
    /// An agent joined.
    AgentAdded { agent: AgentId, role: Role },
    /// An agent's name, role or language changed.
    AgentChanged { agent: AgentId, role: Role },
    /// An agent may no longer sign in.
    AgentDisabled { agent: AgentId },
    /// An agent may sign in again.
    AgentEnabled { agent: AgentId },
    /// An agent's password changed; his other sessions ended.
    PasswordChanged { agent: AgentId },
    /// Somebody signed in.
    SignedIn { agent: AgentId },
    /// A session ended.
    SignedOut { agent: AgentId },
    /// An API token was made.
    ApiTokenCreated { token: ApiTokenId, agent: AgentId },
    /// An API token was revoked.
    ApiTokenRevoked { token: ApiTokenId, agent: AgentId },

    /// An endpoint was connected.
    InboxCreated { inbox: InboxId },
    /// Name, settings or credentials of an inbox changed.
    InboxChanged { inbox: InboxId },
    /// Who works in an inbox changed.
    InboxMembersChanged { inbox: InboxId },
    /// The channel refused the credential of an inbox, or accepts it again.
    InboxCredentialChanged { inbox: InboxId, is_broken: bool },
    /// The channel sent news about the account of an inbox.
    InboxNoticeReceived { inbox: InboxId, field: String },

    /// Something of a raw delivery could not be applied.
    ReceiptRejected { receipt: ReceiptId, inbox: InboxId },

    /// A customer was seen for the first time.
    ContactCreated { contact: ContactId },
    /// A customer's name or addresses changed.
    ContactChanged { contact: ContactId },
    /// An identity turned out to be another one; everything of the second now belongs to the first.
    IdentitiesMerged { into: IdentityId, from: IdentityId, contact: ContactId },

    /// A conversation began.
    ConversationOpened {
        conversation: ConversationId,
        inbox: InboxId,
        contact: ContactId,
        identity: IdentityId,
    },
    /// It wants an answer again.
    ConversationReopened { conversation: ConversationId },
    /// We answered; the customer is next.
    ConversationWaiting { conversation: ConversationId },
    /// It has an owner.
    ConversationAssigned { conversation: ConversationId, to: AgentId, from: Option<AgentId> },
    /// It has no owner any more.
    ConversationUnassigned { conversation: ConversationId, from: AgentId },
    /// Hidden until a time.
    ConversationSnoozed { conversation: ConversationId, until: Timestamp },
    /// Closed.
    ConversationResolved { conversation: ConversationId, at: Timestamp },
    /// An agent has seen everything.
    ConversationRead { conversation: ConversationId },
    /// An agent wants it shown as unread.
    ConversationMarkedUnread { conversation: ConversationId },
    /// Its messages now stand in another conversation.
    ConversationMerged { conversation: ConversationId, into: ConversationId },
    /// A label was put on.
    ConversationLabelled { conversation: ConversationId, label: LabelId },
    /// A label was taken off.
    ConversationUnlabelled { conversation: ConversationId, label: LabelId },

    /// A customer's message is here.
    MessageReceived {
        conversation: ConversationId,
        message: MessageId,
        content_kind: String,
        sent_at: Timestamp,
        position: Timestamp,
        is_listed: bool,
        receipt: Option<ReceiptId>,
    },
    /// A message of ours waits to go out.
    MessageQueued {
        conversation: ConversationId,
        message: MessageId,
        content_kind: String,
        position: Timestamp,
        attempt: u32,
        is_listed: bool,
    },
    /// The business wrote from its phone app.
    MessageEchoed {
        conversation: ConversationId,
        message: MessageId,
        content_kind: String,
        position: Timestamp,
    },
    /// The state of a message of ours changed.
    MessageStatusChanged {
        conversation: ConversationId,
        message: MessageId,
        attempt: u32,
        status: DeliveryStatus,
        at: Timestamp,
        error_code: Option<i64>,
    },
    /// Nobody can say whether a message went out, and the time for proof is over: an agent must decide.
    MessageNeedsDecision { conversation: ConversationId, message: MessageId, attempt: u32 },
    /// A reaction was put on a message, or taken back (no emoji).
    MessageReacted {
        conversation: ConversationId,
        message: MessageId,
        direction: Direction,
        emoji: Option<String>,
        at: Timestamp,
    },
    /// The customer changed a message.
    MessageEdited { conversation: ConversationId, message: MessageId, at: Timestamp },
    /// The customer took a message back.
    MessageRevoked { conversation: ConversationId, message: MessageId, at: Timestamp },
    /// A file of a message changed state.
    MediaChanged { conversation: ConversationId, message: MessageId, media: MediaId, state: MediaState },

    /// An internal note was written.
    NoteAdded { conversation: ConversationId, note: NoteId },
    /// An internal note was deleted.
    NoteDeleted { conversation: ConversationId, note: NoteId },

    /// A label was made.
    LabelCreated { label: LabelId },
    /// A label's name or colour changed.
    LabelChanged { label: LabelId },
    /// A label was deleted, and with it every use of it.
    LabelDeleted { label: LabelId },
}

/// Who may know of a fact. Every kind has a rule; the socket sends a fact only to those who could fetch what
/// it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Everyone in the workspace.
    Workspace,
    /// Whoever sees this conversation.
    Conversation(ConversationId),
    /// Whoever sees a conversation with this contact.
    Contact(ContactId),
    /// Admins and owners.
    Admins,
    /// The agent himself, and admins.
    Agent(AgentId),
}

impl Event {
    /// Name of the kind, as in the JSON `kind`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::WorkspaceCreated => "workspace_created",
            Self::WorkspaceChanged => "workspace_changed",
            Self::AgentAdded { .. } => "agent_added",
            Self::AgentChanged { .. } => "agent_changed",
            Self::AgentDisabled { .. } => "agent_disabled",
            Self::AgentEnabled { .. } => "agent_enabled",
            Self::PasswordChanged { .. } => "password_changed",
            Self::SignedIn { .. } => "signed_in",
            Self::SignedOut { .. } => "signed_out",
            Self::ApiTokenCreated { .. } => "api_token_created",
            Self::ApiTokenRevoked { .. } => "api_token_revoked",
            Self::InboxCreated { .. } => "inbox_created",
            Self::InboxChanged { .. } => "inbox_changed",
            Self::InboxMembersChanged { .. } => "inbox_members_changed",
            Self::InboxCredentialChanged { .. } => "inbox_credential_changed",
            Self::InboxNoticeReceived { .. } => "inbox_notice_received",
            Self::ReceiptRejected { .. } => "receipt_rejected",
            Self::ContactCreated { .. } => "contact_created",
            Self::ContactChanged { .. } => "contact_changed",
            Self::IdentitiesMerged { .. } => "identities_merged",
            Self::ConversationOpened { .. } => "conversation_opened",
            Self::ConversationReopened { .. } => "conversation_reopened",
            Self::ConversationWaiting { .. } => "conversation_waiting",
            Self::ConversationAssigned { .. } => "conversation_assigned",
            Self::ConversationUnassigned { .. } => "conversation_unassigned",
            Self::ConversationSnoozed { .. } => "conversation_snoozed",
            Self::ConversationResolved { .. } => "conversation_resolved",
            Self::ConversationRead { .. } => "conversation_read",
            Self::ConversationMarkedUnread { .. } => "conversation_marked_unread",
            Self::ConversationMerged { .. } => "conversation_merged",
            Self::ConversationLabelled { .. } => "conversation_labelled",
            Self::ConversationUnlabelled { .. } => "conversation_unlabelled",
            Self::MessageReceived { .. } => "message_received",
            Self::MessageQueued { .. } => "message_queued",
            Self::MessageEchoed { .. } => "message_echoed",
            Self::MessageStatusChanged { .. } => "message_status_changed",
            Self::MessageNeedsDecision { .. } => "message_needs_decision",
            Self::MessageReacted { .. } => "message_reacted",
            Self::MessageEdited { .. } => "message_edited",
            Self::MessageRevoked { .. } => "message_revoked",
            Self::MediaChanged { .. } => "media_changed",
            Self::NoteAdded { .. } => "note_added",
            Self::NoteDeleted { .. } => "note_deleted",
            Self::LabelCreated { .. } => "label_created",
            Self::LabelChanged { .. } => "label_changed",
            Self::LabelDeleted { .. } => "label_deleted",
        }
    }

    /// Who may know of it.
    #[must_use]
    pub const fn visibility(&self) -> Visibility {
        match self {
            Self::WorkspaceCreated
            | Self::WorkspaceChanged
            | Self::AgentAdded { .. }
            | Self::AgentChanged { .. }
            | Self::AgentDisabled { .. }
            | Self::AgentEnabled { .. }
            | Self::LabelCreated { .. }
            | Self::LabelChanged { .. }
            | Self::LabelDeleted { .. }
            | Self::InboxCreated { .. }
            | Self::InboxChanged { .. }
            | Self::InboxMembersChanged { .. }
            | Self::InboxCredentialChanged { .. } => Visibility::Workspace,
            Self::InboxNoticeReceived { .. } | Self::ReceiptRejected { .. } => Visibility::Admins,
            Self::PasswordChanged { agent }
            | Self::SignedIn { agent }
            | Self::SignedOut { agent }
            | Self::ApiTokenCreated { agent, .. }
            | Self::ApiTokenRevoked { agent, .. } => Visibility::Agent(*agent),
            Self::ContactCreated { contact }
            | Self::ContactChanged { contact }
            | Self::IdentitiesMerged { contact, .. } => Visibility::Contact(*contact),
            Self::ConversationOpened { conversation, .. }
            | Self::ConversationReopened { conversation }
            | Self::ConversationWaiting { conversation }
            | Self::ConversationAssigned { conversation, .. }
            | Self::ConversationUnassigned { conversation, .. }
            | Self::ConversationSnoozed { conversation, .. }
            | Self::ConversationResolved { conversation, .. }
            | Self::ConversationRead { conversation }
            | Self::ConversationMarkedUnread { conversation }
            | Self::ConversationMerged { conversation, .. }
            | Self::ConversationLabelled { conversation, .. }
            | Self::ConversationUnlabelled { conversation, .. }
            | Self::MessageReceived { conversation, .. }
            | Self::MessageQueued { conversation, .. }
            | Self::MessageEchoed { conversation, .. }
            | Self::MessageStatusChanged { conversation, .. }
            | Self::MessageNeedsDecision { conversation, .. }
            | Self::MessageReacted { conversation, .. }
            | Self::MessageEdited { conversation, .. }
            | Self::MessageRevoked { conversation, .. }
            | Self::MediaChanged { conversation, .. }
            | Self::NoteAdded { conversation, .. }
            | Self::NoteDeleted { conversation, .. } => Visibility::Conversation(*conversation),
        }
    }

    /// The conversation it belongs to.
    #[must_use]
    pub const fn conversation(&self) -> Option<ConversationId> {
        match self.visibility() {
            Visibility::Conversation(conversation) => Some(conversation),
            Visibility::Workspace | Visibility::Contact(_) | Visibility::Admins | Visibility::Agent(_) => {
                None
            }
        }
    }
}

/// A fact with its circumstances, as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Number in the workspace: without gaps, in order of commit.
    pub seq: i64,
    /// Id.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// Who caused it.
    pub actor: Actor,
    /// The fact that caused the command behind it, if a reaction did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<EventId>,
    /// How many reactions deep.
    pub depth: u8,
    /// What set it in motion.
    pub trace: TraceId,
    /// The fact.
    pub event: Event,
}

/// Reactions deeper than this stop: something answers itself.
pub const MAX_DEPTH: u8 = 4;
