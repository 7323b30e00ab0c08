//! Read receipts and typing of the business, and the history of a message.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Reply;
use super::error::GraphError;
use crate::http::Call;
use crate::phones::Status;
use crate::world::{World, lock};

/// How long the customer sees that the business types.
const TYPING_MS: i64 = 25_000;
/// Earlier messages that one receipt can mark too.
const EARLIER: usize = 1000;

/// `status: "read"`: this message and the earlier ones of the chat get blue ticks.
pub(crate) fn mark_read(world: &Arc<World>, call: &Call, phone_number_id: &str) -> Result<Reply, GraphError> {
    if call.text("status") != Some("read") {
        return Err(GraphError::parameter("Param status must be one of {read}."));
    }
    let message_id = call.text("message_id").ok_or_else(|| GraphError::missing("message_id"))?;
    let types = call.params.get("typing_indicator");
    if types.is_some_and(|indicator| indicator["type"] != "text") {
        return Err(GraphError::parameter("Param typing_indicator['type'] must be one of {text}."));
    }
    let now_ms = world.clock.now_ms();
    let mut phones = lock(&world.phones);
    let index = phones
        .message(message_id)
        .filter(|message| !message.from_business && message.origin.phone_number_id == phone_number_id)
        .and_then(|message| message.customer)
        .ok_or_else(|| {
            GraphError::parameter("Message id does not exist or is not an incoming message of this number.")
        })?;
    let transcript = &phones.customer(index).transcript;
    // A message that fell off the transcript's end is marked alone.
    let earlier: Vec<Arc<str>> = match transcript.iter().rposition(|wamid| **wamid == *message_id) {
        Some(position) => transcript.range(position.saturating_sub(EARLIER)..=position).cloned().collect(),
        None => vec![message_id.into()],
    };
    for wamid in earlier.iter().rev() {
        let Some(message) = phones.message_mut(wamid) else { continue };
        let is_of_chat = !message.from_business && message.origin.phone_number_id == phone_number_id;
        // What is read already had everything before it marked by an earlier receipt.
        if is_of_chat && !message.advance(Status::Read, now_ms.div_euclid(1000)) {
            break;
        }
    }
    if types.is_some() {
        phones.customer_mut(index).chat(phone_number_id, now_ms).typing_until_ms = now_ms + TYPING_MS;
    }
    Ok(json!({"success": true}).into())
}

/// `GET /{phone_number_id}/message_history?message_id=`.
pub(crate) fn history(world: &Arc<World>, call: &Call, phone_number_id: &str) -> Result<Reply, GraphError> {
    let message_id = call.text("message_id").ok_or_else(|| GraphError::missing("message_id"))?;
    let phones = lock(&world.phones);
    let message =
        phones.message(message_id).filter(|message| message.origin.phone_number_id == phone_number_id);
    let Some(message) = message else { return Ok(json!({"data": []}).into()) };
    let events: Vec<Value> = message
        .events
        .iter()
        .map(|(status, at_seconds)| {
            let mut event = json!({
                "id": format!("{message_id}.{}", status.name()),
                "delivery_status": status.name().to_ascii_uppercase(),
                "timestamp": at_seconds,
                "webhook_update_state": "SENT",
            });
            if let (Status::Failed, Some(code)) = (status, message.error_code) {
                event["error_description"] = json!(format!("({code}) {}", super::codes::find(code).title));
            }
            event
        })
        .collect();
    Ok(json!({"data": [{"id": message_id, "message_id": message_id, "events": {"data": events}}]}).into())
}
