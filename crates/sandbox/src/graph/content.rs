//! The content of an outgoing message: is it what Meta's documents allow? Interactive messages and templates have
//! their own files.

use serde_json::{Map, Value};

use super::error::GraphError;
use super::{interactive, templates};
use crate::http::Call;
use crate::phones::Failure;
use crate::world::{World, lock};

const WRONG_MEDIA: Failure =
    Failure { code: 131_053, details: "The media's type does not fit the type of the message." };
const NO_REACTION_TARGET: Failure =
    Failure { code: 131_009, details: "The message to react to does not exist, or is a reaction itself." };
const REACTION_DAYS: i64 = 30;

/// A message's content, found to be acceptable.
pub(crate) struct Content {
    pub(crate) kind: String,
    /// The object under the type's name.
    pub(crate) object: Value,
    pub(crate) is_voice: bool,
    /// None unless it is a template.
    pub(crate) template_category: Option<String>,
    /// What a phone shows for a template.
    pub(crate) rendered: Option<String>,
    /// Accepted now, failed later.
    pub(crate) late_failure: Option<Failure>,
}

/// Reads and checks the content of a call.
pub(crate) fn read(world: &World, call: &Call, phone_number_id: &str) -> Result<Content, GraphError> {
    let kind = call.text("type").unwrap_or("text").to_ascii_lowercase();
    if call.text("biz_opaque_callback_data").is_some_and(|data| data.chars().count() > 512) {
        return Err(GraphError::parameter(
            "Param biz_opaque_callback_data must be at most 512 characters long.",
        ));
    }
    if let Some(context) = call.params.get("context") {
        require_text(context, "context", "message_id", 1024)?;
    }
    let object = call.params.get(kind.as_str()).cloned().unwrap_or(Value::Null);
    let mut content = Content {
        object,
        is_voice: false,
        template_category: None,
        rendered: None,
        late_failure: None,
        kind,
    };
    check(world, phone_number_id, &mut content)?;
    Ok(content)
}

fn check(world: &World, phone_number_id: &str, content: &mut Content) -> Result<(), GraphError> {
    let kind = content.kind.clone();
    let known = [
        "text",
        "image",
        "video",
        "audio",
        "document",
        "sticker",
        "location",
        "contacts",
        "reaction",
        "interactive",
        "template",
    ];
    if !known.contains(&kind.as_str()) {
        return Err(GraphError::parameter(format!(
            "Param type must be one of {{{}}} - got \"{kind}\".",
            known.join(", ")
        )));
    }
    if content.object.is_null() {
        return Err(GraphError::missing(&kind));
    }
    match kind.as_str() {
        "text" => require_text(&content.object, "text", "body", 4096),
        "location" => location(&content.object),
        "contacts" => contacts(&content.object),
        "reaction" => reaction(world, content),
        "interactive" => interactive::check(&content.object),
        "template" => {
            let filled = templates::fill(world, phone_number_id, &content.object)?;
            content.template_category = Some(filled.category);
            content.rendered = Some(filled.text);
            Ok(())
        }
        _ => media(world, phone_number_id, content),
    }
}

fn media(world: &World, phone_number_id: &str, content: &mut Content) -> Result<(), GraphError> {
    let (kind, object) = (content.kind.as_str(), &content.object);
    check_media_source(object, kind)?;
    if matches!(kind, "image" | "video" | "document") {
        optional_text(object, kind, "caption", 1024)?;
    } else if object.get("caption").is_some() {
        return Err(GraphError::parameter(format!("Param {kind} has no caption.")));
    }
    content.is_voice = object["voice"] == true;
    let Some(id) = object["id"].as_str() else { return Ok(()) };
    let waba_id = world.origin(phone_number_id).map(|origin| origin.waba_id.clone());
    let now_ms = world.clock.now_ms();
    let shelf = lock(&world.media);
    let file = shelf.get(id, now_ms).filter(|media| Some(&media.waba_id) == waba_id.as_ref());
    let file = file
        .ok_or_else(|| GraphError::new(131_009, format!("Media ID {id} does not exist or has expired.")))?;
    let fits = match kind {
        "document" => true,
        "sticker" => file.mime_type.starts_with("image/webp"),
        "image" => file.mime_type.starts_with("image/") && !file.mime_type.starts_with("image/webp"),
        _ => file.mime_type.starts_with(&format!("{kind}/")),
    };
    if !fits {
        content.late_failure = Some(WRONG_MEDIA);
    }
    Ok(())
}

/// An id or a link, not both.
pub(crate) fn check_media_source(object: &Value, path: &str) -> Result<(), GraphError> {
    match (object["id"].as_str(), object["link"].as_str()) {
        (Some(_), Some(_)) => {
            Err(GraphError::parameter(format!("Param {path} must have either id or link, not both.")))
        }
        (None, Some(link)) if link.starts_with("http://") || link.starts_with("https://") => Ok(()),
        (None, Some(_)) => Err(GraphError::parameter(format!("Param {path}['link'] is not a valid URL."))),
        (Some(id), None) if !id.is_empty() => Ok(()),
        _ => Err(GraphError::parameter(format!("Param {path} must have either id or link."))),
    }
}

fn location(object: &Value) -> Result<(), GraphError> {
    for (name, bound) in [("latitude", 90.0), ("longitude", 180.0)] {
        let value = &object[name];
        let number = value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        match number {
            Some(degrees) if degrees.abs() <= bound => {}
            Some(_) => {
                return Err(GraphError::new(131_009, format!("Param location['{name}'] is out of range.")));
            }
            None => return Err(GraphError::missing(&format!("location['{name}']"))),
        }
    }
    Ok(())
}

fn contacts(object: &Value) -> Result<(), GraphError> {
    let cards = object.as_array().ok_or_else(|| GraphError::parameter("Param contacts must be an array."))?;
    if cards.is_empty() || cards.len() > 257 {
        return Err(GraphError::parameter("Param contacts must have between 1 and 257 elements."));
    }
    for card in cards {
        let name = card["name"].as_object().ok_or_else(|| GraphError::missing("contacts[0]['name']"))?;
        if !name.contains_key("formatted_name") {
            return Err(GraphError::missing("contacts[0]['name']['formatted_name']"));
        }
        if name.len() < 2 {
            return Err(GraphError::new(
                131_009,
                "A contact's name needs one more part beside formatted_name.",
            ));
        }
    }
    Ok(())
}

fn reaction(world: &World, content: &mut Content) -> Result<(), GraphError> {
    let object: &mut Map<String, Value> = content
        .object
        .as_object_mut()
        .ok_or_else(|| GraphError::parameter("Param reaction must be an object."))?;
    // A missing emoji takes the reaction back, like an empty one.
    object.entry("emoji").or_insert_with(|| Value::String(String::new()));
    require_text(&content.object, "reaction", "message_id", 1024)?;
    let target = content.object["message_id"].as_str().unwrap_or_default();
    let now_seconds = world.clock.now_seconds();
    let phones = lock(&world.phones);
    let is_possible = phones.message(target).is_some_and(|message| {
        message.kind != "reaction" && now_seconds - message.at_seconds < REACTION_DAYS * 86_400
    });
    if !is_possible {
        content.late_failure = Some(NO_REACTION_TARGET);
    }
    Ok(())
}

/// A text that must be there and not be longer.
pub(crate) fn require_text(object: &Value, path: &str, name: &str, max: usize) -> Result<(), GraphError> {
    match &object[name] {
        Value::String(text) if text.is_empty() => Err(GraphError::missing(&format!("{path}['{name}']"))),
        Value::String(_) => optional_text(object, path, name, max),
        Value::Null => Err(GraphError::missing(&format!("{path}['{name}']"))),
        _ => Err(GraphError::parameter(format!("Param {path}['{name}'] must be a string."))),
    }
}

/// A text that may be missing but not be longer.
pub(crate) fn optional_text(object: &Value, path: &str, name: &str, max: usize) -> Result<(), GraphError> {
    match object[name].as_str() {
        Some(text) if text.chars().count() > max => Err(GraphError::parameter(format!(
            "Param {path}['{name}'] must be at most {max} characters long."
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn media_needs_exactly_one_source() {
        assert!(check_media_source(&json!({"id": "1"}), "image").is_ok());
        assert!(check_media_source(&json!({"link": "https://x/y.png"}), "image").is_ok());
        assert!(check_media_source(&json!({"id": "1", "link": "https://x"}), "image").is_err());
        assert!(check_media_source(&json!({"link": "ftp://x"}), "image").is_err());
        assert!(check_media_source(&json!({}), "image").is_err());
    }

    #[test]
    fn a_location_takes_numbers_and_texts() {
        assert!(location(&json!({"latitude": 46.77, "longitude": "23.6"})).is_ok());
        assert!(location(&json!({"latitude": 91, "longitude": 0})).is_err());
        assert!(location(&json!({"latitude": 1})).is_err());
    }

    #[test]
    fn a_contact_needs_two_parts_of_a_name() {
        assert!(contacts(&json!([{"name": {"formatted_name": "Ana Pop", "first_name": "Ana"}}])).is_ok());
        assert!(contacts(&json!([{"name": {"formatted_name": "Ana Pop"}}])).is_err());
    }
}
