//! `GET /media/{media}/content`

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use centrala_domain::MediaId;
use centrala_domain::media::{Media, MediaState};
use centrala_store::media;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::disposition;
use super::range::{Part, is_known, wanted};
use crate::auth::{Allowed, ReadConversations};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::Path;
use crate::state::App;

const CHUNK_BYTES: usize = 64 * 1024;

/// Get the bytes of a file.
///
/// One byte range is understood (`206`); `ETag` is the SHA-256 of the bytes. Pictures, sound, films and PDF are
/// shown in place, everything else is saved. Never runs as a page of ours.
#[utoipa::path(get, path = "/api/v1/media/{media}/content", tag = "media",
    params(("media" = String, Path, description = "File", example = "med_0000000000000000000000000e"),
        ("Range" = Option<String>, Header, description = "One range of bytes", example = "bytes=0-1023"),
        ("If-Range" = Option<String>, Header, description = "Only if the file is still this one"),
        ("If-None-Match" = Option<String>, Header, description = "Only if the file is another one")),
    responses(
        (status = 200, description = "The whole file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "The range", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 304, description = "The client has it already")),
    extensions(("x-problems" = json!(["media-pending", "media-failed", "media-expired", "range-not-satisfiable"]))))]
pub async fn get_media_content(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    Path(id): Path<MediaId>,
    headers: HeaderMap,
) -> Answer<Response> {
    let mut reader = app.store.read().await?;
    let found = media::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    drop(reader);
    match found.state {
        MediaState::Stored => {}
        MediaState::Pending => return Err(Slug::MediaPending.into()),
        MediaState::Failed => return Err(Slug::MediaFailed.into()),
        MediaState::Expired => return Err(Slug::MediaExpired.into()),
    }
    let hash = found.sha256.as_deref().unwrap_or_default();
    let tag = format!("\"{hash}\"");
    if is_known(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, kept_headers(&tag)?).into_response());
    }
    let path = app.engine.blobs.path(hash).ok_or(Slug::Internal)?;
    let (file, size) = open(&path).await.map_err(|error| {
        tracing::error!(media.id = %id, error = %error, "the bytes of a stored file are not there");
        Problem::new(Slug::Internal)
    })?;
    send(&found, file, size, wanted(&headers, size, &tag), &tag).await
}

async fn open(path: &std::path::Path) -> std::io::Result<(tokio::fs::File, u64)> {
    let file = tokio::fs::File::open(path).await?;
    let size = file.metadata().await?.len();
    Ok((file, size))
}

async fn send(media: &Media, mut file: tokio::fs::File, size: u64, part: Part, tag: &str) -> Answer<Response> {
    let (status, first, length, range) = match part {
        Part::Whole => (StatusCode::OK, 0, size, None),
        Part::Bytes { first, last } => {
            let range = format!("bytes {first}-{last}/{size}");
            (StatusCode::PARTIAL_CONTENT, first, last - first + 1, Some(range))
        }
        Part::Outside => {
            let range = value(&format!("bytes */{size}"))?;
            let problem = Problem::new(Slug::RangeNotSatisfiable);
            return Ok(([(header::CONTENT_RANGE, range)], problem).into_response());
        }
    };
    if first > 0 {
        file.seek(std::io::SeekFrom::Start(first)).await.map_err(|error| {
            tracing::error!(media.id = %media.id, error = %error, "a file could not be read");
            Problem::new(Slug::Unavailable)
        })?;
    }
    let body = Body::from_stream(ReaderStream::with_capacity(file.take(length), CHUNK_BYTES));
    let mut headers = kept_headers(tag)?;
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::CONTENT_TYPE, content_type(&media.mime_type));
    headers.insert(header::CONTENT_DISPOSITION, disposition::of_type(&media.mime_type, &name(media)));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(range) = range {
        headers.insert(header::CONTENT_RANGE, value(&range)?);
    }
    Ok((status, headers, body).into_response())
}

/// What holds for the file however much of it is sent.
fn kept_headers(tag: &str) -> Answer<HeaderMap> {
    const SANDBOX: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");
    const FOREVER: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::ETAG, value(tag)?),
        (header::CACHE_CONTROL, FOREVER),
        (header::CONTENT_SECURITY_POLICY, SANDBOX),
    ];
    Ok(HeaderMap::from_iter(headers))
}

fn value(text: &str) -> Answer<HeaderValue> {
    HeaderValue::try_from(text).map_err(|_| Slug::Internal.into())
}

fn content_type(mime_type: &str) -> HeaderValue {
    HeaderValue::try_from(mime_type)
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"))
}

fn name(media: &Media) -> String {
    let given = media.filename.as_ref().and_then(|name| disposition::clean_name(name.expose()));
    given.unwrap_or_else(|| media.id.to_string())
}
