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

async fn send(
    media: &Media,
    mut file: tokio::fs::File,
    size: u64,
    part: Part,
    tag: &str,
) -> Answer<Response> {
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
    HeaderValue::try_from(mime_type).unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"))
}

fn name(media: &Media) -> String {
    let given = media.filename.as_ref().and_then(|name| disposition::clean_name(name.expose()));
    given.unwrap_or_else(|| media.id.to_string())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Method;
    use centrala_store::jobs::Lane;
    use serde_json::json;

    use crate::routes::scene::{CUSTOMER, deliver, graph, run_jobs};
    use crate::testing::{Answer, Client, TestApp};

    async fn upload(who: &Client, bytes: &[u8]) -> String {
        let headers =
            [("content-type", "x/y"), ("content-disposition", "attachment; filename*=UTF-8''fi%C8%99.x")];
        let answer = who.send(Method::POST, "/api/v1/media", &headers, Body::from(bytes.to_vec())).await;
        answer.created()["url"].as_str().unwrap().to_owned()
    }

    async fn get(who: &Client, url: &str, headers: &[(&str, &str)]) -> Answer {
        who.send(Method::GET, url, headers, Body::empty()).await
    }

    #[tokio::test]
    async fn bytes_are_given_in_parts_and_only_when_they_are_not_known() {
        let app = TestApp::start().await;
        let bytes = b"%PDF-1.7 0123456789";
        let url = upload(&app.shop.agent, bytes).await;
        let agent = &app.shop.agent;

        let whole = get(agent, &url, &[]).await;
        assert_eq!((whole.status.as_u16(), &whole.body[..]), (200, &bytes[..]));
        let tag = whole.header("etag").unwrap();
        assert_eq!(tag.len(), 66);
        for (name, value) in [
            ("accept-ranges", "bytes"),
            ("content-length", "19"),
            ("content-type", "application/pdf"),
            ("content-disposition", "inline; filename=\"fi_.x\"; filename*=UTF-8''fi%C8%99.x"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "sandbox; default-src 'none'"),
            ("cache-control", "private, max-age=31536000, immutable"),
        ] {
            assert_eq!(whole.header(name).as_deref(), Some(value), "{name}");
        }
        for (range, body, told) in [
            ("bytes=0-3", &b"%PDF"[..], "bytes 0-3/19"),
            ("bytes=9-", b"0123456789", "bytes 9-18/19"),
            ("bytes=-2", b"89", "bytes 17-18/19"),
        ] {
            let part = get(agent, &url, &[("range", range), ("if-range", &tag)]).await;
            assert_eq!((part.status.as_u16(), &part.body[..]), (206, body), "{range}");
            assert_eq!(part.header("content-range").as_deref(), Some(told));
        }
        let other = get(agent, &url, &[("range", "bytes=0-3"), ("if-range", "\"x\"")]).await;
        assert_eq!((other.status.as_u16(), other.body.len()), (200, 19));
        let outside = get(agent, &url, &[("range", "bytes=19-")]).await;
        assert_eq!(outside.header("content-range").as_deref(), Some("bytes */19"));
        outside.problem(416, "range-not-satisfiable");
        let known = get(agent, &url, &[("if-none-match", &tag)]).await;
        assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
        assert_eq!(known.header("etag"), Some(tag));
        app.other.owner.get(&url).await.problem(404, "not-found");
        app.nobody().get(&url).await.problem(401, "unauthenticated");
    }

    #[tokio::test]
    async fn what_could_run_is_saved_and_never_shown() {
        let app = TestApp::start().await;
        let bodies = [
            "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            "<!DOCTYPE html><script>alert(1)</script>",
        ];
        for body in bodies {
            let url = upload(&app.shop.agent, body.as_bytes()).await;
            let answer = get(&app.shop.agent, &url, &[]).await;
            assert!(answer.header("content-disposition").unwrap().starts_with("attachment"), "{body}");
        }
    }

    #[tokio::test]
    async fn customers_file_is_pending_then_gone_and_can_be_asked_for_again() {
        let app = TestApp::start().await;
        let at = (centrala_testkit::clock::START.micros() / 1_000_000).to_string();
        let value = json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "40210000000", "phone_number_id": "3"},
            "contacts": [{"profile": {"name": "Ion"}, "wa_id": CUSTOMER}],
            "messages": [{"from": CUSTOMER, "id": "wamid.1", "timestamp": at, "type": "image",
                "image": {"id": "900", "mime_type": "image/jpeg", "sha256": "x"}}],
        });
        deliver(&app, &app.shop, &value).await;
        let list = app.shop.agent.get("/api/v1/conversations?unread=true").await.ok();
        let thread = format!("/api/v1/conversations/{}/messages", list["items"][0]["id"].as_str().unwrap());
        let message = app.shop.agent.get(&thread).await.ok()["items"][0].clone();
        assert_eq!((&message["media"]["state"], &message["media"]["url"]), (&json!("pending"), &json!(null)));
        let path = format!("/api/v1/media/{}", message["media"]["id"].as_str().unwrap());
        app.shop.agent.get(&format!("{path}/content")).await.problem(409, "media-pending");
        app.shop.agent.post_empty(&format!("{path}/fetch")).await.problem(409, "media-not-needed");

        let gone = json!({"error": {"code": 100, "error_subcode": 33, "message": "Unsupported get request"}});
        graph(&app, &app.shop, 404, gone).await;
        run_jobs(&app).await;
        let state = app.shop.agent.get(&path).await.ok()["state"].clone();
        let (status, slug) = if state == "expired" { (410, "media-expired") } else { (409, "media-failed") };
        app.shop.agent.get(&format!("{path}/content")).await.problem(status, slug);
        app.shop.outsider.post_empty(&format!("{path}/fetch")).await.problem(404, "not-found");
        assert_eq!(app.shop.agent.post_empty(&format!("{path}/fetch")).await.ok()["state"], "pending");
        let lease = std::time::Duration::from_secs(60);
        assert_eq!(app.app.store.claim_jobs(Lane::Media, 9, lease).await.unwrap().len(), 1);
    }
}
