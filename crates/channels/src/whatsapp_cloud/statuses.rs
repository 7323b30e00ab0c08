//! One delivery status in our words (`cloud-api.md` section 6).
//!
//! Not here: which status wins (`domain::message::DeliveryStatus` is a lattice, so the order does not matter).

use centrala_domain::inbound::{InboundStatus, Item, Pricing, UpstreamError};
use centrala_domain::message::DeliveryStatus;
use serde_json::Value;

use super::json::{first_error, number, string, text, timestamp};
use super::people::People;
use crate::http::without_numbers;

/// Reads a status; none for one that is not about a message of ours to one person.
pub(super) fn status(status: &Value, people: &People) -> Result<Option<Item>, String> {
    // Calls, and statuses of single participants of a group.
    let is_other = text(status, "type").is_some_and(|kind| kind != "message")
        || text(status, "recipient_type") == Some("group")
        || ["recipient_participant_id", "recipient_participant_user_id"]
            .iter()
            .any(|member| text(status, member).is_some());
    if is_other {
        return Ok(None);
    }
    let upstream_id = string(status, "id").ok_or("`id` is missing")?;
    let Some(claimed) = claimed(text(status, "status").ok_or("`status` is missing")?) else {
        return Ok(None);
    };
    Ok(Some(Item::Status(Box::new(InboundStatus {
        upstream_id,
        status: claimed,
        at: timestamp(status)?,
        callback_data: string(status, "biz_opaque_callback_data"),
        recipient: people.sighting(text(status, "recipient_id"), text(status, "recipient_user_id")),
        pricing: status.get("pricing").filter(|pricing| pricing.is_object()).map(pricing),
        error: first_error(status).map(error),
    }))))
}

/// None for the values that Cloud API does not send (`deleted`, `warning`) and those of the future.
fn claimed(status: &str) -> Option<DeliveryStatus> {
    match status {
        "sent" => Some(DeliveryStatus::Sent),
        "delivered" => Some(DeliveryStatus::Delivered),
        "read" => Some(DeliveryStatus::Read),
        "played" => Some(DeliveryStatus::Played),
        "failed" => Some(DeliveryStatus::Failed),
        _ => None,
    }
}

/// `billable` is on its way out, so it counts only where there is no type.
fn pricing(pricing: &Value) -> Pricing {
    let kind = string(pricing, "type").or_else(|| string(pricing, "pricing_type"));
    let is_billable = match kind.as_deref() {
        Some(kind) => kind == "regular",
        None => pricing.get("billable").and_then(Value::as_bool).unwrap_or(false),
    };
    Pricing {
        is_billable,
        kind,
        // `authentication-international` was seen too.
        category: string(pricing, "category").map(|category| category.replace('-', "_")),
        model: string(pricing, "pricing_model"),
    }
}

/// An error object of a webhook. Without a code it counts as Meta's own "unknown".
fn error(error: &Value) -> UpstreamError {
    UpstreamError { code: number(error, "code").unwrap_or(1), detail: detail(error) }
}

/// The most detailed of an error's texts, without numbers that may be phones.
pub(super) fn detail(error: &Value) -> String {
    let data = error.get("error_data").unwrap_or(&Value::Null);
    let detail = text(data, "details")
        .or_else(|| data.as_str().filter(|text| !text.is_empty()))
        .or_else(|| text(error, "error_user_msg"))
        .or_else(|| text(error, "message"))
        .or_else(|| text(error, "title"));
    without_numbers(detail.unwrap_or_default())
}
