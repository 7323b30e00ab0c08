//! Files: handing them over and fetching them (`cloud-api.md` section 9).
//!
//! Bytes are streamed, never held whole. Not here: where a file is kept and when a fetch is tried again.

use std::path::Path;
use std::time::Duration;

use centrala_domain::error_code::ErrorClass;
use centrala_domain::inbox::Connection;
use centrala_domain::ports::{CallError, FetchedFile, OutgoingFile, UploadedFile};
use data_encoding::HEXLOWER;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use url::Url;

use super::client::{call, config, passing, permanent, refused, request};
use super::json::{number, string, text};
use super::limits::{LIMITS, largest_file};
use super::refusal;
use crate::http::{Answer, describe};

/// How long the id of an upload lives.
const UPLOAD_LIFE_SECONDS: u64 = 30 * 24 * 3600;

/// The file could not be had by Meta itself (`cloud-api.md` section 14).
const DOWNLOAD_FAILED: i64 = 131_052;

/// Codes that Meta answers for the id of a file that it no longer has.
const GONE: [i64; 3] = [33, 100, DOWNLOAD_FAILED];

/// Uploads a file.
pub(super) async fn upload(
    client: &Client,
    connection: &Connection,
    file: &OutgoingFile,
    timeout: Duration,
) -> Result<UploadedFile, CallError> {
    if file.size_bytes == 0 {
        return Err(permanent("the file is empty"));
    }
    if file.size_bytes > largest_file() {
        return Err(permanent("the file is larger than WhatsApp carries"));
    }
    let bytes = File::open(&file.path).await.map_err(|error| disk(&error))?;
    // The customer sees the name that goes with the message; this one only marks the part as a file. A name
    // with letters beyond ASCII would be written in a form that not every server reads.
    let part = Part::stream_with_length(bytes, file.size_bytes)
        .file_name("file")
        .mime_str(&file.mime_type)
        .map_err(|_| permanent("the type of the file is not a MIME type"))?;
    let form = Form::new()
        .text("messaging_product", "whatsapp")
        .text("type", file.mime_type.clone())
        .part("file", part);
    let id = &config(connection).phone_number_id;
    let request = request(client, connection, Method::POST, &[id, "media"])?;
    let answer = call(request.multipart(form).timeout(timeout)).await?;
    let upstream_id =
        string(&answer, "id").ok_or_else(|| passing("the answer does not name the file".into()))?;
    Ok(UploadedFile { upstream_id, lives_seconds: UPLOAD_LIFE_SECONDS })
}

/// Fetches a file into `to`. Nothing of it is left there when it fails.
pub(super) async fn fetch(
    client: &Client,
    connection: &Connection,
    upstream_id: &str,
    to: &Path,
    timeout: Duration,
) -> Result<FetchedFile, CallError> {
    let mut place = address(client, connection, upstream_id).await?;
    let mut response = download(client, connection, &place, timeout).await?;
    // An address lives five minutes and some edges forget it sooner: a new one, once.
    if is_address_stale(response.status()) {
        place = address(client, connection, upstream_id).await?;
        response = download(client, connection, &place, timeout).await?;
    }
    let response = whole(response).await?;
    let file = File::create_new(to).await.map_err(|error| disk(&error))?;
    let fetched = save(response, &place, file).await;
    if fetched.is_err() {
        // What cannot be removed now is of no harm: nobody was told that it is whole.
        drop(tokio::fs::remove_file(to).await);
    }
    fetched
}

/// Where a file can be downloaded now.
struct Place {
    url: Url,
    mime_type: Option<String>,
    size_bytes: Option<u64>,
}

async fn address(client: &Client, connection: &Connection, upstream_id: &str) -> Result<Place, CallError> {
    // Without the optional number: a wrong one would be answered as if the file were gone.
    let answer = call(request(client, connection, Method::GET, &[upstream_id])?).await.map_err(as_gone)?;
    let place = place(&answer).ok_or_else(|| passing("the answer has no address of the file".into()))?;
    // The token goes with the download; it stays encrypted wherever the calls are.
    if config(connection).base_url.starts_with("https:") && place.url.scheme() != "https" {
        return Err(permanent("the address of the file is not encrypted"));
    }
    if place.size_bytes.is_some_and(|size| size > LIMITS.inbound_media_bytes) {
        return Err(too_large());
    }
    Ok(place)
}

fn place(answer: &Value) -> Option<Place> {
    Some(Place {
        url: Url::parse(text(answer, "url")?).ok()?,
        mime_type: string(answer, "mime_type"),
        size_bytes: number(answer, "file_size").and_then(|size| u64::try_from(size).ok()),
    })
}

/// A refusal about the file's id concerns the file alone, whatever its code means for other calls.
fn as_gone(error: CallError) -> CallError {
    match error.code {
        Some(code) if GONE.contains(&code) => {
            CallError { is_gone: true, class: ErrorClass::Permanent, ..error }
        }
        _ => error,
    }
}

async fn download(
    client: &Client,
    connection: &Connection,
    place: &Place,
    timeout: Duration,
) -> Result<Response, CallError> {
    let request = client.get(place.url.clone()).bearer_auth(connection.secrets.access_token.expose());
    request.timeout(timeout).send().await.map_err(broken)
}

fn is_address_stale(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE
    )
}

/// Lets only a whole answer through. Without Meta's own words a failure may pass: the id is still good.
async fn whole(response: Response) -> Result<Response, CallError> {
    let (status, headers) = (response.status(), response.headers().clone());
    if status == StatusCode::OK {
        return Ok(response);
    }
    let retry_after = refusal::retry_after(&headers);
    // Errors are short; a body of another length is no error of Meta's.
    let body = match response.content_length() {
        Some(0..=65_536) => response.bytes().await.map_err(broken)?.to_vec(),
        _ => Vec::new(),
    };
    match refusal::read(&Answer { status, headers, body }) {
        Some(refusal) => Err(refused(refusal)),
        None => {
            let detail = format!("the download was answered with HTTP {}", status.as_u16());
            Err(CallError { retry_after, ..passing(detail) })
        }
    }
}

/// Writes the bytes as they come, counting and hashing them.
async fn save(mut response: Response, place: &Place, mut file: File) -> Result<FetchedFile, CallError> {
    let (mut hash, mut size_bytes) = (Sha256::new(), 0_u64);
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        size_bytes = size_bytes.saturating_add(chunk.len() as u64);
        if size_bytes > LIMITS.inbound_media_bytes {
            return Err(too_large());
        }
        hash.update(&chunk);
        file.write_all(&chunk).await.map_err(|error| disk(&error))?;
    }
    file.flush().await.map_err(|error| disk(&error))?;
    if place.size_bytes.is_some_and(|announced| size_bytes < announced) {
        return Err(passing("the file is shorter than announced".into()));
    }
    let mime_type = place.mime_type.clone().or_else(|| declared_type(&response));
    Ok(FetchedFile {
        mime_type: mime_type.unwrap_or_else(|| "application/octet-stream".into()),
        size_bytes,
        sha256: HEXLOWER.encode(&hash.finalize()),
    })
}

fn declared_type(response: &Response) -> Option<String> {
    Some(response.headers().get(reqwest::header::CONTENT_TYPE)?.to_str().ok()?.to_owned())
}

fn too_large() -> CallError {
    CallError { code: Some(DOWNLOAD_FAILED), ..permanent("the file is larger than 100 MB") }
}

fn broken(error: reqwest::Error) -> CallError {
    passing(describe(error))
}

/// Paths stay out of the text.
fn disk(error: &std::io::Error) -> CallError {
    passing(format!("our own disk: {}", error.kind()))
}
