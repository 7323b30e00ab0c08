//! Extractors whose refusals are problems: JSON bodies, ids in paths, queries, raw bodies.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::problem::{Answer, Problem, Slug};

/// Largest JSON body.
pub const JSON_BYTES: usize = 1024 * 1024;
/// What is read at most of a body that is too large.
const DISCARD_BYTES: usize = 16 * 1024 * 1024;
/// How long such a body is read.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(5);
/// A body that is not here by then does not come any more.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads a whole body of at most `limit` bytes, in bounded time.
///
/// # Errors
/// [`Slug::TooLarge`], [`Slug::RequestTimeout`], [`Slug::MalformedRequest`] when it breaks off.
pub async fn read_body(headers: &HeaderMap, body: Body, limit: usize) -> Answer<Bytes> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length > limit) {
        discard(body).await;
        return Err(Slug::TooLarge.into());
    }
    let whole = tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, limit).collect()).await;
    match whole {
        Err(_) => Err(Slug::RequestTimeout.into()),
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Slug::TooLarge.into()),
        Ok(Err(_)) => Err(Problem::new(Slug::MalformedRequest).detail("the body broke off")),
    }
}

/// Reads on for a moment without keeping anything: a client that still writes while the connection closes
/// would see a reset instead of the answer.
async fn discard(body: Body) {
    let mut body = Limited::new(body, DISCARD_BYTES);
    let end = async { while let Some(Ok(_)) = body.frame().await {} };
    if tokio::time::timeout(DISCARD_TIMEOUT, end).await.is_err() {
        tracing::debug!("the rest of a body that is too large did not come in time");
    }
}

/// A JSON body.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Answer<Self> {
        if !is_json(request.headers()) {
            return Err(Slug::UnsupportedMediaType.into());
        }
        let (parts, body) = request.into_parts();
        let bytes = read_body(&parts.headers, body, JSON_BYTES).await?;
        from_json(&bytes).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let mime = kind.split(';').next().unwrap_or_default().trim();
    mime.eq_ignore_ascii_case("application/json")
}

/// Reads JSON, and points at what does not fit.
fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        let error = error.into_inner();
        let code = match error.classify() {
            serde_json::error::Category::Data => "invalid",
            serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof
            | serde_json::error::Category::Io => "not-json",
        };
        Problem::new(Slug::MalformedRequest).at(pointer, code, without_values(&error.to_string()))
    })?;
    reader.end().map_err(|_| {
        Problem::new(Slug::MalformedRequest).at("", "not-json", "there is more after the end of the JSON")
    })?;
    Ok(value)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// The parser quotes wrong texts; they could be secrets, so they are left out.
fn without_values(text: &str) -> String {
    match (text.find("string \""), text.rfind("\", expected")) {
        (Some(from), Some(to)) if from < to => format!("{}a text{}", &text[..from], &text[to + 1..]),
        _ => text.to_owned(),
    }
}

/// Ids in the path.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|rejection| Problem::new(Slug::InvalidId).detail(rejection.body_text()))
    }
}

/// Parameters of the query.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        axum::extract::Query::<T>::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection| Problem::new(Slug::MalformedRequest).detail(rejection.body_text()))
    }
}

/// Tells a member of a patch that is absent from one that is `null`.
///
/// # Errors
/// When the value does not fit.
pub fn present<'de, T: serde::Deserialize<'de>, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only reading is tested")]
        items: Vec<u8>,
    }

    #[test]
    fn wrong_value_is_pointed_at() {
        let problem = from_json::<Sample>(br#"{"items":[1,"geheim"]}"#).unwrap_err().body("x");
        assert_eq!(problem.errors[0].pointer, "/items/1");
        assert!(!problem.errors[0].detail.contains("geheim"), "{}", problem.errors[0].detail);
        for (text, code) in
            [("{", "not-json"), (r#"{"items":[],"more":1}"#, "invalid"), (r#"{"items":[]} x"#, "not-json")]
        {
            assert_eq!(
                from_json::<Sample>(text.as_bytes()).unwrap_err().body("x").errors[0].code,
                code,
                "{text}"
            );
        }
    }
}
