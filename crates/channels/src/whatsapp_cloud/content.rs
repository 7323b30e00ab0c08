//! What a message carries: Meta's message types in our words (`cloud-api.md` section 5).
//!
//! Pure. What cannot be shown becomes [`Content::Unsupported`], never an error. Not here: who wrote it and
//! when ([`super::messages`]).

use std::time::Duration;

use centrala_domain::content::{ChoiceControl, Content};
use centrala_domain::inbound::InboundMedia;
use centrala_domain::{MediaId, Private, Timestamp};
use serde_json::Value;

use super::json::{degrees, first_error, number, string, text};

/// How long the id of a customer's file lives (`cloud-api.md` section 5).
const INBOUND_MEDIA_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

/// Longest name of a type that is kept.
const KIND_CHARACTERS: usize = 64;

/// Makes media, and keeps the one that the message carries.
pub(super) struct Files<'a> {
    /// Provider's time of the message.
    pub(super) sent_at: Timestamp,
    /// Makes ids.
    pub(super) new_id: &'a mut dyn FnMut() -> MediaId,
    /// The file of the message.
    pub(super) found: Option<InboundMedia>,
}

impl Files<'_> {
    fn take(&mut self, body: &Value) -> Option<MediaId> {
        let upstream_id = string(body, "id")?;
        let id = (self.new_id)();
        self.found = Some(InboundMedia {
            id,
            upstream_id,
            mime_type: string(body, "mime_type").unwrap_or_else(|| "application/octet-stream".into()),
            filename: private(body, "filename"),
            expires_at: self.sent_at.plus(INBOUND_MEDIA_LIFE),
        });
        Some(id)
    }
}

/// Reads the content of a message.
pub(super) fn read(message: &Value, files: &mut Files<'_>) -> Content {
    let kind = text(message, "type").unwrap_or("unknown");
    let known = message.get(kind).and_then(|body| known(kind, body, files));
    known.unwrap_or_else(|| unsupported(kind, message))
}

fn known(kind: &str, body: &Value, files: &mut Files<'_>) -> Option<Content> {
    match kind {
        "text" => {
            let body = Private::from(body.get("body")?.as_str()?);
            Some(Content::Text { body, preview_url: false })
        }
        "image" => Some(Content::Image { media: files.take(body)?, caption: private(body, "caption") }),
        "video" => Some(Content::Video { media: files.take(body)?, caption: private(body, "caption") }),
        "audio" => Some(Content::Audio { media: files.take(body)?, is_voice: is_set(body, "voice") }),
        "document" => Some(Content::Document {
            media: files.take(body)?,
            filename: private(body, "filename"),
            caption: private(body, "caption"),
        }),
        "sticker" => {
            Some(Content::Sticker { media: files.take(body)?, is_animated: is_set(body, "animated") })
        }
        "location" => Some(Content::Location {
            latitude: degrees(body, "latitude", 90.0)?,
            longitude: degrees(body, "longitude", 180.0)?,
            name: private(body, "name"),
            address: private(body, "address"),
        }),
        "contacts" => Some(Content::Contacts { cards: Private::new(body.as_array()?.clone()) }),
        "interactive" => interactive(body),
        "button" => Some(Content::Choice {
            control: ChoiceControl::TemplateButton,
            choice_id: string(body, "payload").or_else(|| string(body, "text"))?,
            title: private(body, "text").or_else(|| private(body, "payload"))?,
        }),
        "reaction" => Some(Content::Reaction {
            target_upstream_id: Some(string(body, "message_id")?),
            target: None,
            emoji: string(body, "emoji"),
        }),
        "order" => Some(Content::Order {
            catalog_id: string(body, "catalog_id").unwrap_or_default(),
            note: private(body, "text"),
            items: body.get("product_items")?.as_array()?.clone(),
        }),
        "system" => Some(Content::System {
            event: string(body, "type").unwrap_or_else(|| "unknown".into()),
            body: private(body, "body").unwrap_or_default(),
        }),
        "edit" => edit(body, files),
        "revoke" => Some(Content::Revoke { target_upstream_id: string(body, "original_message_id")? }),
        _ => None,
    }
}

fn interactive(body: &Value) -> Option<Content> {
    let kind = text(body, "type")?;
    let reply = body.get(kind)?;
    let choice = |control| {
        Some(Content::Choice {
            control,
            choice_id: string(reply, "id").or_else(|| string(reply, "title"))?,
            title: private(reply, "title").or_else(|| private(reply, "id"))?,
        })
    };
    match kind {
        "button_reply" => choice(ChoiceControl::ReplyButton),
        "list_reply" => choice(ChoiceControl::ListRow),
        "nfm_reply" => Some(Content::FormReply {
            name: string(reply, "name").unwrap_or_default(),
            response: Private::new(form(reply.get("response_json")?)),
        }),
        "call_permission_reply" => Some(Content::CallPermission {
            is_granted: text(reply, "response")? == "accept",
            expires_at: number(reply, "expiration_timestamp"),
        }),
        _ => None,
    }
}

/// The answers come as JSON inside a text; what is no JSON is kept as it is.
fn form(response: &Value) -> Value {
    let Value::String(text) = response else { return response.clone() };
    let inner = serde_json::value::RawValue::from_string(text.clone());
    inner.ok().and_then(|raw| super::json::value(&raw).ok()).unwrap_or_else(|| response.clone())
}

fn edit(body: &Value, files: &mut Files<'_>) -> Option<Content> {
    let target_upstream_id = string(body, "original_message_id")?;
    let message = body.get("message")?;
    let kind = text(message, "type")?;
    let replacement = match kind {
        // None of these can be the new text of a message, and an edit of an edit could go on for ever.
        "edit" | "revoke" | "reaction" | "system" => unsupported(kind, message),
        _ => read(message, files),
    };
    Some(Content::Edit { target_upstream_id, replacement: Box::new(replacement) })
}

fn unsupported(kind: &str, message: &Value) -> Content {
    let named = match kind {
        "unsupported" | "unknown" => {
            message.get("unsupported").and_then(|body| text(body, "type")).unwrap_or("unknown")
        }
        known => known,
    };
    Content::Unsupported {
        kind: named.chars().take(KIND_CHARACTERS).collect(),
        code: first_error(message).and_then(|error| number(error, "code")),
    }
}

fn private(value: &Value, member: &str) -> Option<Private> {
    string(value, member).map(Private::new)
}

fn is_set(value: &Value, member: &str) -> bool {
    value.get(member).and_then(Value::as_bool).unwrap_or(false)
}
