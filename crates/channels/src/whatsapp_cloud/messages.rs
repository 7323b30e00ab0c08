//! One message of a customer, or one echo of the business's phone app, in our words.
//!
//! Not here: cutting the webhook into messages ([`super::inbound`]) and what a message carries
//! ([`super::content`]).

use centrala_domain::MediaId;
use centrala_domain::content::Content;
use centrala_domain::inbound::{InboundEcho, InboundMessage, Item};
use serde_json::Value;

use super::content::{self, Files};
use super::json::{string, text, timestamp};
use super::people::{People, apply_system};

/// Reads a customer's message; none for one that says nothing. The error says what is wrong with it.
pub(super) fn message(
    message: &Value,
    people: &People,
    new_id: &mut dyn FnMut() -> MediaId,
) -> Result<Option<Item>, String> {
    // Withdrawn by Meta (`cloud-api.md` section 5).
    if text(message, "type") == Some("request_welcome") {
        return Ok(None);
    }
    // We are in no groups. Put into the private chat of its writer, it would be answered in the wrong place.
    if message.get("group_id").is_some_and(|group| !group.is_null()) {
        return Ok(Some(Item::Notice { field: "group_message".into(), value: message.clone() }));
    }
    let upstream_id = string(message, "id").ok_or("`id` is missing")?;
    let sent_at = timestamp(message)?;
    let mut from = people.sighting(text(message, "from"), text(message, "from_user_id"));
    if let Some(system) = message.get("system") {
        apply_system(&mut from, system);
    }
    if from.is_empty() {
        return Err("no sender".into());
    }
    let mut files = Files { sent_at, new_id, found: None };
    let content = content::read(message, &mut files);
    let media = files.found;
    let context = message.get("context").unwrap_or(&Value::Null);
    Ok(Some(Item::Message(Box::new(InboundMessage {
        upstream_id,
        from,
        sent_at,
        content,
        media,
        reply_to_upstream_id: string(context, "id"),
        is_forwarded: ["forwarded", "frequently_forwarded"]
            .into_iter()
            .any(|member| context.get(member) == Some(&Value::Bool(true))),
        referral: message.get("referral").filter(|referral| referral.is_object()).cloned(),
    }))))
}

/// Reads an echo.
pub(super) fn echo(
    message: &Value,
    people: &People,
    new_id: &mut dyn FnMut() -> MediaId,
) -> Result<Option<Item>, String> {
    let upstream_id = string(message, "id").ok_or("`id` is missing")?;
    let sent_at = timestamp(message)?;
    let to = people.sighting(text(message, "to"), text(message, "to_user_id"));
    if to.is_empty() {
        return Err("no recipient".into());
    }
    let mut files = Files { sent_at, new_id, found: None };
    let content = content::read(message, &mut files);
    let media = files.found;
    Ok(Some(Item::Echo(Box::new(InboundEcho { upstream_id, to, sent_at, content, media }))))
}

/// Gives the error of the whole change to a message that came without its body; says whether it took it
/// (`cloud-api.md` section 5, `interactive`).
pub(super) fn take_error(item: &mut Item, error: Option<i64>) -> bool {
    if let Item::Message(message) = item
        && let Content::Unsupported { code: code @ None, .. } = &mut message.content
    {
        *code = error;
        return error.is_some();
    }
    false
}
