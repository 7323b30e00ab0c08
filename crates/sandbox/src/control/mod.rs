//! The `/sandbox/` calls: looking at the simulated world and changing it. No rule of Meta's lives here.

mod customers;
mod environment;
mod page;

use std::sync::Arc;

use hyper::Method;
use serde_json::{Value, json};

use crate::http::{Answer, Call};
use crate::world::World;

/// Why a control call was refused.
pub(crate) struct Refusal {
    status: u16,
    message: String,
}

impl Refusal {
    fn not_found(what: &str) -> Self {
        Self { status: 404, message: format!("there is no {what}") }
    }
}

impl From<String> for Refusal {
    fn from(message: String) -> Self {
        Self { status: 400, message }
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Self { status: 400, message: error.to_string() }
    }
}

type Handled = Result<Value, Refusal>;

/// Answers one control call.
pub(crate) fn answer(world: &Arc<World>, call: &Call) -> Answer {
    if call.method == Method::GET
        && let Some(answer) = page::answer(world, call)
    {
        return answer;
    }
    match route(world, call) {
        Ok(body) => Answer::json(200, &body),
        Err(refusal) => Answer::json(refusal.status, &json!({"error": {"message": refusal.message}})),
    }
}

fn route(world: &Arc<World>, call: &Call) -> Handled {
    let segments: Vec<&str> = call.segments.iter().skip(1).map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["state"]) => environment::state(world),
        ("GET", ["pulse"]) => environment::pulse(world, call),
        ("GET", ["customers"]) => customers::list(world),
        ("POST", ["customers"]) => customers::create(world, call),
        ("GET", ["customers", id]) => customers::show(world, id),
        ("PATCH", ["customers", id]) => customers::change(world, call, id),
        ("GET", ["customers", id, "messages"]) => customers::transcript(world, call, id),
        ("POST", ["customers", id, "messages"]) => customers::write(world, call, id),
        ("POST", ["customers", id, "read"]) => customers::read(world, call, id),
        ("GET", ["numbers"]) => environment::numbers(world),
        ("POST", ["numbers"]) => environment::add_number(world, call),
        ("GET", ["settings"]) => environment::settings(world),
        ("PATCH" | "POST", ["settings"]) => environment::change_settings(world, call),
        ("GET", ["faults"]) => environment::faults(world),
        ("POST", ["faults"]) => environment::add_faults(world, call),
        ("DELETE", ["faults"]) => environment::remove_faults(world, None),
        ("DELETE", ["faults", id]) => environment::remove_faults(world, Some(id)),
        ("GET", ["ledger"]) => environment::ledger(world, call),
        ("POST", ["ledger", "reset"]) => environment::reset_ledger(world),
        ("GET", ["clock"]) => environment::clock(world),
        ("POST", ["clock"]) => environment::move_clock(world, call),
        (method, _) => Err(Refusal::not_found(&format!("call {method} {}", call.path))),
    }
}
