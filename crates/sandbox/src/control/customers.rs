//! Control calls about customers and their phones.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{Handled, Refusal};
use crate::faults::plain;
use crate::http::Call;
use crate::phones::view::{Window, transcript as show_transcript};
use crate::phones::{Customer, NewCustomer, life, writing};
use crate::world::{World, lock};

const COUNT_LIMIT: usize = 100_000;

pub(super) fn list(world: &Arc<World>) -> Handled {
    let phones = lock(&world.phones);
    Ok(json!({"customers": phones.customers().iter().map(Customer::describe).collect::<Vec<_>>()}))
}

/// One customer, or `count` of them with chosen numbers.
pub(super) fn create(world: &Arc<World>, call: &Call) -> Handled {
    let new: NewCustomer = serde_json::from_value(Value::Object(call.params.clone()))?;
    let mut phones = lock(&world.phones);
    let Some(count) = new.count else {
        let index = phones.add(&world.ids, new)?;
        return Ok(phones.customer(index).describe());
    };
    if count > COUNT_LIMIT || new.phone.is_some() {
        return Err(Refusal::from(format!("count is at most {COUNT_LIMIT} and comes without a phone")));
    }
    let mut made = Vec::with_capacity(count);
    for number in 1..=count {
        let mut one = new.clone();
        one.id = new.id.as_ref().map(|prefix| format!("{prefix}-{number}"));
        one.name = new.name.as_ref().map(|name| format!("{name} {number}"));
        one.username = None;
        let index = phones.add(&world.ids, one)?;
        made.push(phones.customer(index).describe());
    }
    Ok(json!({"customers": made}))
}

pub(super) fn show(world: &Arc<World>, id: &str) -> Handled {
    let phones = lock(&world.phones);
    let index = phones.index_of(id).ok_or_else(|| Refusal::not_found("customer with that id"))?;
    Ok(phones.customer(index).describe())
}

/// What can change about a customer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomerPatch {
    name: Option<String>,
    /// Null takes the username away.
    #[serde(default, deserialize_with = "present")]
    username: Option<Option<String>>,
    phone: Option<String>,
    phone_visible: Option<bool>,
    online: Option<bool>,
    reads: Option<bool>,
    blocked: Option<Blocked>,
}

/// Everyone, no one, or the numbers named.
#[derive(Deserialize)]
#[serde(untagged)]
enum Blocked {
    Everyone(bool),
    Lines(HashSet<String>),
}

/// Tells null from absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

pub(super) fn change(world: &Arc<World>, call: &Call, id: &str) -> Handled {
    let patch: CustomerPatch = serde_json::from_value(Value::Object(call.params.clone()))?;
    let index = find(world, id)?;
    let (described, comes_online, moved) = {
        let mut phones = lock(&world.phones);
        let is_same = |phone: &&String| plain(phone) == phones.customer(index).digits;
        let moved = match patch.phone.as_ref().filter(|phone| !is_same(phone)) {
            Some(phone) => Some(phones.move_number(&world.ids, index, phone)?),
            None => None,
        };
        let customer = phones.customer_mut(index);
        let was_online = customer.is_online;
        apply(customer, patch);
        (customer.describe(), customer.is_online && !was_online, moved)
    };
    if let Some(moved) = moved {
        writing::announce_move(world, index, &moved)?;
    }
    if comes_online {
        life::come_online(world, index);
    }
    Ok(described)
}

fn apply(customer: &mut Customer, patch: CustomerPatch) {
    if let Some(name) = patch.name {
        customer.name = name;
    }
    if let Some(username) = patch.username {
        customer.username = username.filter(|username| !username.is_empty());
    }
    customer.phone_visible = patch.phone_visible.unwrap_or(customer.phone_visible);
    customer.is_online = patch.online.unwrap_or(customer.is_online);
    customer.reads = patch.reads.unwrap_or(customer.reads);
    match patch.blocked {
        Some(Blocked::Everyone(everyone)) => {
            customer.blocks_everyone = everyone;
            customer.blocked_lines.clear();
        }
        Some(Blocked::Lines(lines)) => {
            customer.blocks_everyone = false;
            customer.blocked_lines = lines;
        }
        None => {}
    }
}

pub(super) fn transcript(world: &Arc<World>, call: &Call, id: &str) -> Handled {
    let index = find(world, id)?;
    let number = |name: &str| call.number(name).and_then(|number| usize::try_from(number).ok());
    let window = Window {
        phone_number_id: call.text("phone_number_id"),
        after: number("after").unwrap_or(0),
        limit: number("limit").unwrap_or(usize::MAX),
    };
    let phones = lock(&world.phones);
    Ok(show_transcript(&phones, phones.customer(index), &window, world.clock.now_ms()))
}

pub(super) fn write(world: &Arc<World>, call: &Call, id: &str) -> Handled {
    let index = find(world, id)?;
    let body = Value::Object(call.params.clone());
    let messages = writing::write(world, index, &body)?;
    Ok(json!({"id": messages.first().map(|message| &message["id"]), "messages": messages}))
}

pub(super) fn read(world: &Arc<World>, call: &Call, id: &str) -> Handled {
    let index = find(world, id)?;
    Ok(json!({"read": life::open_chat(world, index, call.text("phone_number_id"))}))
}

fn find(world: &World, id: &str) -> Result<usize, Refusal> {
    lock(&world.phones).index_of(id).ok_or_else(|| Refusal::not_found("customer with that id"))
}
