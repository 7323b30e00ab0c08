//! The structure limits of interactive messages.

use std::collections::HashSet;

use serde_json::Value;

use super::content::{check_media_source, optional_text, require_text};
use super::error::GraphError;

type Checked = Result<(), GraphError>;

/// Checks an `interactive` object by its own type.
pub(crate) fn check(object: &Value) -> Checked {
    let kind = object["type"].as_str().ok_or_else(|| GraphError::missing("interactive['type']"))?;
    let action = &object["action"];
    if action.is_null() {
        return Err(GraphError::missing("interactive['action']"));
    }
    header(object, kind)?;
    if !matches!(kind, "product" | "carousel") {
        let max = if kind == "list" { 4096 } else { 1024 };
        require_text(&object["body"], "interactive['body']", "text", max)?;
    }
    optional_text(&object["footer"], "interactive['footer']", "text", 60)?;
    match kind {
        "button" => buttons(action),
        "list" => list(action),
        "cta_url" => cta_url(action),
        "flow" => flow(action),
        "carousel" => carousel(action),
        "product" => require_text(action, "action", "product_retailer_id", 1024),
        "product_list" => products(action),
        "location_request_message" => named(action, "send_location"),
        "address_message" | "catalog_message" | "call_permission_request" | "voice_call" => {
            named(action, kind)
        }
        "order_details" | "order_status" | "request_contact_info" => Ok(()),
        other => Err(GraphError::parameter(format!(
            "Param interactive['type'] - got \"{other}\", which is not a type of interactive message."
        ))),
    }
}

fn header(object: &Value, kind: &str) -> Checked {
    let header = &object["header"];
    if header.is_null() {
        return if kind == "product_list" {
            Err(GraphError::missing("interactive['header']"))
        } else {
            Ok(())
        };
    }
    match header["type"].as_str() {
        Some("text") => require_text(header, "interactive['header']", "text", 60),
        Some(media @ ("image" | "video" | "document")) if kind != "list" && kind != "product_list" => {
            check_media_source(&header[media], "interactive['header']")
        }
        _ => Err(invalid("The header's type is not allowed for this type of interactive message.")),
    }
}

fn buttons(action: &Value) -> Checked {
    let buttons = elements(action, "buttons", 1, 3)?;
    let mut ids = HashSet::new();
    let mut titles = HashSet::new();
    for button in buttons {
        let reply = &button["reply"];
        require_text(reply, "button['reply']", "id", 256)?;
        title(reply, 20)?;
        let is_new = ids.insert(reply["id"].as_str()) && titles.insert(reply["title"].as_str());
        if !is_new {
            return Err(invalid("Button ids and titles must be unique."));
        }
    }
    Ok(())
}

fn list(action: &Value) -> Checked {
    require_text(action, "action", "button", 20)?;
    let sections = elements(action, "sections", 1, 10)?;
    let mut row_count = 0;
    let mut ids = HashSet::new();
    for section in sections {
        if sections.len() > 1 {
            require_text(section, "section", "title", 24)?;
        }
        optional_text(section, "section", "title", 24)?;
        for row in elements(section, "rows", 1, 10)? {
            row_count += 1;
            require_text(row, "row", "id", 200)?;
            title(row, 24)?;
            optional_text(row, "row", "description", 72)?;
            if !ids.insert(row["id"].as_str()) {
                return Err(invalid("Row ids must be unique."));
            }
        }
    }
    if row_count > 10 {
        return Err(invalid("Total row count exceeds the maximum of 10."));
    }
    Ok(())
}

fn cta_url(action: &Value) -> Checked {
    named(action, "cta_url")?;
    let parameters = &action["parameters"];
    require_text(parameters, "parameters", "display_text", 20)?;
    require_text(parameters, "parameters", "url", 2000)
}

fn flow(action: &Value) -> Checked {
    named(action, "flow")?;
    let parameters = &action["parameters"];
    require_text(parameters, "parameters", "flow_message_version", 8)?;
    require_text(parameters, "parameters", "flow_cta", 30)?;
    let is_one = parameters["flow_id"].is_null() != parameters["flow_name"].is_null();
    if is_one { Ok(()) } else { Err(invalid("Either flow_id or flow_name is required.")) }
}

fn carousel(action: &Value) -> Checked {
    let cards = elements(action, "cards", 2, 10)?;
    for card in cards {
        if card["type"] != cards[0]["type"] {
            return Err(invalid("All cards must be of the same type."));
        }
        optional_text(&card["body"], "card['body']", "text", 160)?;
    }
    Ok(())
}

fn products(action: &Value) -> Checked {
    let mut count = 0;
    for section in elements(action, "sections", 1, 10)? {
        require_text(section, "section", "title", 24)?;
        count += elements(section, "product_items", 1, 30)?.len();
    }
    if count > 30 { Err(invalid("At most 30 products are allowed.")) } else { Ok(()) }
}

fn named(action: &Value, name: &str) -> Checked {
    if action["name"] == name { Ok(()) } else { Err(invalid(&format!("action['name'] must be {name}."))) }
}

/// Titles have their own error in Meta's documents.
fn title(object: &Value, max: usize) -> Checked {
    let length = object["title"].as_str().unwrap_or_default().chars().count();
    if (1..=max).contains(&length) {
        Ok(())
    } else {
        Err(invalid(&format!("Title length invalid. Min length: 1, Max length: {max}")))
    }
}

fn elements<'a>(object: &'a Value, name: &str, min: usize, max: usize) -> Result<&'a [Value], GraphError> {
    let list = object[name].as_array().ok_or_else(|| GraphError::missing(&format!("action['{name}']")))?;
    if (min..=max).contains(&list.len()) {
        Ok(list)
    } else {
        Err(invalid(&format!("Invalid {name} count. Min allowed {name}: {min}, Max allowed {name}: {max}")))
    }
}

fn invalid(details: &str) -> GraphError {
    GraphError::new(131_009, details)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with_buttons(titles: &[&str]) -> Value {
        let buttons: Vec<Value> = titles
            .iter()
            .enumerate()
            .map(
                |(index, title)| json!({"type": "reply", "reply": {"id": index.to_string(), "title": title}}),
            )
            .collect();
        json!({"type": "button", "body": {"text": "Alege"}, "action": {"buttons": buttons}})
    }

    #[test]
    fn one_to_three_buttons_with_different_titles_pass() {
        assert!(check(&with_buttons(&["Da", "Nu", "Poate"])).is_ok());
        assert!(check(&with_buttons(&["Da", "Da"])).is_err());
        assert!(check(&with_buttons(&["1", "2", "3", "4"])).is_err());
        assert!(check(&with_buttons(&["un titlu mult prea lung"])).is_err());
    }

    #[test]
    fn a_list_has_ten_rows_in_all() {
        let rows = |from: usize, count: usize| -> Vec<Value> {
            (from..from + count).map(|index| json!({"id": index.to_string(), "title": "x"})).collect()
        };
        let list = |first: usize, second: usize| {
            json!({"type": "list", "body": {"text": "b"}, "action": {"button": "Vezi", "sections": [
                {"title": "A", "rows": rows(0, first)}, {"title": "B", "rows": rows(first, second)},
            ]}})
        };
        assert!(check(&list(5, 5)).is_ok());
        assert!(check(&list(6, 5)).is_err());
    }

    #[test]
    fn a_link_button_needs_its_parameters() {
        let message = |parameters: Value| json!({"type": "cta_url", "body": {"text": "b"}, "action": {"name": "cta_url", "parameters": parameters}});
        assert!(check(&message(json!({"display_text": "Vezi", "url": "https://example.com"}))).is_ok());
        assert!(check(&message(json!({"display_text": "Vezi"}))).is_err());
    }
}
