//! What a message carries, typed. One enum for both directions; what a channel can *send* is narrower
//! ([`crate::limits`]).

use serde::{Deserialize, Serialize};

use crate::{MediaId, MessageId, Private};

/// Content of a message. Stored as JSON; kinds and optional members are only ever added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Plain text with the channel's light markup.
    Text {
        /// The text.
        body: Private,
        /// Whether the channel may show a preview of the first link (outbound).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        preview_url: bool,
    },
    /// A picture.
    Image {
        /// The file.
        media: MediaId,
        /// Text under it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<Private>,
    },
    /// A film.
    Video {
        /// The file.
        media: MediaId,
        /// Text under it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<Private>,
    },
    /// Sound.
    Audio {
        /// The file.
        media: MediaId,
        /// Recorded in the chat (a voice note) rather than a sound file.
        #[serde(default)]
        is_voice: bool,
    },
    /// A file.
    Document {
        /// The file.
        media: MediaId,
        /// Name as the sender had it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filename: Option<Private>,
        /// Text under it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<Private>,
    },
    /// A sticker.
    Sticker {
        /// The file.
        media: MediaId,
        /// Moves.
        #[serde(default)]
        is_animated: bool,
    },
    /// A place.
    Location {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// Name of the place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Private>,
        /// Street address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<Private>,
    },
    /// Address-book cards.
    Contacts {
        /// The cards, in the channel's own shape (`cloud-api.md` section 5, `contacts`).
        cards: Private<Vec<serde_json::Value>>,
    },
    /// A reaction to another message. It is kept as a message so that it is traced like one, and shown on the
    /// message it is about.
    Reaction {
        /// The message it is about, by the channel's own id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target_upstream_id: Option<String>,
        /// The message it is about, once known here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<MessageId>,
        /// The emoji; none takes the reaction back.
        emoji: Option<String>,
    },
    /// The customer chose a button or a list row.
    Choice {
        /// Which control.
        control: ChoiceControl,
        /// The id or payload that we gave the choice.
        choice_id: String,
        /// What the customer saw.
        title: Private,
    },
    /// A filled form (a flow or an address form).
    FormReply {
        /// Name of the form.
        name: String,
        /// The answers, as the channel's JSON.
        response: Private<serde_json::Value>,
    },
    /// The answer to a request to call.
    CallPermission {
        /// Whether calls are allowed.
        is_granted: bool,
        /// Until when, in Unix seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<i64>,
    },
    /// A shopping basket.
    Order {
        /// Catalogue id.
        catalog_id: String,
        /// Text of the customer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Private>,
        /// The lines, in the channel's own shape (`cloud-api.md` section 5, `order`).
        items: Vec<serde_json::Value>,
    },
    /// Said by the platform about the customer (a changed number, a changed identity).
    System {
        /// The channel's name for it.
        event: String,
        /// The channel's sentence.
        body: Private,
    },
    /// The customer changed an earlier message.
    Edit {
        /// The message, by the channel's own id.
        target_upstream_id: String,
        /// What it says now.
        replacement: Box<Content>,
    },
    /// The customer took an earlier message back.
    Revoke {
        /// The message, by the channel's own id.
        target_upstream_id: String,
    },
    /// Something that cannot be shown. The raw receipt is kept.
    Unsupported {
        /// The channel's name of the type, `unknown` where it has none.
        kind: String,
        /// Error code of the channel, if it gave one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<i64>,
    },
}

/// Control that a customer used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChoiceControl {
    /// Reply button of an interactive message.
    ReplyButton,
    /// Row of a list.
    ListRow,
    /// Quick reply button of a template.
    TemplateButton,
}

impl Content {
    /// Name of the kind, as in the JSON `type`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Image { .. } => "image",
            Self::Video { .. } => "video",
            Self::Audio { .. } => "audio",
            Self::Document { .. } => "document",
            Self::Sticker { .. } => "sticker",
            Self::Location { .. } => "location",
            Self::Contacts { .. } => "contacts",
            Self::Reaction { .. } => "reaction",
            Self::Choice { .. } => "choice",
            Self::FormReply { .. } => "form_reply",
            Self::CallPermission { .. } => "call_permission",
            Self::Order { .. } => "order",
            Self::System { .. } => "system",
            Self::Edit { .. } => "edit",
            Self::Revoke { .. } => "revoke",
            Self::Unsupported { .. } => "unsupported",
        }
    }

    /// The file it carries.
    #[must_use]
    pub fn media(&self) -> Option<MediaId> {
        match self {
            Self::Image { media, .. }
            | Self::Video { media, .. }
            | Self::Audio { media, .. }
            | Self::Document { media, .. }
            | Self::Sticker { media, .. } => Some(*media),
            Self::Edit { replacement, .. } => replacement.media(),
            Self::Text { .. }
            | Self::Location { .. }
            | Self::Contacts { .. }
            | Self::Reaction { .. }
            | Self::Choice { .. }
            | Self::FormReply { .. }
            | Self::CallPermission { .. }
            | Self::Order { .. }
            | Self::System { .. }
            | Self::Revoke { .. }
            | Self::Unsupported { .. } => None,
        }
    }

    /// Whether it stands in the thread as a line of its own. Reactions, edits and revokes are shown on the
    /// message they are about.
    #[must_use]
    pub const fn is_listed(&self) -> bool {
        !matches!(self, Self::Reaction { .. } | Self::Edit { .. } | Self::Revoke { .. })
    }

    /// The words in it that a search should find.
    #[must_use]
    pub fn search_text(&self) -> Option<&str> {
        match self {
            Self::Text { body, .. } | Self::System { body, .. } => Some(body.expose()),
            Self::Image { caption, .. } | Self::Video { caption, .. } => {
                caption.as_ref().map(|c| c.expose().as_str())
            }
            Self::Document { filename, caption, .. } => {
                caption.as_ref().or(filename.as_ref()).map(|c| c.expose().as_str())
            }
            Self::Location { name, address, .. } => {
                name.as_ref().or(address.as_ref()).map(|c| c.expose().as_str())
            }
            Self::Choice { title, .. } => Some(title.expose()),
            Self::Order { note, .. } => note.as_ref().map(|c| c.expose().as_str()),
            Self::Edit { replacement, .. } => replacement.search_text(),
            Self::Audio { .. }
            | Self::Sticker { .. }
            | Self::Contacts { .. }
            | Self::Reaction { .. }
            | Self::FormReply { .. }
            | Self::CallPermission { .. }
            | Self::Revoke { .. }
            | Self::Unsupported { .. } => None,
        }
    }
}
