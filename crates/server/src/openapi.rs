//! The description of the API, made from the route table; `openapi.json` at the root of the repository is a copy
//! that a test compares.

use std::collections::BTreeMap;

use centrala_domain::permission::Permission;
use serde_json::{Value, json};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Components, Info, OpenApi, Paths, RefOr};
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::live::{FrameIn, FrameOut};
use crate::problem::{FieldError, ProblemOut, Slug};
use crate::routes::table::{Access, Described, Route};

/// Raised by one with every change that a client can see.
pub const API_LEVEL: u32 = 1;

/// The whole description, as JSON.
#[must_use]
pub fn document() -> Value {
    let described: Vec<Described> = crate::routes::all().iter().flat_map(Route::described).collect();
    let mut paths = Paths::new();
    let mut schemas: BTreeMap<String, RefOr<Schema>> = BTreeMap::new();
    for route in crate::routes::all() {
        let (_, of_route, of_schemas) = route.into_description();
        for (path, item) in of_route.paths {
            match paths.paths.get_mut(&path) {
                Some(known) => known.merge_operations(item),
                None => drop(paths.paths.insert(path, item)),
            }
        }
        schemas.extend(of_schemas);
    }
    schemas.insert(ProblemOut::name().into(), ProblemOut::schema());
    schemas.insert(FieldError::name().into(), FieldError::schema());
    add_frames(&mut schemas);
    let mut components = Components::new();
    components.schemas.extend(schemas);
    let mut api = OpenApi::new(Info::new("Centrala", env!("CARGO_PKG_VERSION")), paths);
    api.components = Some(components);
    let mut document = serde_json::to_value(api).unwrap_or_default();
    document["info"]["description"] =
        json!("One team, many agents, one switchboard. Errors are RFC 9457 problems; see /problems/<slug>.");
    document["info"]["license"] = json!({"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"});
    document["info"]["x-api-level"] = json!(API_LEVEL);
    document["components"]["securitySchemes"] = json!({
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-centrala",
            "description": "`centrala` when the server is not reached over TLS"},
        "token": {"type": "http", "scheme": "bearer", "description": "An API token, `ctr_...`"},
    });
    for route in &described {
        describe(&mut document, route);
    }
    document
}

/// Adds the frames of the live socket, which no path can describe.
fn add_frames(schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    let mut inner = Vec::new();
    FrameOut::schemas(&mut inner);
    FrameIn::schemas(&mut inner);
    schemas.extend(inner);
    schemas.insert(FrameOut::name().into(), FrameOut::schema());
    schemas.insert(FrameIn::name().into(), FrameIn::schema());
}

/// Adds what the table knows: problems, permission, proof.
fn describe(document: &mut Value, route: &Described) {
    let operation = &mut document["paths"][&route.path][route.method.as_str().to_ascii_lowercase()];
    operation["x-problems"] = json!(route.problems);
    let mut by_status: BTreeMap<u16, Vec<Slug>> = BTreeMap::new();
    for slug in route.problems.iter().filter_map(|slug| Slug::parse(slug)) {
        by_status.entry(slug.status().as_u16()).or_default().push(slug);
    }
    for (status, slugs) in by_status {
        let names: Vec<&str> = slugs.iter().map(|slug| slug.as_str()).collect();
        operation["responses"][status.to_string()] = json!({
            "description": names.join(", "),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
        });
    }
    if route.takes_key {
        let key = json!({
            "name": "Idempotency-Key", "in": "header", "required": false, "example": "4f6c1c1e-…",
            "description": "The client's own key for this request: the same request with the same key is carried \
                out once and gets the same answer, for a day. 1 to 255 visible ASCII characters.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        });
        match operation["parameters"].as_array_mut() {
            Some(parameters) => parameters.push(key),
            None => operation["parameters"] = json!([key]),
        }
    }
    match route.access {
        Access::Needs(permission) => {
            operation["security"] = json!([{"session": []}, {"token": []}]);
            operation["x-permission"] = json!(name_of(permission));
            operation["x-least-role"] = json!(permission.least_role().as_str());
        }
        Access::Public | Access::OwnProof => operation["security"] = json!([]),
    }
}

fn name_of(permission: Permission) -> Value {
    serde_json::to_value(permission).unwrap_or_default()
}

/// The description as it stands in the repository.
#[must_use]
pub fn text() -> String {
    serde_json::to_string_pretty(&document()).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn description_in_the_repository_is_up_to_date() {
        crate::testing::compare_with_file("openapi.json", &text());
    }

    #[test]
    fn every_operation_has_summary_tag_id_and_problems() {
        let document = document();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let name = format!("{method} {path}");
                assert!(operation["summary"].is_string(), "{name}");
                assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name}");
                assert!(operation["operationId"].is_string(), "{name}");
                assert!(!operation["x-problems"].as_array().unwrap().is_empty(), "{name}");
            }
        }
    }

    #[test]
    fn operations_that_take_a_key_say_so_and_no_others() {
        let document = document();
        let takes_key = |path: &str, method: &str| {
            let parameters = document["paths"][path][method]["parameters"].as_array();
            parameters.into_iter().flatten().any(|parameter| parameter["name"] == "Idempotency-Key")
        };
        assert!(takes_key("/api/v1/labels", "post"));
        assert!(takes_key("/api/v1/conversations/{conversation}/messages", "post"));
        // Reads, changes of the whole, secrets, files, and what needs no signing in.
        for (path, method) in [
            ("/api/v1/labels", "get"),
            ("/api/v1/conversations/{conversation}/draft", "put"),
            ("/api/v1/me/password", "post"),
            ("/api/v1/media", "post"),
            ("/api/v1/setup", "post"),
        ] {
            assert!(document["paths"][path][method].is_object(), "{method} {path}");
            assert!(!takes_key(path, method), "{method} {path}");
        }
    }

    #[test]
    fn every_operation_shows_an_example_of_what_it_gives_and_takes() {
        let document = document();
        let has_example = |content: &Value| {
            content.as_object().is_none_or(|kinds| {
                kinds.iter().all(|(name, kind)| {
                    // Bytes have no example.
                    ["multipart/form-data", "application/octet-stream"].contains(&name.as_str())
                        || kind.get("example").is_some()
                        || schema_has_example(&document, &kind["schema"], 0)
                })
            })
        };
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                for (status, response) in operation["responses"].as_object().unwrap() {
                    assert!(has_example(&response["content"]), "{method} {path}: answer {status}");
                }
                assert!(has_example(&operation["requestBody"]["content"]), "{method} {path}: body");
            }
        }
    }

    /// Whether a schema, or something in it, has an example.
    fn schema_has_example(document: &Value, schema: &Value, depth: usize) -> bool {
        if depth > 6 {
            return false;
        }
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap();
            return schema_has_example(document, &document["components"]["schemas"][name], depth + 1);
        }
        if schema.get("example").is_some() || schema.get("examples").is_some() {
            return true;
        }
        let inner = schema["properties"].as_object().into_iter().flat_map(|p| p.values());
        let parts =
            ["allOf", "oneOf", "anyOf"].into_iter().flat_map(|k| schema[k].as_array().into_iter().flatten());
        inner
            .chain(parts)
            .chain(schema.get("items"))
            .any(|part| schema_has_example(document, part, depth + 1))
    }
}
