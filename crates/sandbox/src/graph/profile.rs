//! What customers see of a number: its profile, and short links with a first message.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Reply;
use super::content::optional_text;
use super::error::GraphError;
use crate::http::{Answer, Call};
use crate::samples;
use crate::world::{World, lock};

const LIMITS: [(&str, usize); 4] = [("about", 139), ("address", 256), ("description", 512), ("email", 128)];

/// `GET /{phone_number_id}/whatsapp_business_profile`.
pub(crate) fn read(world: &Arc<World>, call: &Call, id: &str) -> Result<Reply, GraphError> {
    let accounts = lock(&world.accounts);
    let line = accounts.lines.get(id).ok_or_else(|| GraphError::no_such_node("get", id))?;
    let fields: Option<Vec<&str>> =
        call.text("fields").map(|fields| fields.split(',').map(str::trim).collect());
    let is_wanted = |name: &str| fields.as_ref().is_none_or(|fields| fields.contains(&name));
    let mut shown: Map<String, Value> = line
        .profile
        .iter()
        .filter(|(name, _)| is_wanted(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    shown.insert("messaging_product".to_owned(), json!("whatsapp"));
    Ok(json!({"data": [shown]}).into())
}

/// `POST /{phone_number_id}/whatsapp_business_profile`.
pub(crate) fn write(world: &Arc<World>, call: &Call, id: &str) -> Result<Reply, GraphError> {
    if call.text("messaging_product") != Some("whatsapp") {
        return Err(GraphError::parameter(
            "The parameter messaging_product is required and must be whatsapp.",
        ));
    }
    let whole = Value::Object(call.params.clone());
    for (name, max) in LIMITS {
        optional_text(&whole, "profile", name, max)?;
    }
    let websites = whole["websites"].as_array().map_or(0, Vec::len);
    if websites > 2 {
        return Err(GraphError::parameter("Param websites must have at most 2 elements."));
    }
    let mut accounts = lock(&world.accounts);
    let line = accounts.lines.get_mut(id).ok_or_else(|| GraphError::no_such_node("post", id))?;
    let names = ["about", "address", "description", "email", "websites", "vertical"];
    for name in names {
        if let Some(value) = call.params.get(name) {
            line.profile.insert(name.to_owned(), value.clone());
        }
    }
    if call.params.contains_key("profile_picture_handle") {
        line.profile.insert("profile_picture_url".to_owned(), json!("https://example.com/profile.jpg"));
    }
    Ok(json!({"success": true}).into())
}

/// `GET /{phone_number_id}/message_qrdls` and one of them.
pub(crate) fn short_links(world: &Arc<World>, id: &str, code: Option<&str>) -> Result<Reply, GraphError> {
    let accounts = lock(&world.accounts);
    let line = accounts.lines.get(id).ok_or_else(|| GraphError::no_such_node("get", id))?;
    let links: Vec<Value> = line
        .short_links
        .iter()
        .filter(|(known, _)| code.is_none_or(|code| code == known.as_str()))
        .map(|(code, message)| describe_link(code, message))
        .collect();
    Ok(json!({"data": links}).into())
}

/// `POST /{phone_number_id}/message_qrdls`: a new link, or a new text for one.
pub(crate) fn write_short_link(world: &Arc<World>, call: &Call, id: &str) -> Result<Reply, GraphError> {
    let message = call
        .text("prefilled_message")
        .ok_or_else(|| GraphError::parameter("The parameter prefilled_message is required."))?;
    optional_text(&Value::Object(call.params.clone()), "message_qrdls", "prefilled_message", 140)?;
    let mut accounts = lock(&world.accounts);
    let line = accounts.lines.get_mut(id).ok_or_else(|| GraphError::no_such_node("post", id))?;
    let code = match call.text("code") {
        Some(code) if line.short_links.contains_key(code) => code.to_owned(),
        Some(_) => return Err(GraphError::parameter("The short link does not exist.")),
        None => world.ids.text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 14),
    };
    line.short_links.insert(code.clone(), message.to_owned());
    let mut body = describe_link(&code, message);
    if call.params.contains_key("generate_qr_image") {
        body["qr_image_url"] = json!(format!("{}/qr/{code}", world.public_url));
    }
    Ok(body.into())
}

/// A picture in the place of a QR code; it encodes nothing.
pub(crate) fn qr_picture() -> Reply {
    let (mime_type, bytes) = samples::file("image", 0);
    Answer::raw(200, mime_type, bytes).into()
}

/// `DELETE /{phone_number_id}/message_qrdls/{code}`.
pub(crate) fn delete_short_link(world: &Arc<World>, id: &str, code: &str) -> Result<Reply, GraphError> {
    let mut accounts = lock(&world.accounts);
    let line = accounts.lines.get_mut(id).ok_or_else(|| GraphError::no_such_node("delete", id))?;
    match line.short_links.remove(code) {
        Some(_) => Ok(json!({"success": true}).into()),
        None => Err(GraphError::parameter("The short link does not exist.")),
    }
}

fn describe_link(code: &str, message: &str) -> Value {
    json!({
        "code": code,
        "prefilled_message": message,
        "deep_link_url": format!("https://wa.me/message/{code}"),
    })
}
