//! What a message carries, as the API shows it ([`ContentOut`]) and as agents send it ([`ContentIn`]).
//!
//! Two types on purpose: what only customers send cannot even be written down in a request.

use centrala_domain::content::{ChoiceControl, Content};
use centrala_domain::{MediaId, MessageId, Private};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an agent sends.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ContentIn {
    /// Plain text with the channel's light markup.
    Text {
        /// The text.
        #[schema(value_type = String, example = "Bună ziua! Cu ce vă ajut?")]
        body: Private,
        /// Whether the channel may show a preview of the first link.
        #[serde(default)]
        preview_url: bool,
    },
    /// A picture.
    Image {
        /// The uploaded file.
        #[schema(value_type = String, example = "med_0000000000000000000000000e")]
        media: MediaId,
        /// Text under it.
        #[schema(value_type = Option<String>)]
        caption: Option<Private>,
    },
    /// A film.
    Video {
        /// The uploaded file.
        #[schema(value_type = String, example = "med_0000000000000000000000000e")]
        media: MediaId,
        /// Text under it.
        #[schema(value_type = Option<String>)]
        caption: Option<Private>,
    },
    /// Sound.
    Audio {
        /// The uploaded file.
        #[schema(value_type = String, example = "med_0000000000000000000000000e")]
        media: MediaId,
        /// Recorded just now (a voice note) rather than a sound file.
        #[serde(default)]
        is_voice: bool,
    },
    /// A file of any type.
    Document {
        /// The uploaded file.
        #[schema(value_type = String, example = "med_0000000000000000000000000e")]
        media: MediaId,
        /// Name that the customer sees.
        #[schema(value_type = Option<String>, example = "factura.pdf")]
        filename: Option<Private>,
        /// Text under it.
        #[schema(value_type = Option<String>)]
        caption: Option<Private>,
    },
    /// A sticker.
    Sticker {
        /// The uploaded file.
        #[schema(value_type = String, example = "med_0000000000000000000000000e")]
        media: MediaId,
        /// Moves.
        #[serde(default)]
        is_animated: bool,
    },
    /// A place.
    Location {
        /// Degrees north.
        #[schema(example = 44.4268)]
        latitude: f64,
        /// Degrees east.
        #[schema(example = 26.1025)]
        longitude: f64,
        /// Name of the place.
        #[schema(value_type = Option<String>)]
        name: Option<Private>,
        /// Street address.
        #[schema(value_type = Option<String>)]
        address: Option<Private>,
    },
    /// Address-book cards.
    Contacts {
        /// 1 to 257 cards.
        cards: Vec<CardIn>,
    },
}

/// An address-book card.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardIn {
    /// How the person is called.
    name: CardNameIn,
    /// Phone numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    phones: Vec<CardPhoneIn>,
    /// E-mail addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    emails: Vec<CardEmailIn>,
    /// Where the person works.
    #[serde(skip_serializing_if = "Option::is_none")]
    org: Option<CardOrgIn>,
}

/// A name on a card.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardNameIn {
    /// The whole name.
    #[schema(value_type = String, example = "Maria Ionescu")]
    formatted_name: Private,
    /// Given name.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<Private>,
    /// Family name.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<Private>,
}

/// A phone number on a card.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardPhoneIn {
    /// The number.
    #[schema(value_type = String, example = "+40721000001")]
    phone: Private,
    /// `CELL`, `WORK`, ...
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(example = "CELL")]
    kind: Option<String>,
}

/// An e-mail address on a card.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardEmailIn {
    /// The address.
    #[schema(value_type = String, example = "maria@example.com")]
    email: Private,
    /// `WORK`, `HOME`, ...
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(example = "WORK")]
    kind: Option<String>,
}

/// A company on a card.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardOrgIn {
    /// Name of the company.
    #[schema(example = "Brutăria Ana")]
    company: String,
    /// Part of the company.
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<String>,
    /// What the person does there.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
}

/// Most cards in one message.
const CARDS: usize = 257;

impl ContentIn {
    /// As the domain knows it. None when there are too many cards.
    pub(super) fn into_domain(self) -> Option<Content> {
        Some(match self {
            Self::Text { body, preview_url } => Content::Text { body, preview_url },
            Self::Image { media, caption } => Content::Image { media, caption },
            Self::Video { media, caption } => Content::Video { media, caption },
            Self::Audio { media, is_voice } => Content::Audio { media, is_voice },
            Self::Document { media, filename, caption } => Content::Document { media, filename, caption },
            Self::Sticker { media, is_animated } => Content::Sticker { media, is_animated },
            Self::Location { latitude, longitude, name, address } => {
                Content::Location { latitude, longitude, name, address }
            }
            Self::Contacts { cards } if cards.len() > CARDS => return None,
            Self::Contacts { cards } => {
                let cards = cards.iter().map(serde_json::to_value).collect::<Result<_, _>>().ok()?;
                Content::Contacts { cards: Private::new(cards) }
            }
        })
    }

    /// Where in the request the text stands that a rule was broken by.
    pub(super) fn pointer(&self, why: &str) -> String {
        let member = match self {
            _ if why == "kind" => "/type",
            Self::Text { .. } => "/body",
            Self::Image { .. } | Self::Video { .. } | Self::Document { .. } => "/caption",
            Self::Location { .. } => "/latitude",
            Self::Contacts { .. } => "/cards",
            Self::Audio { .. } | Self::Sticker { .. } => "/media",
        };
        format!("/content{member}")
    }
}

/// What a message carries. Kinds and members are only ever added.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ContentOut {
    /// Plain text with the channel's light markup.
    Text {
        /// The text.
        #[schema(value_type = String, example = "Aveți colivă pentru sâmbătă?")]
        body: Private,
        /// Whether the channel may show a preview of the first link.
        preview_url: bool,
    },
    /// A picture.
    Image {
        /// The file.
        #[schema(value_type = String, example = "med_0000000000000000000000000e")]
        media: MediaId,
        /// Text under it.
        #[schema(value_type = Option<String>)]
        caption: Option<Private>,
    },
    /// A film.
    Video {
        /// The file.
        #[schema(value_type = String)]
        media: MediaId,
        /// Text under it.
        #[schema(value_type = Option<String>)]
        caption: Option<Private>,
    },
    /// Sound.
    Audio {
        /// The file.
        #[schema(value_type = String)]
        media: MediaId,
        /// Recorded in the chat (a voice note).
        is_voice: bool,
    },
    /// A file.
    Document {
        /// The file.
        #[schema(value_type = String)]
        media: MediaId,
        /// Name as the sender had it.
        #[schema(value_type = Option<String>)]
        filename: Option<Private>,
        /// Text under it.
        #[schema(value_type = Option<String>)]
        caption: Option<Private>,
    },
    /// A sticker.
    Sticker {
        /// The file.
        #[schema(value_type = String)]
        media: MediaId,
        /// Moves.
        is_animated: bool,
    },
    /// A place.
    Location {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// Name of the place.
        #[schema(value_type = Option<String>)]
        name: Option<Private>,
        /// Street address.
        #[schema(value_type = Option<String>)]
        address: Option<Private>,
    },
    /// Address-book cards.
    Contacts {
        /// The cards, in the channel's own shape.
        #[schema(value_type = Vec<Object>)]
        cards: Private<Vec<serde_json::Value>>,
    },
    /// A reaction to another message.
    Reaction {
        /// The message it is about, once known here.
        #[schema(value_type = Option<String>)]
        target: Option<MessageId>,
        /// The emoji; none takes the reaction back.
        emoji: Option<String>,
    },
    /// The customer chose a button or a list row.
    Choice {
        /// Which control.
        #[schema(value_type = ChoiceControlSchema)]
        control: ChoiceControl,
        /// The id or payload that we gave the choice.
        choice_id: String,
        /// What the customer saw.
        #[schema(value_type = String)]
        title: Private,
    },
    /// A filled form.
    FormReply {
        /// Name of the form.
        name: String,
        /// The answers, as the channel's JSON.
        #[schema(value_type = Object)]
        response: Private<serde_json::Value>,
    },
    /// The answer to a request to call.
    CallPermission {
        /// Whether calls are allowed.
        is_granted: bool,
        /// Until when, in Unix seconds.
        expires_at: Option<i64>,
    },
    /// A shopping basket.
    Order {
        /// Catalogue id.
        catalog_id: String,
        /// Text of the customer.
        #[schema(value_type = Option<String>)]
        note: Option<Private>,
        /// The lines, in the channel's own shape.
        #[schema(value_type = Vec<Object>)]
        items: Vec<serde_json::Value>,
    },
    /// Said by the platform about the customer.
    System {
        /// The channel's name for it.
        event: String,
        /// The channel's sentence.
        #[schema(value_type = String)]
        body: Private,
    },
    /// The customer changed an earlier message.
    Edit {
        /// What it says now.
        #[schema(no_recursion)]
        replacement: Box<Self>,
    },
    /// The customer took an earlier message back.
    Revoke,
    /// Something that cannot be shown. The raw receipt is kept.
    Unsupported {
        /// The channel's name of the type, `unknown` where it has none.
        kind: String,
        /// Error code of the channel, if it gave one.
        code: Option<i64>,
    },
}

/// Control that a customer used.
#[derive(Debug, ToSchema)]
#[schema(as = ChoiceControl, rename_all = "snake_case")]
pub enum ChoiceControlSchema {
    /// Reply button of an interactive message.
    ReplyButton,
    /// Row of a list.
    ListRow,
    /// Quick reply button of a template.
    TemplateButton,
}

impl From<Content> for ContentOut {
    fn from(content: Content) -> Self {
        match content {
            Content::Text { body, preview_url } => Self::Text { body, preview_url },
            Content::Image { media, caption } => Self::Image { media, caption },
            Content::Video { media, caption } => Self::Video { media, caption },
            Content::Audio { media, is_voice } => Self::Audio { media, is_voice },
            Content::Document { media, filename, caption } => Self::Document { media, filename, caption },
            Content::Sticker { media, is_animated } => Self::Sticker { media, is_animated },
            Content::Location { latitude, longitude, name, address } => {
                Self::Location { latitude, longitude, name, address }
            }
            Content::Contacts { cards } => Self::Contacts { cards },
            Content::Reaction { target_upstream_id: _, target, emoji } => Self::Reaction { target, emoji },
            Content::Choice { control, choice_id, title } => Self::Choice { control, choice_id, title },
            Content::FormReply { name, response } => Self::FormReply { name, response },
            Content::CallPermission { is_granted, expires_at } => {
                Self::CallPermission { is_granted, expires_at }
            }
            Content::Order { catalog_id, note, items } => Self::Order { catalog_id, note, items },
            Content::System { event, body } => Self::System { event, body },
            Content::Edit { target_upstream_id: _, replacement } => {
                Self::Edit { replacement: Box::new((*replacement).into()) }
            }
            Content::Revoke { target_upstream_id: _ } => Self::Revoke,
            Content::Unsupported { kind, code } => Self::Unsupported { kind, code },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_customers_send_cannot_be_posted() {
        for (text, is_accepted) in [
            (r#"{"type":"text","body":"a"}"#, true),
            (r#"{"type":"text","body":"a","more":1}"#, false),
            (r#"{"type":"contacts","cards":[{"name":{"formatted_name":"X"}}]}"#, true),
            (r#"{"type":"contacts","cards":[{"name":{"formatted_name":"X"},"vcard":"y"}]}"#, false),
            (r#"{"type":"choice","control":"list_row","choice_id":"1","title":"x"}"#, false),
            (r#"{"type":"reaction","emoji":"👍"}"#, false),
            (r#"{"type":"system","event":"x","body":"y"}"#, false),
            (r#"{"type":"edit","replacement":{"type":"text","body":"a"}}"#, false),
        ] {
            assert_eq!(serde_json::from_str::<ContentIn>(text).is_ok(), is_accepted, "{text}");
        }
    }

    #[test]
    fn names_of_kinds_are_the_domains() {
        for content in [
            Content::Text { body: "a".into(), preview_url: false },
            Content::FormReply { name: "f".into(), response: Private::default() },
            Content::CallPermission { is_granted: true, expires_at: None },
            Content::Revoke { target_upstream_id: "x".into() },
        ] {
            let kind = content.kind();
            assert_eq!(serde_json::to_value(ContentOut::from(content)).unwrap()["type"], kind);
        }
    }
}
