//! Reading a call: path, parameters from query and body, token, files. JSON, forms and multipart all end up the same.

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Request, header};
use serde_json::{Map, Value};

/// For everything but uploads.
const BODY_LIMIT_BYTES: usize = 1024 * 1024;
/// Customers' media come as base64 in JSON, and uploads as they are.
const MEDIA_BODY_LIMIT_BYTES: usize = 150 * 1024 * 1024;
const UPLOAD_LIMIT_BYTES: usize = 110 * 1024 * 1024;

/// A file in a multipart body.
pub(crate) struct Upload {
    pub(crate) mime_type: String,
    pub(crate) bytes: Bytes,
}

/// One call, in one shape whatever the client sent.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// Parts of the path, without a version and a trailing slash.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Map<String, Value>,
    /// Query and body together; the body wins. JSON null members are not here.
    pub(crate) params: Map<String, Value>,
    pub(crate) upload: Option<Upload>,
    pub(crate) token: Option<String>,
    /// The body as JSON if it was an array, or anything else that has no members.
    pub(crate) list: Option<Value>,
}

/// Why a call could not be read.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Unreadable {
    TooLarge,
    Malformed(String),
}

impl Call {
    /// Reads everything the client sent.
    pub(crate) async fn read(request: Request<Incoming>) -> Result<Self, Unreadable> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let query = parse_form(parts.uri.query().unwrap_or_default().as_bytes());
        let bytes = collect(body, limit(&path)).await?;
        let mut call = Self {
            segments: segments(&path),
            method: parts.method,
            path,
            params: query.clone(),
            query,
            upload: None,
            token: None,
            list: None,
        };
        call.read_body(&parts.headers, bytes).await?;
        // Meta takes null for absent; the sandbox's own calls need to tell them apart.
        if !call.path.starts_with("/sandbox/") {
            strip_nulls(&mut call.params);
        }
        call.token = bearer(&parts.headers).or_else(|| call.text("access_token").map(str::to_owned));
        call.params.remove("access_token");
        Ok(call)
    }

    async fn read_body(&mut self, headers: &HeaderMap, bytes: Bytes) -> Result<(), Unreadable> {
        if bytes.is_empty() {
            return Ok(());
        }
        let content_type =
            headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if content_type.starts_with("multipart/form-data") {
            return self.read_multipart(content_type, bytes).await;
        }
        if content_type.starts_with("application/x-www-form-urlencoded") && !bytes.starts_with(b"{") {
            self.params.extend(parse_form(&bytes));
            return Ok(());
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(members)) => self.params.extend(members),
            Ok(other) => self.list = Some(other),
            Err(error) => return Err(Unreadable::Malformed(error.to_string())),
        }
        Ok(())
    }

    async fn read_multipart(&mut self, content_type: &str, bytes: Bytes) -> Result<(), Unreadable> {
        let malformed = |error: multer::Error| Unreadable::Malformed(error.to_string());
        let boundary = multer::parse_boundary(content_type).map_err(malformed)?;
        let whole = stream::once(async move { Ok::<_, std::io::Error>(bytes) });
        let mut multipart = multer::Multipart::new(whole, boundary);
        while let Some(field) = multipart.next_field().await.map_err(malformed)? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == "file" || field.file_name().is_some() {
                let mime_type = field.content_type().map(ToString::to_string).unwrap_or_default();
                self.upload = Some(Upload { mime_type, bytes: field.bytes().await.map_err(malformed)? });
            } else {
                self.params.insert(name, form_value(field.text().await.map_err(malformed)?));
            }
        }
        Ok(())
    }

    /// A parameter as text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.params.get(name).and_then(Value::as_str)
    }

    /// A parameter as text, for values that clients also send as numbers.
    pub(crate) fn loose_text(&self, name: &str) -> Option<String> {
        match self.params.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A parameter as a number, also from a query.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        match self.params.get(name)? {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64(),
        }
    }
}

fn limit(path: &str) -> usize {
    if path.trim_end_matches('/').ends_with("/media") {
        UPLOAD_LIMIT_BYTES
    } else if path.starts_with("/sandbox/customers/") {
        MEDIA_BODY_LIMIT_BYTES
    } else {
        BODY_LIMIT_BYTES
    }
}

async fn collect(body: Incoming, limit: usize) -> Result<Bytes, Unreadable> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Unreadable::TooLarge),
        Err(error) => Err(Unreadable::Malformed(error.to_string())),
    }
}

/// The parts of a path without the version. Meta serves every version, and none.
fn segments(path: &str) -> Vec<String> {
    let mut parts = path.split('/').filter(|part| !part.is_empty()).map(decode).peekable();
    let is_version = |part: &String| {
        let number = part.strip_prefix('v').and_then(|rest| rest.split_once('.'));
        number.is_some_and(|(major, minor)| {
            !major.is_empty()
                && !minor.is_empty()
                && format!("{major}{minor}").bytes().all(|b| b.is_ascii_digit())
        })
    };
    parts.next_if(is_version);
    parts.collect()
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn parse_form(bytes: &[u8]) -> Map<String, Value> {
    url::form_urlencoded::parse(bytes)
        .map(|(name, value)| (name.into_owned(), form_value(value.into_owned())))
        .collect()
}

/// Forms carry objects as JSON text.
fn form_value(text: String) -> Value {
    if text.starts_with(['{', '[']) {
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    } else {
        Value::String(text)
    }
}

/// A null member means an absent one, at every depth.
fn strip_nulls(members: &mut Map<String, Value>) {
    members.retain(|_, value| !value.is_null());
    members.values_mut().for_each(strip_nulls_within);
}

fn strip_nulls_within(value: &mut Value) {
    match value {
        Value::Object(members) => strip_nulls(members),
        Value::Array(elements) => elements.iter_mut().for_each(strip_nulls_within),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") || scheme == "OAuth").then(|| token.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn versions_and_trailing_slashes_do_not_matter() {
        let expected = ["12", "messages"];
        for path in ["/v26.0/12/messages", "/12/messages/", "/v9.1/12//messages"] {
            assert_eq!(segments(path), expected);
        }
        assert_eq!(segments("/vx.0/12"), ["vx.0", "12"]);
    }

    #[test]
    fn null_members_vanish_at_every_depth() {
        let mut value = json!({"a": null, "b": {"c": null, "d": [{"e": null}]}});
        strip_nulls(value.as_object_mut().unwrap());
        assert_eq!(value, json!({"b": {"d": [{}]}}));
    }

    #[test]
    fn forms_carry_objects_as_text() {
        let form = parse_form(b"type=text&text=%7B%22body%22%3A%22x%22%7D");
        assert_eq!(Value::Object(form), json!({"type": "text", "text": {"body": "x"}}));
    }
}
