//! A customer sends: Meta's own inbound message object, completed with what the platform adds.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{Message, Moved, Origin, Status};
use crate::crypto::{sha256_base64, sha256_hex};
use crate::ledger::{LedgerEntry, LedgerKind};
use crate::media::{INCOMING_DAYS, Media, expiry_ms};
use crate::samples;
use crate::settings::Settings;
use crate::webhooks::Update;
use crate::world::{World, lock};

const MEDIA: [&str; 5] = ["image", "video", "audio", "document", "sticker"];
/// One call can send so many at most.
const COUNT_LIMIT: u64 = 100_000;

/// Sends what the body says, `count` times, and gives the messages as webhooks carry them.
pub(crate) fn write(world: &Arc<World>, customer: usize, body: &Value) -> Result<Vec<Value>, String> {
    let mut template = body.as_object().cloned().ok_or("the body must be Meta's message object")?;
    let count = template.remove("count").map_or(Some(1), |count| count.as_u64());
    let count =
        count.filter(|count| (1..=COUNT_LIMIT).contains(count)).ok_or("count must be a positive number")?;
    let phone_number_id = match template.remove("phone_number_id").as_ref().and_then(Value::as_str) {
        Some(id) => id.to_owned(),
        None => lock(&world.accounts).first().map(str::to_owned).ok_or("there is no number to write to")?,
    };
    let origin = world.origin(&phone_number_id).ok_or("there is no number with that phone_number_id")?;
    if count > 1 {
        template.remove("id");
    }
    let kind = kind_of(&template)?;
    template.insert("type".to_owned(), json!(kind));
    if MEDIA.contains(&kind.as_str()) {
        store_media(world, &origin, &kind, &mut template)?;
    }
    (0..count).map(|_| write_one(world, customer, &origin, &kind, template.clone())).collect()
}

/// Tells every number the customer wrote with that their phone and user id are others now.
pub(crate) fn announce_move(world: &Arc<World>, customer: usize, moved: &Moved) -> Result<(), String> {
    let settings = world.settings();
    let (chats, system) = {
        let phones = lock(&world.phones);
        let person = phones.customer(customer);
        let body = format!("{} changed from {} to {}", person.name, moved.old_digits, person.digits);
        let mut system = json!({"type": "user_changed_number", "body": body});
        if let Some(phone) = person.visible_phone(&settings) {
            system["wa_id"] = json!(phone);
        }
        if let Some(user_id) = person.visible_user_id(&settings) {
            system["body"] = json!(format!("{} changed their number", person.name));
            system["user_id"] = json!(user_id);
            system["previous_user_id"] = json!(moved.old_user_id);
        }
        (person.chats.keys().cloned().collect::<Vec<_>>(), system)
    };
    for phone_number_id in chats {
        let mut body = json!({"type": "system", "system": system, "phone_number_id": phone_number_id});
        if system.get("wa_id").is_some() {
            body["from"] = json!(moved.old_digits);
        }
        if system.get("user_id").is_some() {
            body["from_user_id"] = json!(moved.old_user_id);
        }
        write(world, customer, &body)?;
    }
    Ok(())
}

/// The type that is named, or the one member that looks like a type's object.
fn kind_of(template: &Map<String, Value>) -> Result<String, String> {
    if let Some(kind) = template.get("type") {
        return kind.as_str().map(str::to_owned).ok_or_else(|| "type must be text".to_owned());
    }
    let besides = ["context", "referral", "identity", "errors"];
    let mut kinds = template
        .iter()
        .filter(|(name, value)| !besides.contains(&name.as_str()) && (value.is_object() || value.is_array()));
    kinds.next().map(|(name, _)| name.clone()).ok_or_else(|| "type is missing".to_owned())
}

fn write_one(
    world: &Arc<World>,
    customer: usize,
    origin: &Arc<Origin>,
    kind: &str,
    mut message: Map<String, Value>,
) -> Result<Value, String> {
    let settings = world.settings();
    let now_ms = world.clock.now_ms();
    let at_seconds = timestamp(&message).unwrap_or_else(|| now_ms.div_euclid(1000));
    message.insert("timestamp".to_owned(), json!(at_seconds.to_string()));
    let blocked = is_blocked_by_business(world, customer, origin);
    let (value, update, customer_id) = {
        let mut phones = lock(&world.phones);
        let person = phones.customer(customer);
        let names =
            [("from", person.visible_phone(&settings)), ("from_user_id", person.visible_user_id(&settings))];
        for (name, value) in names {
            if let Some(value) = value {
                message.entry(name).or_insert_with(|| json!(value));
            }
        }
        let wamid = message.get("id").and_then(Value::as_str).map(str::to_owned);
        let wamid = wamid.unwrap_or_else(|| world.ids.wamid(&person.user_id));
        message.insert("id".to_owned(), json!(wamid));
        let quoted = complete_context(&mut message, &phones, origin, &settings);
        let value = Value::Object(message);
        let person = phones.customer(customer);
        let contacts = (kind != "system").then(|| vec![person.contact(&settings)]);
        let update = Update::message(origin, value.clone(), contacts, person.spellings());
        let customer_id = person.id.clone();
        let has_referral = value.get("referral").is_some();
        if kind != "system" {
            let chat = phones.customer_mut(customer).chat(&origin.phone_number_id, now_ms);
            let at_ms = at_seconds.saturating_mul(1000).min(now_ms);
            chat.last_inbound_ms = chat.last_inbound_ms.max(Some(at_ms));
            chat.referral_ms = if has_referral { Some(at_ms) } else { chat.referral_ms };
        }
        keep(&mut phones, customer, origin, &value, kind, quoted, at_seconds);
        (value, update, customer_id)
    };
    record(world, &value, origin, customer_id, blocked);
    if !blocked {
        world.sender.publish(world, update);
    }
    Ok(value)
}

/// Puts the message on the customer's own screen; a reaction only changes the message it is about, and what the
/// platform says in the customer's name is not theirs.
fn keep(
    phones: &mut super::Phones,
    customer: usize,
    origin: &Arc<Origin>,
    value: &Value,
    kind: &str,
    quoted: Option<String>,
    at_seconds: i64,
) {
    if kind == "system" {
        return;
    }
    if kind == "reaction" {
        let target = value["reaction"]["message_id"].as_str().unwrap_or_default();
        if let Some(target) = phones.message_mut(target) {
            target.react(false, value["reaction"]["emoji"].as_str().unwrap_or_default());
        }
        return;
    }
    let wamid: Arc<str> = value["id"].as_str().unwrap_or_default().into();
    phones.customer_mut(customer).show(wamid.clone());
    phones.remember(Message {
        wamid,
        from_business: false,
        customer: Some(customer),
        address: String::new(),
        origin: origin.clone(),
        at_seconds,
        kind: kind.to_owned(),
        body: value.clone(),
        rendered: None,
        opaque: None,
        quoted,
        events: vec![(Status::Sent, at_seconds), (Status::Delivered, at_seconds)],
        error_code: None,
        pricing: None,
        reactions: Vec::new(),
        ledger_seq: 0,
        is_voice: false,
    });
}

fn record(world: &World, value: &Value, origin: &Origin, customer_id: String, blocked: bool) {
    let mut entry = LedgerEntry::new(LedgerKind::Customer, if blocked { "blocked" } else { "accepted" });
    entry.wamids = value["id"].as_str().map(str::to_owned).into_iter().collect();
    entry.updates = value["type"].as_str().map(str::to_owned).into_iter().collect();
    entry.phone_number_id = Some(origin.phone_number_id.clone());
    entry.recipient = Some(customer_id);
    world.record(entry);
}

fn is_blocked_by_business(world: &World, customer: usize, origin: &Origin) -> bool {
    let user_id = lock(&world.phones).customer(customer).user_id.clone();
    let accounts = lock(&world.accounts);
    accounts.lines.get(&origin.phone_number_id).is_some_and(|line| line.blocked.contains_key(&user_id))
}

fn timestamp(message: &Map<String, Value>) -> Option<i64> {
    let value = message.get("timestamp")?;
    value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

/// Fills in who wrote the quoted message. `message_id` is taken for `id`, as senders spell it.
fn complete_context(
    message: &mut Map<String, Value>,
    phones: &super::Phones,
    origin: &Origin,
    settings: &Settings,
) -> Option<String> {
    let context = message.get_mut("context")?.as_object_mut()?;
    if let Some(id) = context.remove("message_id") {
        context.entry("id").or_insert(id);
    }
    let quoted = context.get("id").and_then(Value::as_str).map(str::to_owned)?;
    let author =
        phones.message(&quoted).filter(|quoted| !quoted.from_business).and_then(|quoted| quoted.customer);
    let names = match author.map(|index| phones.customer(index)) {
        Some(person) => {
            [("from", person.visible_phone(settings)), ("from_user_id", person.visible_user_id(settings))]
        }
        None => [("from", Some(origin.digits.as_str())), ("from_user_id", None)],
    };
    for (name, value) in names {
        if let Some(value) = value {
            context.entry(name).or_insert_with(|| json!(value));
        }
    }
    Some(quoted)
}

/// Stores the file of a media message, given as base64 or made here, and fills in what Meta tells about it.
fn store_media(
    world: &World,
    origin: &Origin,
    kind: &str,
    message: &mut Map<String, Value>,
) -> Result<(), String> {
    let object = message.entry(kind).or_insert_with(|| json!({}));
    let object = object.as_object_mut().ok_or_else(|| format!("{kind} must be an object"))?;
    if object.contains_key("id") {
        return Ok(());
    }
    let given = object.remove("data_base64");
    let named = object.get("mime_type").and_then(Value::as_str).map(str::to_owned);
    let (mime_type, bytes) = match given.as_ref().and_then(Value::as_str) {
        Some(text) => {
            let bytes = STANDARD.decode(text).map_err(|_| "data_base64 is not base64".to_owned())?;
            (named.unwrap_or_else(|| samples::file(kind, 0).0.to_owned()), Bytes::from(bytes))
        }
        None => {
            let variant = u8::try_from(world.ids.between(0, 255)).unwrap_or(0);
            let (sample_type, bytes) = samples::file(kind, variant);
            (named.unwrap_or_else(|| sample_type.to_owned()), bytes)
        }
    };
    let id = world.ids.decimal_id();
    object.insert("id".to_owned(), json!(id));
    object.insert("mime_type".to_owned(), json!(mime_type));
    object.insert("sha256".to_owned(), json!(sha256_base64(&bytes)));
    match kind {
        "audio" => drop(object.entry("voice").or_insert(json!(given.is_none()))),
        "sticker" => drop(object.entry("animated").or_insert(json!(false))),
        "document" => drop(object.entry("filename").or_insert(json!("document.pdf"))),
        _ => {}
    }
    let now_ms = world.clock.now_ms();
    let sha256_hex = sha256_hex(&bytes);
    let expires_ms = expiry_ms(now_ms, INCOMING_DAYS);
    let mut shelf = lock(&world.media);
    if world.settings().media_url_in_webhooks {
        object.insert("url".to_owned(), json!(shelf.url(&world.public_url, &id, now_ms)));
    }
    shelf
        .put(Media { id, waba_id: origin.waba_id.clone(), mime_type, sha256_hex, bytes, expires_ms }, now_ms);
    Ok(())
}
