//! `POST /media`

use std::path::PathBuf;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Multipart, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use centrala_domain::Private;
use centrala_engine::commands::media::add::AddMedia;
use centrala_store::blobs::BlobWriter;
use futures_util::StreamExt as _;

use super::{MediaOut, detect, disposition};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::{Answer, Problem, Slug};
use crate::state::App;

/// Somebody who sends nothing for so long has gone away.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// What a multipart body may have around its file.
const AROUND_BYTES: u64 = 16 * 1024;

/// A file as a form.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the form; the handler reads it piece by piece")]
pub struct UploadForm {
    /// The file.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Upload a file, to be sent with a message.
///
/// As `multipart/form-data` with one field `file`, or as the raw body with its name in `Content-Disposition`.
/// The type is told from the bytes; what the client declares is not believed. Whether the channel takes such a
/// file is decided when it is sent.
#[utoipa::path(post, path = "/api/v1/media", tag = "media",
    request_body(content = UploadForm, content_type = "multipart/form-data", description = "The file"),
    responses((status = 201, description = "The file", body = MediaOut)),
    extensions(("x-problems" = json!(["invalid-input", "request-timeout"]))))]
pub async fn upload_media(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    request: Request,
) -> Answer<(StatusCode, axum::Json<MediaOut>)> {
    let limit = largest_file(&app);
    check_declared_length(request.headers(), limit)?;
    let mut upload = Upload::begin(&app, limit).await?;
    let name = if is_form(request.headers())? {
        from_form(request, &mut upload).await?
    } else {
        from_body(request, &mut upload).await?
    };
    let command = upload.finish(&app, name).await?;
    let added = app.store.execute(allowed.origin(), command).await?;
    Ok((StatusCode::CREATED, axum::Json(added.into())))
}

/// The largest file that any channel takes.
fn largest_file(app: &App) -> u64 {
    let limits = app.engine.channels.all().flat_map(|channel| channel.limits().media);
    limits.map(|limit| limit.max_bytes).max().unwrap_or(0)
}

fn check_declared_length(headers: &HeaderMap, limit: u64) -> Answer<()> {
    let declared =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limit.saturating_add(AROUND_BYTES)) {
        return Err(too_large(limit));
    }
    Ok(())
}

fn too_large(limit: u64) -> Problem {
    Problem::new(Slug::TooLarge).detail(format!("a file has at most {limit} bytes"))
}

fn is_form(headers: &HeaderMap) -> Answer<bool> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.ok_or(Slug::UnsupportedMediaType)?;
    Ok(disposition::essence(kind).eq_ignore_ascii_case("multipart/form-data"))
}

async fn from_form(request: Request, upload: &mut Upload) -> Answer<Option<String>> {
    let broken = |_| Problem::new(Slug::MalformedRequest).detail("the form cannot be read");
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| Problem::new(Slug::MalformedRequest).detail("the form has no boundary"))?;
    let field = in_time(form.next_field()).await?.map_err(broken)?;
    let mut field = field.filter(|field| field.name() == Some("file")).ok_or_else(|| {
        Problem::new(Slug::MalformedRequest).at("file", "missing", "the form has one field: file")
    })?;
    let name = field.file_name().map(str::to_owned);
    while let Some(bytes) = in_time(field.chunk()).await?.map_err(broken)? {
        upload.take(&bytes).await?;
    }
    drop(field);
    if in_time(form.next_field()).await?.map_err(broken)?.is_some() {
        return Err(Problem::new(Slug::MalformedRequest).at(
            "file",
            "too-many",
            "the form has one field: file",
        ));
    }
    Ok(name)
}

async fn from_body(request: Request, upload: &mut Upload) -> Answer<Option<String>> {
    let (parts, body) = request.into_parts();
    let name = parts.headers.get(header::CONTENT_DISPOSITION);
    let name = name.and_then(|value| disposition::name_in(std::str::from_utf8(value.as_bytes()).ok()?));
    let mut pieces = body.into_data_stream();
    while let Some(piece) = in_time(pieces.next()).await? {
        let piece: Bytes =
            piece.map_err(|_| Problem::new(Slug::MalformedRequest).detail("the body broke off"))?;
        upload.take(&piece).await?;
    }
    Ok(name)
}

async fn in_time<T>(next: impl Future<Output = T>) -> Answer<T> {
    tokio::time::timeout(SILENCE_MAX, next).await.map_err(|_| Slug::RequestTimeout.into())
}

/// A file on its way in. Dropped before its end (refused, or the client went away), it leaves nothing behind.
struct Upload {
    writer: BlobWriter,
    head: Vec<u8>,
    limit: u64,
    leftover: Leftover,
}

struct Leftover(PathBuf);

impl Drop for Leftover {
    fn drop(&mut self) {
        // A file that was kept is not here any more.
        if let Err(error) = std::fs::remove_file(&self.0)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(error = %error, "an unfinished upload could not be removed");
        }
    }
}

impl Upload {
    async fn begin(app: &App, limit: u64) -> Answer<Self> {
        let name: uuid::Uuid = app.store.new_id();
        let leftover = Leftover(app.engine.blobs.incoming(name));
        let writer = app.engine.blobs.writer(name).await?;
        Ok(Self { writer, head: Vec::new(), limit, leftover })
    }

    async fn take(&mut self, bytes: &[u8]) -> Answer<()> {
        if self.writer.size_bytes() + bytes.len() as u64 > self.limit {
            return Err(too_large(self.limit));
        }
        let wanted = detect::HEAD_BYTES.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..wanted]);
        Ok(self.writer.write(bytes).await?)
    }

    async fn finish(self, app: &App, name: Option<String>) -> Answer<AddMedia> {
        if self.writer.size_bytes() == 0 {
            return Err(Problem::new(Slug::InvalidInput).at("file", "empty", "the file is empty"));
        }
        let (path, sha256, size_bytes) = self.writer.finish().await?;
        app.engine.blobs.keep(&path, &sha256).await?;
        drop(self.leftover);
        Ok(AddMedia {
            mime_type: detect::mime_type(&self.head).to_owned(),
            filename: name.and_then(|name| disposition::clean_name(&name)).map(Private::new),
            sha256,
            size_bytes: i64::try_from(size_bytes).map_err(|_| Slug::Internal)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Method;
    use serde_json::{Value, json};

    use crate::routes::scene::customer_writes;
    use crate::testing::{Answer, Client, TestApp};

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0123456789";

    async fn raw(who: &Client, bytes: &[u8], disposition: &str) -> Answer {
        let headers = [("content-type", "text/html"), ("content-disposition", disposition)];
        who.send(Method::POST, "/api/v1/media", &headers, Body::from(bytes.to_vec())).await
    }

    async fn form(who: &Client, field: &str, filename: &str, bytes: &[u8]) -> Answer {
        let mut body = format!(
            "--x\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{filename}\"\r\n\
             Content-Type: text/html\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--x--\r\n");
        let headers = [("content-type", "multipart/form-data; boundary=x")];
        who.send(Method::POST, "/api/v1/media", &headers, Body::from(body)).await
    }

    fn leftovers(app: &TestApp) -> usize {
        let incoming = app.app.engine.blobs.incoming(uuid::Uuid::nil());
        std::fs::read_dir(incoming.parent().unwrap()).unwrap().count()
    }

    #[tokio::test]
    async fn type_is_told_from_the_bytes_and_the_name_is_cleaned() {
        let app = TestApp::start().await;
        let added = raw(&app.shop.agent, PNG, "attachment; filename=\"../../poza.png\"").await.created();
        assert_eq!((&added["mime_type"], &added["filename"]), (&json!("image/png"), &json!("poza.png")));
        assert_eq!((&added["state"], &added["size_bytes"]), (&json!("stored"), &json!(PNG.len())));
        let added = form(&app.shop.agent, "file", "C:\\factură.pdf", b"%PDF-1.7 x").await.created();
        assert_eq!(
            (&added["mime_type"], &added["filename"]),
            (&json!("application/pdf"), &json!("factură.pdf"))
        );
        let url = added["url"].as_str().unwrap();
        assert_eq!(app.shop.agent.get(url).await.body, b"%PDF-1.7 x");
        let large = vec![b'a'; 3 * 1024 * 1024];
        let added = form(&app.shop.agent, "file", "mare.txt", &large).await.created();
        assert_eq!(added["size_bytes"], large.len());
        assert_eq!(leftovers(&app), 0);
    }

    #[tokio::test]
    async fn empty_misnamed_and_too_large_files_are_refused_and_leave_nothing() {
        let app = TestApp::start().await;
        let agent = &app.shop.agent;
        raw(agent, b"", "attachment").await.problem(422, "invalid-input");
        form(agent, "file", "a", b"").await.problem(422, "invalid-input");
        form(agent, "picture", "a", PNG).await.problem(400, "malformed-request");
        let no_type = agent.send(Method::POST, "/api/v1/media", &[], Body::from(PNG.to_vec())).await;
        no_type.problem(415, "unsupported-media-type");
        let no_end = [("content-type", "multipart/form-data")];
        let broken = agent.send(Method::POST, "/api/v1/media", &no_end, Body::from(PNG.to_vec())).await;
        broken.problem(400, "malformed-request");
        // Said beforehand, and not said beforehand.
        let headers = [("content-type", "video/mp4"), ("content-length", "209715200")];
        let declared = agent.send(Method::POST, "/api/v1/media", &headers, Body::from(PNG.to_vec())).await;
        declared.problem(413, "too-large");
        let piece = axum::body::Bytes::from(vec![0u8; 1024 * 1024]);
        let pieces = (0..101).map(move |_| Ok::<_, std::io::Error>(piece.clone()));
        let stream = Body::from_stream(futures_util::stream::iter(pieces));
        let headers = [("content-type", "video/mp4")];
        agent.send(Method::POST, "/api/v1/media", &headers, stream).await.problem(413, "too-large");
        assert_eq!(leftovers(&app), 0);
        let key = [("content-type", "image/png"), ("idempotency-key", "k")];
        let keyed = agent.send(Method::POST, "/api/v1/media", &key, Body::from(PNG.to_vec())).await;
        keyed.problem(400, "malformed-request");
    }

    #[tokio::test]
    async fn channel_says_which_files_it_takes_when_they_are_sent() {
        let app = TestApp::start().await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        let path = format!("/api/v1/conversations/{}/messages", heard.conversation);
        let text = raw(&app.shop.agent, "Bună".as_bytes(), "attachment; filename=a.txt").await.created();
        let send = |kind: &str, file: &Value| json!({"client_id": kind, "content": {"type": kind, "media": file["id"]}});
        let refused =
            app.shop.agent.post(&path, send("image", &text)).await.problem(422, "media-not-accepted");
        assert_eq!(refused["errors"][0]["code"], "type");
        assert!(refused["detail"].as_str().unwrap().contains("5242880"));
        let large = [PNG, &vec![0; 5 * 1024 * 1024]].concat();
        let large = raw(&app.shop.agent, &large, "attachment").await.created();
        let refused =
            app.shop.agent.post(&path, send("image", &large)).await.problem(422, "media-not-accepted");
        assert_eq!(refused["errors"][0]["code"], "size");
        let sent = app.shop.agent.post(&path, send("document", &text)).await.created();
        assert_eq!(sent["media"]["id"], text["id"]);
        assert_eq!(sent["media"]["url"], text["url"]);
        // From now on the file belongs to that conversation.
        let url = text["url"].as_str().unwrap();
        app.shop.outsider.get(url).await.problem(404, "not-found");
        app.other.owner.get(url).await.problem(404, "not-found");
        app.shop.admin.get(url).await.ok();
    }
}
