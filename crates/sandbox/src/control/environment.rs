//! Control calls about numbers, settings, faults, the ledger and the clock.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Handled, Refusal};
use crate::accounts::{NewLine, Number};
use crate::clock::{parse_rfc3339, rfc3339};
use crate::faults::{FaultKind, FaultSpec};
use crate::graph::templates::status_update;
use crate::http::Call;
use crate::ledger::LedgerKind;
use crate::phones::Customer;
use crate::phones::view::news as show_news;
use crate::webhooks::Update;
use crate::world::{World, lock};

const LEDGER_LIMIT: usize = 1000;
const LEDGER_LIMIT_MAX: usize = 100_000;

pub(super) fn state(world: &Arc<World>) -> Handled {
    let numbers = lock(&world.accounts).numbers();
    let customers: Vec<Value> = lock(&world.phones).customers().iter().map(Customer::describe).collect();
    Ok(json!({
        "base_url": world.base_url,
        "numbers": numbers,
        "customers": customers,
        "faults": world.faults.list(),
        "settings": *world.settings(),
        "clock": clock(world)?,
        "webhooks_pending": world.sender.pending(),
    }))
}

/// What a screen asks for every second: who changed after a version, and the rest of the town in short. No secrets.
pub(super) fn pulse(world: &Arc<World>, call: &Call) -> Handled {
    let since = call.number("since").unwrap_or(0);
    let mut pulse = show_news(&lock(&world.phones), since, world.clock.now_ms());
    let (numbers, business_url) = {
        let accounts = lock(&world.accounts);
        let numbers: Vec<Value> = accounts
            .numbers()
            .into_iter()
            .map(|number| {
                json!({
                    "phone_number_id": number.phone_number_id,
                    "display_phone_number": number.display_phone_number,
                    "verified_name": number.verified_name,
                })
            })
            .collect();
        (numbers, accounts.callback_origin())
    };
    pulse["numbers"] = json!(numbers);
    pulse["business_url"] = json!(business_url);
    pulse["faults"] = json!(world.faults.list());
    pulse["now_ms"] = json!(world.clock.now_ms());
    pulse["ledger_last"] = json!(lock(&world.ledger).last());
    pulse["webhooks_pending"] = json!(world.sender.pending());
    Ok(pulse)
}

pub(super) fn numbers(world: &Arc<World>) -> Handled {
    Ok(json!({"numbers": lock(&world.accounts).numbers()}))
}

/// A number in the first account, in a named one (`waba_id`), or in a new one (`new_waba`, `new_app`).
pub(super) fn add_number(world: &Arc<World>, call: &Call) -> Handled {
    let flag = |name: &str| {
        call.params.get(name).is_some_and(|value| *value == json!(true) || *value == json!("true"))
    };
    let mut accounts = lock(&world.accounts);
    let own_app = flag("new_app");
    let waba_id = match call.text("waba_id") {
        Some(id) => Some(id.to_owned()),
        None if own_app || flag("new_waba") => None,
        None => accounts.numbers().into_iter().next().map(|number| number.waba_id),
    };
    let new = NewLine {
        verified_name: call.text("verified_name").unwrap_or("Brutăria Spicul 2").to_owned(),
        display: call.text("display_phone_number").map(str::to_owned),
        waba_id,
        own_app,
    };
    let number = accounts
        .add(&world.ids, new, world.clock.now_ms())
        .ok_or_else(|| Refusal::not_found("account with that waba_id"))?;
    Ok(json!(number))
}

pub(super) fn settings(world: &Arc<World>) -> Handled {
    Ok(json!(*world.settings()))
}

pub(super) fn change_settings(world: &Arc<World>, call: &Call) -> Handled {
    let next = world.settings().patched(&Value::Object(call.params.clone()))?;
    let shown = json!(next);
    world.change_settings(next);
    Ok(shown)
}

pub(super) fn faults(world: &Arc<World>) -> Handled {
    Ok(json!({"faults": world.faults.list()}))
}

/// One fault as an object, or several as an array.
pub(super) fn add_faults(world: &Arc<World>, call: &Call) -> Handled {
    let Some(list) = call.list.as_ref().and_then(Value::as_array) else {
        return add_fault(world, &Value::Object(call.params.clone()));
    };
    let specs: Result<Vec<_>, _> = list.iter().map(FaultSpec::parse).collect();
    specs?;
    let added: Result<Vec<_>, _> = list.iter().map(|value| add_fault(world, value)).collect();
    Ok(json!({"faults": added?}))
}

fn add_fault(world: &Arc<World>, value: &Value) -> Handled {
    let fault = world.faults.add(FaultSpec::parse(value)?);
    tell(world, &fault.spec, true);
    Ok(json!(fault))
}

/// Meta tells the business when a number's quality falls or a template is paused, and when that is over.
fn tell(world: &Arc<World>, spec: &FaultSpec, begins: bool) {
    let is_meant =
        |number: &&Number| spec.phone_number_id.as_ref().is_none_or(|id| *id == number.phone_number_id);
    let numbers = lock(&world.accounts).numbers();
    match spec.kind {
        FaultKind::QualityRed => {
            for number in numbers.iter().filter(is_meant) {
                let digits: String =
                    number.display_phone_number.chars().filter(char::is_ascii_digit).collect();
                let value = json!({
                    "display_phone_number": digits,
                    "event": if begins { "FLAGGED" } else { "UNFLAGGED" },
                    "current_limit": "TIER_2K",
                    "max_daily_conversations_per_business": 2000,
                });
                world
                    .sender
                    .publish(world, Update::account(&number.waba_id, "phone_number_quality_update", value));
            }
        }
        FaultKind::TemplatePaused => {
            let waba_ids: BTreeSet<&str> =
                numbers.iter().filter(is_meant).map(|number| number.waba_id.as_str()).collect();
            for waba_id in waba_ids {
                tell_templates(world, waba_id, spec.template.as_deref(), begins);
            }
        }
        _ => {}
    }
}

fn tell_templates(world: &Arc<World>, waba_id: &str, only: Option<&str>, begins: bool) {
    let style = world.settings().locale_style;
    let values: Vec<Value> = {
        let accounts = lock(&world.accounts);
        let templates = accounts.wabas.get(waba_id).map_or(&[][..], |waba| &waba.templates);
        let meant = templates.iter().filter(|template| only.is_none_or(|name| name == template.name));
        meant.map(|template| status_update(template, begins, style)).collect()
    };
    for value in values {
        world.sender.publish(world, Update::account(waba_id, "message_template_status_update", value));
    }
}

pub(super) fn remove_faults(world: &Arc<World>, id: Option<&str>) -> Handled {
    let ended = world.faults.remove(id);
    if id.is_some() && ended.is_empty() {
        return Err(Refusal::not_found("fault with that id"));
    }
    for fault in &ended {
        tell(world, &fault.spec, false);
    }
    Ok(json!({"removed": ended.len()}))
}

pub(super) fn ledger(world: &Arc<World>, call: &Call) -> Handled {
    let limit = call.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(LEDGER_LIMIT);
    let kind: Option<LedgerKind> = match call.text("kind") {
        Some(kind) => Some(serde_json::from_value(json!(kind))?),
        None => None,
    };
    let page = lock(&world.ledger).page(call.number("after").unwrap_or(0), limit.min(LEDGER_LIMIT_MAX), kind);
    Ok(serde_json::to_value(page)?)
}

pub(super) fn reset_ledger(world: &Arc<World>) -> Handled {
    lock(&world.ledger).reset();
    Ok(json!({"success": true}))
}

pub(super) fn clock(world: &Arc<World>) -> Handled {
    let now_ms = world.clock.now_ms();
    Ok(json!({"now": rfc3339(now_ms), "now_seconds": now_ms.div_euclid(1000), "now_ms": now_ms}))
}

pub(super) fn move_clock(world: &Arc<World>, call: &Call) -> Handled {
    let seconds = call.params.get("advance_seconds");
    let instant = call.text("set");
    match (seconds.map(Value::as_i64), instant.map(parse_rfc3339)) {
        (Some(Some(seconds)), None) => world.clock.advance_seconds(seconds),
        (None, Some(Some(instant_ms))) => world.clock.set_ms(instant_ms),
        _ => {
            let message = "the body is {\"advance_seconds\": whole number} or {\"set\": \"RFC 3339 time\"}";
            return Err(Refusal::from(message.to_owned()));
        }
    }
    clock(world)
}
