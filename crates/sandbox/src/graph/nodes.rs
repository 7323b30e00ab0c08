//! Reading accounts, numbers, apps and tokens, with `fields` and paging; registration of a number.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Reply;
use super::error::GraphError;
use crate::accounts::{Accounts, Callback, Line};
use crate::faults::{FaultKind, Moment, Subject};
use crate::http::Call;
use crate::world::{World, lock};

const LINE_DEFAULTS: [&str; 6] = [
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
];
const WABA_DEFAULTS: [&str; 4] = ["name", "timezone_id", "currency", "message_template_namespace"];

/// `GET /debug_token`. The asking token may be the app's, or the token itself.
pub(crate) fn debug_token(world: &Arc<World>, call: &Call) -> Result<Reply, GraphError> {
    let asker = super::access::authenticate(world, call)?;
    let input = call.text("input_token").ok_or_else(|| {
        GraphError::graph(100, None, "(#100) The parameter input_token is required".to_owned())
    })?;
    let accounts = lock(&world.accounts);
    let data = match accounts.waba_of_token(input).filter(|waba| waba.app_id == asker.app_id) {
        Some(waba) => json!({
            "app_id": waba.app_id,
            "application": "Centrala",
            "type": "SYSTEM_USER",
            "is_valid": true,
            "expires_at": 0,
            "data_access_expires_at": 0,
            "issued_at": 1_750_000_000,
            "user_id": "122100000000000001",
            "scopes": ["whatsapp_business_management", "whatsapp_business_messaging"],
            "granular_scopes": [
                {"scope": "whatsapp_business_management", "target_ids": [waba.id]},
                {"scope": "whatsapp_business_messaging", "target_ids": [waba.id]},
            ],
        }),
        None => json!({
            "error": {"code": 190, "message": "Invalid OAuth access token.", "subcode": 467},
            "is_valid": false,
            "scopes": [],
        }),
    };
    Ok(json!({"data": data}).into())
}

/// `GET /{app_id}`.
pub(crate) fn app(id: &str) -> Result<Reply, GraphError> {
    Ok(json!({"id": id, "name": "Centrala", "link": "https://www.facebook.com/games/?app_id="}).into())
}

/// `GET /{waba_id}`.
pub(crate) fn waba(world: &Arc<World>, call: &Call, id: &str) -> Result<Reply, GraphError> {
    let accounts = lock(&world.accounts);
    let waba = accounts.wabas.get(id).ok_or_else(|| GraphError::no_such_node("get", id))?;
    let node = json!({
        "id": waba.id,
        "name": waba.name,
        "currency": "RON",
        "timezone_id": "107",
        "message_template_namespace": format!("ns_{}", waba.id),
        "account_review_status": "APPROVED",
        "business_verification_status": "verified",
        "country": "RO",
        "ownership_type": "SELF",
        "owner_business_info": {"name": waba.name, "id": format!("2{}", waba.id)},
        "marketing_messages_lite_api_status": "INELIGIBLE",
        "health_status": health("WABA", &waba.id, &waba.id, &waba.app_id, false),
    });
    Ok(pick(call, &node, &WABA_DEFAULTS).into())
}

/// `GET /{waba_id}/phone_numbers`.
pub(crate) fn phone_numbers(world: &Arc<World>, call: &Call, id: &str) -> Result<Reply, GraphError> {
    let ids: Vec<String> = {
        let accounts = lock(&world.accounts);
        accounts.wabas.get(id).ok_or_else(|| GraphError::no_such_node("get", id))?.numbers.clone()
    };
    let nodes: Vec<Value> = ids.iter().filter_map(|line_id| describe_line(world, line_id)).collect();
    let picked: Vec<Value> = nodes.iter().map(|node| pick(call, node, &LINE_DEFAULTS)).collect();
    Ok(page(call, &world.public_url, &picked)?.into())
}

/// `GET /{phone_number_id}`.
pub(crate) fn line(world: &Arc<World>, call: &Call, id: &str) -> Result<Reply, GraphError> {
    let node = describe_line(world, id).ok_or_else(|| GraphError::no_such_node("get", id))?;
    Ok(pick(call, &node, &LINE_DEFAULTS).into())
}

fn describe_line(world: &World, id: &str) -> Option<Value> {
    let subject = Subject { phone_number_id: Some(id), path: "/", ..Subject::default() };
    let is_red = !world.strike(Moment::NumberRead, &subject).is_empty();
    let is_banned = world.faults.list().iter().any(|fault| {
        fault.spec.kind == FaultKind::NumberBlocked
            && fault.spec.phone_number_id.as_deref().is_none_or(|only| only == id)
    });
    let level = if world.settings().throughput > 80 { "HIGH" } else { "STANDARD" };
    let accounts = lock(&world.accounts);
    let line = accounts.lines.get(id)?;
    let app_id = accounts.wabas.get(&line.waba_id).map(|waba| waba.app_id.clone()).unwrap_or_default();
    let status = match (is_banned, line.is_registered) {
        (true, _) => "BANNED",
        (false, true) => "CONNECTED",
        (false, false) => "DISCONNECTED",
    };
    let quality = if is_red { "RED" } else { "GREEN" };
    Some(json!({
        "id": line.id,
        "display_phone_number": line.display,
        "verified_name": line.verified_name,
        "status": status,
        "quality_rating": quality,
        "quality_score": {"score": quality, "date": 1_767_225_600},
        "code_verification_status": "VERIFIED",
        "name_status": "APPROVED",
        "new_name_status": "NONE",
        "platform_type": "CLOUD_API",
        "throughput": {"level": level},
        "account_mode": "LIVE",
        "is_official_business_account": false,
        "is_on_biz_app": false,
        "is_pin_enabled": line.pin.is_some(),
        "whatsapp_business_manager_messaging_limit": "TIER_2K",
        "webhook_configuration": webhook_configuration(&accounts, line),
        "health_status": health("PHONE_NUMBER", id, &line.waba_id, &app_id, is_banned),
        "last_onboarded_time": "2026-01-15T08:00:00+0000",
        "country_code": "RO",
        "country_dial_code": "40",
    }))
}

fn webhook_configuration(accounts: &Accounts, line: &Line) -> Value {
    let waba = accounts.wabas.get(&line.waba_id);
    let app = waba.and_then(|waba| accounts.apps.get(&waba.app_id));
    let mut configuration = Map::new();
    let levels = [
        ("phone_number", line.callback.as_ref()),
        ("whatsapp_business_account", waba.and_then(|waba| waba.callback.as_ref())),
        ("application", app.and_then(|app| app.callback.as_ref())),
    ];
    for (name, callback) in levels {
        if let Some(Callback { url, .. }) = callback {
            configuration.insert(name.to_owned(), json!(url));
        }
    }
    Value::Object(configuration)
}

fn health(entity_type: &str, id: &str, waba_id: &str, app_id: &str, is_blocked: bool) -> Value {
    let own = if is_blocked { "BLOCKED" } else { "AVAILABLE" };
    let mut first = json!({"entity_type": entity_type, "id": id, "can_send_message": own});
    if is_blocked {
        first["errors"] = json!([{
            "error_code": 131_031,
            "error_description": "The number was restricted for a violation of the policy.",
            "possible_solution": "Request a review in the Business Support Home.",
        }]);
    }
    let mut entities = vec![first];
    if entity_type != "WABA" {
        entities.push(json!({"entity_type": "WABA", "id": waba_id, "can_send_message": "AVAILABLE"}));
    }
    entities.push(
        json!({"entity_type": "BUSINESS", "id": format!("2{waba_id}"), "can_send_message": "AVAILABLE"}),
    );
    entities.push(json!({"entity_type": "APP", "id": app_id, "can_send_message": "AVAILABLE"}));
    json!({"can_send_message": own, "entities": entities})
}

/// `POST /{phone_number_id}/register`.
pub(crate) fn register(world: &Arc<World>, call: &Call, id: &str) -> Result<Reply, GraphError> {
    let pin =
        call.loose_text("pin").ok_or_else(|| GraphError::parameter("The parameter pin is required."))?;
    if pin.len() != 6 || !pin.bytes().all(|b| b.is_ascii_digit()) {
        return Err(GraphError::parameter("Param pin must be 6 characters long."));
    }
    let mut accounts = lock(&world.accounts);
    let line = accounts.lines.get_mut(id).ok_or_else(|| GraphError::no_such_node("post", id))?;
    if line.pin.as_ref().is_some_and(|set| *set != pin) {
        return Err(GraphError::new(133_005, "The two-step verification PIN does not match."));
    }
    line.pin = Some(pin);
    line.is_registered = true;
    Ok(json!({"success": true}).into())
}

/// `POST /{phone_number_id}/deregister`.
pub(crate) fn deregister(world: &Arc<World>, id: &str) -> Result<Reply, GraphError> {
    let mut accounts = lock(&world.accounts);
    let line = accounts.lines.get_mut(id).ok_or_else(|| GraphError::no_such_node("post", id))?;
    line.is_registered = false;
    Ok(json!({"success": true}).into())
}

/// The wanted fields of a node; `id` always. Fields this simulation does not have are left out.
pub(crate) fn pick(call: &Call, node: &Value, defaults: &[&str]) -> Value {
    let wanted = call.text("fields").map(field_names);
    let mut names: Vec<&str> =
        wanted.as_ref().map_or_else(|| defaults.to_vec(), |names| names.iter().map(String::as_str).collect());
    names.push("id");
    let members = names.into_iter().filter_map(|name| Some((name.to_owned(), node.get(name)?.clone())));
    Value::Object(members.collect())
}

/// The outermost names of a `fields` parameter, such as `a,b{c,d},e.limit(2)`.
fn field_names(fields: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut depth = 0_u32;
    for c in fields.chars() {
        match c {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => names.push(String::new()),
            _ if depth == 0 && !c.is_whitespace() => {
                if let Some(name) = names.last_mut() {
                    name.push(c);
                }
            }
            _ => {}
        }
    }
    names.into_iter().map(|name| name.split('.').next().unwrap_or_default().to_owned()).collect()
}

/// A list with Graph's paging. Cursors are positions.
pub(crate) fn page(call: &Call, base_url: &str, elements: &[Value]) -> Result<Value, GraphError> {
    let limit =
        call.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(25).clamp(1, 1000);
    let start = match call.text("after") {
        Some(cursor) => {
            let position = cursor.strip_prefix('c').and_then(|digits| digits.parse::<usize>().ok());
            position.ok_or_else(|| GraphError::new(131_059, "The cursor is not valid."))?
        }
        None => 0,
    };
    let shown: Vec<&Value> = elements.iter().skip(start).take(limit).collect();
    let end = start + shown.len();
    let mut body = json!({"data": shown});
    if !shown.is_empty() {
        body["paging"] = json!({"cursors": {"before": format!("c{start}"), "after": format!("c{end}")}});
    }
    if end < elements.len() {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in call.query.iter().filter(|(name, _)| *name != "after") {
            query.append_pair(name, value.as_str().unwrap_or_default());
        }
        query.append_pair("after", &format!("c{end}"));
        body["paging"]["next"] = json!(format!("{base_url}{}?{}", call.path, query.finish()));
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_names_end_at_braces_and_dots() {
        assert_eq!(field_names("id, name{first,last},paging.limit(2,3),x"), ["id", "name", "paging", "x"]);
    }
}
