//! Approved templates: which an account has, listing them, and filling one in for a send.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Reply;
use super::error::GraphError;
use super::nodes::{page, pick};
use super::template_seeds::{SEEDS, Seed};
use crate::faults::FaultKind;
use crate::http::Call;
use crate::random::Stream;
use crate::settings::LocaleStyle;
use crate::world::{World, lock};

const DEFAULTS: [&str; 7] =
    ["name", "parameter_format", "components", "language", "status", "category", "quality_score"];

/// One language of one template.
#[derive(Clone)]
pub(crate) struct Template {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) language: String,
    category: &'static str,
    components: Value,
}

/// A template with its values in place.
pub(crate) struct Filled {
    pub(crate) category: String,
    pub(crate) text: String,
}

/// The templates a new account starts with.
pub(crate) fn seeded(ids: &Stream) -> Vec<Template> {
    SEEDS.iter().map(|seed| from_seed(ids.decimal_id(), seed)).collect()
}

fn from_seed(id: String, &(name, language, category, header, body, footer, buttons): &Seed) -> Template {
    let mut components = Vec::new();
    if !header.is_empty() {
        components.push(json!({"type": "HEADER", "format": "TEXT", "text": header}));
    }
    components.push(json!({"type": "BODY", "text": body}));
    if !footer.is_empty() {
        components.push(json!({"type": "FOOTER", "text": footer}));
    }
    if let Ok(buttons) = serde_json::from_str::<Value>(buttons) {
        components.push(json!({"type": "BUTTONS", "buttons": buttons}));
    }
    Template {
        id,
        name: name.to_owned(),
        language: language.to_owned(),
        category,
        components: Value::Array(components),
    }
}

impl Template {
    fn is_named(&self) -> bool {
        variables(self.body()).iter().any(|name| !name.bytes().all(|b| b.is_ascii_digit()))
    }

    fn component(&self, kind: &str) -> &Value {
        let found = self.components.as_array().and_then(|list| list.iter().find(|one| one["type"] == kind));
        found.unwrap_or(&Value::Null)
    }

    fn body(&self) -> &str {
        self.component("BODY")["text"].as_str().unwrap_or_default()
    }

    fn describe(&self, paused: &Paused) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "status": if paused.contains(&self.name) { "PAUSED" } else { "APPROVED" },
            "category": self.category,
            "parameter_format": if self.is_named() { "NAMED" } else { "POSITIONAL" },
            "components": self.components,
            "quality_score": {"score": "GREEN", "date": 1_767_225_600},
        })
    }
}

/// Lists an account's templates, filtered and paged.
pub(crate) fn list(world: &Arc<World>, call: &Call, waba_id: &str) -> Result<Reply, GraphError> {
    let paused = Paused::now(world);
    let all: Vec<Value> = {
        let accounts = lock(&world.accounts);
        let waba = accounts.wabas.get(waba_id).ok_or_else(|| GraphError::no_such_node("get", waba_id))?;
        waba.templates.iter().map(|template| template.describe(&paused)).collect()
    };
    let filters = ["status", "language", "category"];
    let matches = |template: &Value| {
        let is_named =
            call.text("name").is_none_or(|part| template["name"].as_str().is_some_and(|n| n.contains(part)));
        let has = |name: &&str| call.text(name).is_none_or(|wanted| template[*name].as_str() == Some(wanted));
        is_named && filters.iter().all(has)
    };
    let kept: Vec<Value> = all
        .iter()
        .filter(|template| matches(template))
        .map(|template| pick(call, template, &DEFAULTS))
        .collect();
    let total = kept.len();
    let mut body = page(call, &world.public_url, &kept)?;
    if call.params.contains_key("summary") {
        body["summary"] = json!({
            "total_count": total, "message_template_count": total,
            "message_template_limit": 250, "are_translations_complete": true,
        });
    }
    Ok(body.into())
}

/// Reads one template.
pub(crate) fn read(world: &Arc<World>, call: &Call, id: &str) -> Result<Reply, GraphError> {
    let paused = Paused::now(world);
    let accounts = lock(&world.accounts);
    let found = accounts.wabas.values().flat_map(|waba| &waba.templates).find(|template| template.id == id);
    let found = found.ok_or_else(|| GraphError::no_such_node("get", id))?;
    Ok(pick(call, &found.describe(&paused), &DEFAULTS).into())
}

/// Which templates faults pause.
struct Paused(Vec<Option<String>>);

impl Paused {
    fn now(world: &World) -> Self {
        let faults = world.faults.list().into_iter();
        Self(
            faults
                .filter(|fault| fault.spec.kind == FaultKind::TemplatePaused)
                .map(|fault| fault.spec.template)
                .collect(),
        )
    }

    fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|only| only.as_deref().is_none_or(|only| only == name))
    }
}

/// The webhook about a template that is paused, or that runs again.
pub(crate) fn status_update(template: &Template, is_paused: bool, style: LocaleStyle) -> Value {
    let language = match style {
        LocaleStyle::Underscore => template.language.clone(),
        LocaleStyle::Hyphen => template.language.replace('_', "-"),
    };
    let mut value = json!({
        "event": if is_paused { "PAUSED" } else { "APPROVED" },
        "message_template_id": template.id.parse::<u64>().ok(),
        "message_template_name": template.name,
        "message_template_language": language,
        "message_template_category": template.category,
        "reason": "NONE",
    });
    if is_paused {
        value["other_info"] =
            json!({"title": "FIRST_PAUSE", "description": "Paused for 3 hours because of low quality."});
    }
    value
}

/// Checks a send's template and values, and fills them in.
pub(crate) fn fill(world: &World, phone_number_id: &str, object: &Value) -> Result<Filled, GraphError> {
    let name = object["name"].as_str().ok_or_else(|| GraphError::missing("template['name']"))?;
    let language = object["language"]["code"]
        .as_str()
        .ok_or_else(|| GraphError::missing("template['language']['code']"))?;
    let template = {
        let accounts = lock(&world.accounts);
        let waba = accounts.lines.get(phone_number_id).and_then(|line| accounts.wabas.get(&line.waba_id));
        waba.and_then(|waba| waba.template(name, language)).cloned()
    };
    let template = template.ok_or_else(|| {
        GraphError::new(132_001, format!("template name ({name}) does not exist in {language}"))
    })?;
    let text = fill_text(&template, object["components"].as_array().map_or(&[], Vec::as_slice))?;
    Ok(Filled { category: template.category.to_owned(), text })
}

fn fill_text(template: &Template, components: &[Value]) -> Result<String, GraphError> {
    let values_of = |kind: &str| {
        let component =
            components.iter().find(|one| one["type"].as_str().is_some_and(|t| t.eq_ignore_ascii_case(kind)));
        component.and_then(|one| one["parameters"].as_array()).map_or(&[][..], Vec::as_slice)
    };
    let header = fill_component(
        template.component("HEADER")["text"].as_str().unwrap_or_default(),
        values_of("header"),
        "header",
    )?;
    let body = fill_component(template.body(), values_of("body"), "body")?;
    fill_buttons(template.component("BUTTONS"), components)?;
    let footer = template.component("FOOTER")["text"].as_str().unwrap_or_default();
    let parts: Vec<&str> =
        [header.as_str(), body.as_str(), footer].into_iter().filter(|part| !part.is_empty()).collect();
    Ok(parts.join("\n\n"))
}

/// Each link button with a variable needs exactly one value.
fn fill_buttons(buttons: &Value, components: &[Value]) -> Result<(), GraphError> {
    for (index, button) in buttons["buttons"].as_array().into_iter().flatten().enumerate() {
        let expected = variables(button["url"].as_str().unwrap_or_default()).len();
        let at_index = |one: &&Value| {
            let is_button = one["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("button"));
            let given =
                one["index"].as_str().and_then(|text| text.parse().ok()).or_else(|| one["index"].as_u64());
            is_button && given == u64::try_from(index).ok()
        };
        let given =
            components.iter().find(at_index).and_then(|one| one["parameters"].as_array()).map_or(0, Vec::len);
        let is_link = button["type"] == "URL";
        if is_link && given != expected {
            return Err(mismatch("buttons", given, expected));
        }
    }
    Ok(())
}

fn fill_component(text: &str, values: &[Value], part: &str) -> Result<String, GraphError> {
    let names = variables(text);
    if values.len() != names.len() {
        return Err(mismatch(part, values.len(), names.len()));
    }
    let mut filled = text.to_owned();
    for (index, name) in names.iter().enumerate() {
        let is_positional = name.bytes().all(|b| b.is_ascii_digit());
        let value = if is_positional {
            values.get(index)
        } else {
            values.iter().find(|one| one["parameter_name"] == *name)
        };
        let value = value
            .ok_or_else(|| GraphError::parameter(format!("Parameter name is missing or empty: {name}")))?;
        filled = filled.replace(&format!("{{{{{name}}}}}"), value_text(value)?);
    }
    Ok(filled)
}

fn value_text(value: &Value) -> Result<&str, GraphError> {
    let text = match value["type"].as_str() {
        Some("text") | None => value["text"].as_str(),
        Some(kind @ ("currency" | "date_time")) => value[kind]["fallback_value"].as_str(),
        Some(_) => None,
    };
    let text = text.ok_or_else(|| {
        GraphError::new(132_012, "Parameter format does not match format in the created template")
    })?;
    if text.is_empty() {
        return Err(GraphError::new(131_008, "A parameter of type text has an empty text."));
    }
    if text.contains(['\n', '\t']) || text.contains("     ") {
        return Err(GraphError::new(
            132_012,
            "A parameter cannot have new-line/tab characters or more than 4 consecutive spaces",
        ));
    }
    Ok(text)
}

fn mismatch(part: &str, given: usize, expected: usize) -> GraphError {
    GraphError::new(
        132_000,
        format!(
            "{part}: number of localizable_params ({given}) does not match the expected number of params ({expected})"
        ),
    )
}

/// The names between double braces, each once, in order.
fn variables(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for part in text.split("{{").skip(1) {
        if let Some((name, _)) = part.split_once("}}")
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(name: &str, language: &str) -> Template {
        seeded(&Stream::new(1, "ids")).into_iter().find(|t| t.name == name && t.language == language).unwrap()
    }

    fn texts(values: &[&str]) -> Value {
        values.iter().map(|text| json!({"type": "text", "text": text})).collect()
    }

    #[test]
    fn values_take_their_places() {
        let body = json!({"type": "body", "parameters": texts(&["Ana", "17"])});
        let text = fill_text(&template("order_ready", "ro"), &[body]).unwrap();
        assert!(text.starts_with("Bună Ana, comanda 17 este gata"));
    }

    #[test]
    fn a_wrong_count_is_132000_wherever_it_is() {
        let body = json!({"type": "body", "parameters": texts(&["Ana"])});
        assert_eq!(fill_text(&template("order_ready", "ro"), &[body]).unwrap_err().code, 132_000);
        let code = json!({"type": "body", "parameters": texts(&["123456"])});
        assert_eq!(
            fill_text(&template("login_code", "ro"), std::slice::from_ref(&code)).unwrap_err().code,
            132_000
        );
        let button =
            json!({"type": "button", "sub_type": "url", "index": "0", "parameters": texts(&["123456"])});
        assert!(fill_text(&template("login_code", "ro"), &[code, button]).is_ok());
    }

    #[test]
    fn named_values_need_their_names() {
        let named = |name: &str| json!({"type": "text", "parameter_name": name, "text": "x"});
        let fill = |values: Value| {
            fill_text(&template("order_named", "ro"), &[json!({"type": "body", "parameters": values})])
        };
        assert!(fill(json!([named("numar"), named("prenume")])).is_ok());
        assert!(fill(json!([named("numar"), named("nume")])).is_err());
    }

    #[test]
    fn a_new_line_in_a_value_is_refused() {
        let body = json!({"type": "body", "parameters": texts(&["Ana", "1\n2"])});
        assert_eq!(fill_text(&template("order_ready", "ro"), &[body]).unwrap_err().code, 132_012);
    }
}
