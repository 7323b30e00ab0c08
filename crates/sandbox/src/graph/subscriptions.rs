//! Where webhooks go: the app's subscription, and the overrides of accounts and numbers. An address is verified first.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Reply;
use super::error::GraphError;
use crate::accounts::Callback;
use crate::http::Call;
use crate::webhooks::handshake;
use crate::world::{World, lock};

const URI_LIMIT: usize = 200;

/// `GET /{waba_id}/subscribed_apps`.
pub(crate) fn list(world: &Arc<World>, waba_id: &str) -> Result<Reply, GraphError> {
    let accounts = lock(&world.accounts);
    let waba = accounts.wabas.get(waba_id).ok_or_else(|| GraphError::no_such_node("get", waba_id))?;
    if !waba.is_subscribed {
        return Ok(json!({"data": []}).into());
    }
    let mut entry = json!({"whatsapp_business_api_data": {
        "id": waba.app_id, "name": "Centrala", "link": "https://www.facebook.com/games/?app_id=",
    }});
    if let Some(callback) = &waba.callback {
        entry["override_callback_uri"] = json!(callback.url);
    }
    Ok(json!({"data": [entry]}).into())
}

/// `POST /{waba_id}/subscribed_apps`: with an address it overrides, with an empty body it clears the override.
pub(crate) async fn subscribe(world: &Arc<World>, call: &Call, waba_id: &str) -> Result<Reply, GraphError> {
    let callback = match call.text("override_callback_uri").filter(|uri| !uri.is_empty()) {
        Some(uri) => Some(verified(world, uri, call.text("verify_token")).await?),
        None => None,
    };
    let mut accounts = lock(&world.accounts);
    let waba = accounts.wabas.get_mut(waba_id).ok_or_else(|| GraphError::no_such_node("post", waba_id))?;
    waba.is_subscribed = true;
    waba.callback = callback;
    Ok(json!({"success": true}).into())
}

/// `DELETE /{waba_id}/subscribed_apps`.
pub(crate) fn unsubscribe(world: &Arc<World>, waba_id: &str) -> Result<Reply, GraphError> {
    let mut accounts = lock(&world.accounts);
    let waba = accounts.wabas.get_mut(waba_id).ok_or_else(|| GraphError::no_such_node("delete", waba_id))?;
    waba.is_subscribed = false;
    waba.callback = None;
    Ok(json!({"success": true}).into())
}

/// `POST /{phone_number_id}`: the override of a number, or its PIN.
pub(crate) async fn configure_line(world: &Arc<World>, call: &Call, id: &str) -> Result<Reply, GraphError> {
    let configuration = call.params.get("webhook_configuration");
    let pin = call.loose_text("pin");
    if configuration.is_none() && pin.is_none() && !call.params.contains_key("new_display_name") {
        return Err(GraphError::parameter(
            "The call changes nothing: webhook_configuration, pin or new_display_name is required.",
        ));
    }
    let callback = match configuration.and_then(|one| one["override_callback_uri"].as_str()) {
        Some("") => Some(None),
        Some(uri) => Some(Some(
            verified(world, uri, configuration.and_then(|one| one["verify_token"].as_str())).await?,
        )),
        None => None,
    };
    let mut accounts = lock(&world.accounts);
    let line = accounts.lines.get_mut(id).ok_or_else(|| GraphError::no_such_node("post", id))?;
    if let Some(callback) = callback {
        line.callback = callback;
    }
    if pin.is_some() {
        line.pin = pin;
    }
    Ok(json!({"success": true}).into())
}

/// `GET /{app_id}/subscriptions`.
pub(crate) fn list_of_app(world: &Arc<World>, app_id: &str) -> Result<Reply, GraphError> {
    let accounts = lock(&world.accounts);
    let app = accounts.apps.get(app_id).ok_or_else(|| GraphError::no_such_node("get", app_id))?;
    let version = format!("v{}.0", world.settings().webhook_version);
    let data: Vec<Value> = app
        .callback
        .iter()
        .map(|callback| {
            let fields: Vec<Value> = callback.fields.iter().map(|name| json!({"name": name, "version": version})).collect();
            json!({"object": "whatsapp_business_account", "callback_url": callback.url, "active": true, "fields": fields})
        })
        .collect();
    Ok(json!({"data": data}).into())
}

/// `POST /{app_id}/subscriptions`.
pub(crate) async fn subscribe_app(
    world: &Arc<World>,
    call: &Call,
    app_id: &str,
) -> Result<Reply, GraphError> {
    if call.text("object") != Some("whatsapp_business_account") {
        return Err(GraphError::graph(
            100,
            None,
            "(#100) The parameter object must be whatsapp_business_account".to_owned(),
        ));
    }
    let uri = call.text("callback_url").ok_or_else(|| {
        GraphError::graph(100, None, "(#100) The parameter callback_url is required".to_owned())
    })?;
    let mut callback = verified(world, uri, call.text("verify_token")).await?;
    callback.fields = match call.params.get("fields") {
        Some(Value::String(names)) => names.split(',').map(|name| name.trim().to_owned()).collect(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => vec!["messages".to_owned()],
    };
    let mut accounts = lock(&world.accounts);
    let app = accounts.apps.get_mut(app_id).ok_or_else(|| GraphError::no_such_node("post", app_id))?;
    app.callback = Some(callback);
    Ok(json!({"success": true}).into())
}

/// `DELETE /{app_id}/subscriptions`.
pub(crate) fn unsubscribe_app(world: &Arc<World>, app_id: &str) -> Result<Reply, GraphError> {
    let mut accounts = lock(&world.accounts);
    let app = accounts.apps.get_mut(app_id).ok_or_else(|| GraphError::no_such_node("delete", app_id))?;
    app.callback = None;
    Ok(json!({"success": true}).into())
}

async fn verified(world: &Arc<World>, uri: &str, verify_token: Option<&str>) -> Result<Callback, GraphError> {
    if uri.len() > URI_LIMIT {
        return Err(GraphError::parameter(format!(
            "Param override_callback_uri must be at most {URI_LIMIT} characters long."
        )));
    }
    let verify_token =
        verify_token.ok_or_else(|| GraphError::parameter("The parameter verify_token is required."))?;
    handshake::verify(world, uri, verify_token).await?;
    Ok(Callback { url: uri.to_owned(), fields: Vec::new() })
}
