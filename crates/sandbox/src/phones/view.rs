//! What a phone shows, as JSON. It only reads.

use serde_json::{Value, json};

use super::{Customer, Message, Phones, Status};

/// So many customers are told of in one look at the town.
const PEOPLE_LIMIT: usize = 500;

/// Which part of a phone to show.
pub(crate) struct Window<'a> {
    pub(crate) phone_number_id: Option<&'a str>,
    /// Skip so many messages from the start.
    pub(crate) after: usize,
    pub(crate) limit: usize,
}

/// The transcript of one phone, oldest first.
pub(crate) fn transcript(phones: &Phones, customer: &Customer, window: &Window<'_>, now_ms: i64) -> Value {
    let messages: Vec<Value> = customer
        .transcript
        .iter()
        .filter_map(|wamid| phones.message(wamid))
        .filter(|message| window.phone_number_id.is_none_or(|id| message.origin.phone_number_id == id))
        .skip(window.after)
        .take(window.limit)
        .map(show)
        .collect();
    let typing = typing_lines(customer, now_ms);
    json!({
        "customer": customer.describe(),
        "messages": messages,
        "count": customer.transcript.len(),
        "reached": customer.reached,
        "forgotten": customer.forgotten,
        "typing": !typing.is_empty(),
        "typing_phone_number_ids": typing,
    })
}

/// Who changed after a version, the latest first, each with their newest message; and how many people there are.
pub(crate) fn news(phones: &Phones, since: u64, now_ms: i64) -> Value {
    // A version from the future was another town's.
    let since = if since > phones.version() { 0 } else { since };
    let mut changed: Vec<&Customer> =
        phones.customers().iter().filter(|customer| customer.changed > since).collect();
    changed.sort_unstable_by_key(|customer| std::cmp::Reverse(customer.changed));
    let people: Vec<Value> =
        changed.into_iter().take(PEOPLE_LIMIT).map(|customer| glance(phones, customer)).collect();
    let typing: serde_json::Map<String, Value> = phones
        .customers()
        .iter()
        .filter_map(|customer| {
            let lines = typing_lines(customer, now_ms);
            (!lines.is_empty()).then(|| (customer.id.clone(), json!(lines)))
        })
        .collect();
    json!({
        "version": phones.version(),
        "whole": since == 0,
        "people": people,
        "people_count": phones.customers().len(),
        "typing": typing,
    })
}

fn glance(phones: &Phones, customer: &Customer) -> Value {
    let mut shown = customer.describe();
    let newest = customer.transcript.back().and_then(|wamid| phones.message(wamid));
    shown["changed"] = json!(customer.changed);
    shown["count"] = json!(customer.transcript.len());
    shown["newest"] = newest.map_or(Value::Null, |message| {
        json!({
            "from": side(message.from_business),
            "type": message.kind,
            "body": text(message),
            "timestamp": message.at_seconds,
        })
    });
    shown
}

fn typing_lines(customer: &Customer, now_ms: i64) -> Vec<&String> {
    customer.chats.iter().filter(|(_, chat)| now_ms < chat.typing_until_ms).map(|(id, _)| id).collect()
}

fn show(message: &Message) -> Value {
    let content = message.body.get(&message.kind).cloned().unwrap_or(Value::Null);
    let reactions: Vec<Value> = message
        .reactions
        .iter()
        .map(|(by_business, emoji)| json!({"from": side(*by_business), "emoji": emoji}))
        .collect();
    let ticks: Vec<Value> =
        message.events.iter().map(|(status, at)| json!({"status": status.name(), "timestamp": at})).collect();
    let mut shown = json!({
        "id": &*message.wamid,
        "wamid": &*message.wamid,
        "from": side(message.from_business),
        "phone_number_id": message.origin.phone_number_id,
        "timestamp": message.at_seconds.to_string(),
        "type": message.kind,
        "body": text(message),
        "status": message.status().map(Status::name),
        "ticks": ticks,
        "reactions": reactions,
        "quoted": message.quoted,
        "biz_opaque_callback_data": message.opaque,
    });
    if !message.from_business {
        shown["read_by_business"] = json!(message.has(Status::Read));
    }
    // Meta's own object stands under its type, as on the wire; `body` is what a person reads of it.
    if !content.is_null() {
        shown[message.kind.as_str()] = content;
    }
    shown
}

const fn side(by_business: bool) -> &'static str {
    if by_business { "business" } else { "customer" }
}

/// The words a person reads, whatever the type.
fn text(message: &Message) -> Option<String> {
    if let Some(rendered) = &message.rendered {
        return Some(rendered.clone());
    }
    let content = message.body.get(&message.kind)?;
    let candidates = [
        &content["body"],
        &content["caption"],
        &content["text"],
        &content["body"]["text"],
        &content["button_reply"]["title"],
        &content["list_reply"]["title"],
    ];
    candidates.into_iter().find_map(Value::as_str).map(str::to_owned)
}
