//! Customers whom the business blocks. Customers who block the business are in `phones`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Reply;
use super::error::{GraphError, webhook_error};
use crate::faults::plain;
use crate::http::Call;
use crate::world::{World, lock};

/// `GET /{phone_number_id}/block_users`.
pub(crate) fn list(world: &Arc<World>, id: &str) -> Result<Reply, GraphError> {
    let accounts = lock(&world.accounts);
    let line = accounts.lines.get(id).ok_or_else(|| GraphError::no_such_node("get", id))?;
    let data: Vec<Value> = line
        .blocked
        .iter()
        .map(|(user_id, wa_id)| json!({"messaging_product": "whatsapp", "wa_id": wa_id, "user_id": user_id}))
        .collect();
    Ok(json!({"data": data, "paging": {"cursors": {"before": "c0", "after": format!("c{}", data.len())}}})
        .into())
}

/// `POST /{phone_number_id}/block_users`: only people who wrote within 24 hours.
pub(crate) fn block(world: &Arc<World>, call: &Call, id: &str) -> Result<Reply, GraphError> {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    let now_ms = world.clock.now_ms();
    for (input, found) in people(world, call)? {
        let is_recent =
            |index: usize| lock(&world.phones).customer_mut(index).chat(id, now_ms).is_open(now_ms);
        match found {
            Some(person) if is_recent(person.index) => {
                if let Some(line) = lock(&world.accounts).lines.get_mut(id) {
                    line.blocked.insert(person.user_id, person.digits.clone());
                }
                done.push(json!({"input": input, "wa_id": person.digits}));
            }
            Some(person) => failed.push(refused(&input, Some(&person.digits), 131_047)),
            None => failed.push(refused(&input, None, 131_026)),
        }
    }
    finish("added_users", &done, &failed)
}

/// `DELETE /{phone_number_id}/block_users`.
pub(crate) fn unblock(world: &Arc<World>, call: &Call, id: &str) -> Result<Reply, GraphError> {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for (input, found) in people(world, call)? {
        match found {
            Some(person) => {
                if let Some(line) = lock(&world.accounts).lines.get_mut(id) {
                    line.blocked.remove(&person.user_id);
                }
                done.push(json!({"input": input, "wa_id": person.digits}));
            }
            None => failed.push(refused(&input, None, 131_026)),
        }
    }
    finish("removed_users", &done, &failed)
}

struct Person {
    index: usize,
    user_id: String,
    digits: String,
}

/// The people a call names, and who they are if anybody.
fn people(world: &World, call: &Call) -> Result<Vec<(String, Option<Person>)>, GraphError> {
    let named = call.params.get("block_users").and_then(Value::as_array);
    let named = named
        .filter(|list| !list.is_empty())
        .ok_or_else(|| GraphError::parameter("The parameter block_users is required."))?;
    let phones = lock(&world.phones);
    let read = |one: &Value| {
        let input = one["user"].as_str().or_else(|| one["user_id"].as_str()).unwrap_or_default().to_owned();
        let found = phones.at_address(&plain(&input)).map(|index| {
            let customer = phones.customer(index);
            Person { index, user_id: customer.user_id.clone(), digits: customer.digits.clone() }
        });
        (input, found)
    };
    Ok(named.iter().map(read).collect())
}

fn refused(input: &str, wa_id: Option<&str>, code: i64) -> Value {
    let mut entry =
        json!({"input": input, "errors": [webhook_error(code, "The user could not be blocked.")]});
    if let Some(wa_id) = wa_id {
        entry["wa_id"] = json!(wa_id);
    }
    entry
}

/// A partial failure answers 400 with both lists and an error.
fn finish(list: &'static str, done: &[Value], failed: &[Value]) -> Result<Reply, GraphError> {
    let mut users = json!({ list: done });
    if failed.is_empty() {
        return Ok(json!({"messaging_product": "whatsapp", "block_users": users}).into());
    }
    users["failed_users"] = json!(failed);
    Err(GraphError::new(139_100, "Some users could not be blocked or unblocked.")
        .with_beside("block_users", users))
}
