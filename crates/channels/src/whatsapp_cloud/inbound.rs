//! A raw webhook taken apart: every entry, change and item of it (`cloud-api.md` sections 3, 4 and 7).
//!
//! Pure. It never fails as a whole: what cannot be read is an item of its own, with the place where it stands.
//! Not here: what one item says ([`super::messages`], [`super::statuses`]).

use std::collections::BTreeSet;

use centrala_domain::MediaId;
use centrala_domain::inbound::{Inbound, Item};
use serde_json::Value;
use serde_json::value::RawValue;

use super::json::{self, Members, elements, members, number};
use super::people::People;
use super::{messages, statuses};

/// Takes a webhook apart.
pub(super) fn parse(body: &[u8], new_media_id: &mut dyn FnMut() -> MediaId) -> Vec<Inbound> {
    let mut walk = Walk { out: Vec::new(), new_media_id };
    // Meta sends ASCII; a stray byte costs one character, not the webhook.
    let body = String::from_utf8_lossy(body);
    match serde_json::from_str::<&RawValue>(&body).ok().and_then(members) {
        Some(envelope) => walk.envelope(&envelope),
        None => walk.unreadable(None, "", "not a JSON object"),
    }
    walk.out
}

struct Walk<'a> {
    out: Vec<Inbound>,
    new_media_id: &'a mut dyn FnMut() -> MediaId,
}

impl Walk<'_> {
    fn envelope(&mut self, envelope: &Members<'_>) {
        self.each_object(envelope, "entry", "", |walk, at, entry| {
            walk.each_object(entry, "changes", at, Self::change);
        });
    }

    /// Goes through an array of objects that must be there.
    fn each_object(
        &mut self,
        parent: &Members<'_>,
        member: &str,
        at: &str,
        mut visit: impl FnMut(&mut Self, &str, &Members<'_>),
    ) {
        let at = format!("{at}/{member}");
        let Some(items) = parent.get(member).and_then(|raw| elements(raw)) else {
            return self.unreadable(None, &at, "not an array");
        };
        for (index, item) in items.into_iter().enumerate() {
            let at = format!("{at}/{index}");
            match members(item) {
                Some(item) => visit(self, &at, &item),
                None => self.unreadable(None, &at, "not an object"),
            }
        }
    }

    fn change(&mut self, at: &str, change: &Members<'_>) {
        let field: Option<String> = change.get("field").and_then(|raw| serde_json::from_str(raw.get()).ok());
        let Some(field) = field else { return self.unreadable(None, &format!("{at}/field"), "not a text") };
        let at = format!("{at}/value");
        let Some(raw) = change.get("value") else { return self.unreadable(None, &at, "missing") };
        let value = members(raw);
        let endpoint = value.as_ref().and_then(endpoint);
        let carries = |value: &Members<'_>| {
            ["messages", "statuses", "errors", "message_echoes"]
                .iter()
                .any(|member| value.contains_key(*member))
        };
        match (field.as_str(), value) {
            ("messages" | "standby" | "smb_message_echoes", Some(value)) if carries(&value) => {
                self.conversation(endpoint.as_deref(), &at, &value);
            }
            _ => match json::value(raw) {
                Ok(value) => self.out.push(Inbound { endpoint, item: Item::Notice { field, value } }),
                Err(reason) => self.unreadable(endpoint.as_deref(), &at, &reason),
            },
        }
    }

    /// A value with messages, statuses, echoes and errors: one kind of them as a rule, any mix in truth.
    fn conversation(&mut self, endpoint: Option<&str>, at: &str, value: &Members<'_>) {
        let people = self.people(endpoint, at, value);
        let error =
            value.get("errors").and_then(|raw| elements(raw)?.first().and_then(|raw| json::value(raw).ok()));
        let code = error.as_ref().and_then(|error| number(error, "code"));

        let first = self.out.len();
        self.each_item(endpoint, at, value, "messages", |item, ids| messages::message(item, &people, ids));
        let mut has_taken = false;
        for inbound in &mut self.out[first..] {
            has_taken |= messages::take_error(&mut inbound.item, code);
        }
        self.each_item(endpoint, at, value, "message_echoes", |item, ids| messages::echo(item, &people, ids));
        self.each_item(endpoint, at, value, "statuses", |item, _| statuses::status(item, &people));
        if !has_taken {
            self.each_item(endpoint, at, value, "errors", |item, _| Ok(Some(endpoint_error(item))));
        }
    }

    fn people(&mut self, endpoint: Option<&str>, at: &str, value: &Members<'_>) -> People {
        let mut people = People::default();
        self.each_item(endpoint, at, value, "contacts", |contact, _| {
            people.add(contact);
            Ok(None)
        });
        if people.is_one() {
            people.has_one_sender = has_one_person(value);
        }
        people
    }

    /// Goes through an array that may be absent; each item is read on its own.
    fn each_item(
        &mut self,
        endpoint: Option<&str>,
        at: &str,
        value: &Members<'_>,
        member: &str,
        mut read: impl FnMut(&Value, &mut dyn FnMut() -> MediaId) -> Result<Option<Item>, String>,
    ) {
        let at = format!("{at}/{member}");
        let Some(raw) = value.get(member).filter(|raw| raw.get() != "null") else { return };
        let Some(items) = elements(raw) else { return self.unreadable(endpoint, &at, "not an array") };
        for (index, raw) in items.into_iter().enumerate() {
            let item = json::value(raw).and_then(|item| match item {
                Value::Object(_) => read(&item, self.new_media_id),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                    Err("not an object".into())
                }
            });
            match item {
                Ok(Some(item)) => self.out.push(Inbound { endpoint: endpoint.map(str::to_owned), item }),
                Ok(None) => {}
                Err(reason) => self.unreadable(endpoint, &format!("{at}/{index}"), &reason),
            }
        }
    }

    fn unreadable(&mut self, endpoint: Option<&str>, pointer: &str, reason: &str) {
        let item = Item::Unreadable { pointer: pointer.to_owned(), reason: reason.to_owned() };
        self.out.push(Inbound { endpoint: endpoint.map(str::to_owned), item });
    }
}

/// The phone-number id that a value is about.
fn endpoint(value: &Members<'_>) -> Option<String> {
    let metadata = json::value(value.get("metadata")?).ok()?;
    json::string(&metadata, "phone_number_id")
}

/// Whether all messages, echoes and statuses of a value are from or to one person.
fn has_one_person(value: &Members<'_>) -> bool {
    let mut people = BTreeSet::new();
    for (member, phone, user_id) in [
        ("messages", "from", "from_user_id"),
        ("message_echoes", "to", "to_user_id"),
        ("statuses", "recipient_id", "recipient_user_id"),
    ] {
        for raw in value.get(member).and_then(|raw| elements(raw)).into_iter().flatten() {
            let Ok(item) = json::value(raw) else { return false };
            people.insert((json::string(&item, phone), json::string(&item, user_id)));
        }
    }
    people.len() == 1
}

fn endpoint_error(error: &Value) -> Item {
    Item::EndpointError { code: number(error, "code"), detail: statuses::detail(error) }
}
