//! Calls to the Graph API, each made once, and the name of what came of them (`cloud-api.md` section 8; the
//! delivery contract in `design.md` section 5).
//!
//! Not here: what is said in a call ([`super::outbound`]) and any second try (the engine).

use std::time::Duration;

use centrala_domain::error_code::ErrorClass;
use centrala_domain::inbound::UpstreamError;
use centrala_domain::inbox::{ChannelConfig, Connection, WhatsappCloudConfig};
use centrala_domain::ports::{CallError, Outgoing, SendOutcome};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::refusal::{self, Refusal};
use super::{json, outbound};
use crate::http::{self, Answer, Failure};

/// Code of what is refused before anything is sent, the one Meta would give (`cloud-api.md` section 14).
const INVALID_PARAMETER: i64 = 100;

/// Where an endpoint lives, according to its settings.
pub(super) fn config(connection: &Connection) -> &WhatsappCloudConfig {
    match &connection.inbox.config {
        ChannelConfig::WhatsappCloud(config) => config,
    }
}

/// A request with the endpoint's token.
pub(super) fn request(
    client: &Client,
    connection: &Connection,
    method: Method,
    segments: &[&str],
) -> Result<RequestBuilder, CallError> {
    request_as(connection.secrets.access_token.expose(), client, connection, method, segments)
}

/// A request with another token. The segments are encoded, so an id can never lead elsewhere.
pub(super) fn request_as(
    token: &str,
    client: &Client,
    connection: &Connection,
    method: Method,
    segments: &[&str],
) -> Result<RequestBuilder, CallError> {
    Ok(client.request(method, address(config(connection), segments)?).bearer_auth(token))
}

fn address(config: &WhatsappCloudConfig, segments: &[&str]) -> Result<Url, CallError> {
    let broken = || permanent("the address of the Graph API in the inbox's settings is not valid");
    let mut url = Url::parse(&config.base_url).map_err(|_| broken())?;
    url.path_segments_mut().map_err(|()| broken())?.pop_if_empty().push(&config.api_version).extend(segments);
    Ok(url)
}

/// Sends a message, once.
pub(super) async fn send(client: &Client, connection: &Connection, message: &Outgoing) -> SendOutcome {
    let body = match outbound::body(message) {
        Ok(body) => body,
        Err(detail) => return refused_here(detail),
    };
    let id = &config(connection).phone_number_id;
    match request(client, connection, Method::POST, &[id, "messages"]) {
        Ok(request) => outcome(http::answer(request.json(&body)).await),
        Err(error) => refused_here(error.detail),
    }
}

fn refused_here(detail: String) -> SendOutcome {
    let error = UpstreamError { code: INVALID_PARAMETER, detail };
    SendOutcome::Refused { error, class: ErrorClass::Permanent, retry_after: None }
}

/// Names the outcome of a send. When in doubt it is unknown: a message that may have gone out is never sent
/// again by itself.
fn outcome(answer: Result<Answer, Failure>) -> SendOutcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(Failure { has_left: false, detail }) => return SendOutcome::NotSent { detail },
        Err(Failure { has_left: true, detail }) => return SendOutcome::Unknown { detail },
    };
    if let Some(Refusal { error, class, retry_after }) = refusal::read(&answer) {
        return SendOutcome::Refused { error, class, retry_after };
    }
    let status = answer.status;
    if status.is_success() {
        return match message_id(&answer.body) {
            Some(upstream_id) => SendOutcome::Accepted { upstream_id },
            None => SendOutcome::Unknown { detail: "the answer does not name the message".into() },
        };
    }
    if is_turned_away(status) {
        let error = UpstreamError { code: i64::from(status.as_u16()), detail: not_from_meta(status) };
        let retry_after = refusal::retry_after(&answer.headers);
        return SendOutcome::Refused { error, class: class_without_meta(status), retry_after };
    }
    SendOutcome::Unknown { detail: not_from_meta(status) }
}

fn message_id(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    json::string(body.pointer("/messages/0")?, "id")
}

/// Whether a server that is not Meta's (a proxy, a wrong address) says clearly that it did not pass the request
/// on. A 408 and every 5xx may come after the request was passed on.
fn is_turned_away(status: StatusCode) -> bool {
    status.is_redirection() || (status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT)
}

/// Never `Credential`: only Meta's own words say that the credential is bad.
fn class_without_meta(status: StatusCode) -> ErrorClass {
    match status {
        StatusCode::TOO_MANY_REQUESTS => ErrorClass::Throttle,
        status if is_turned_away(status) => ErrorClass::Permanent,
        _ => ErrorClass::Retry,
    }
}

fn not_from_meta(status: StatusCode) -> String {
    format!("HTTP {} without an error of Meta; the address or a proxy may be wrong", status.as_u16())
}

/// Makes a call that is safe to repeat and reads its answer.
pub(super) async fn call(request: RequestBuilder) -> Result<Value, CallError> {
    let answer = http::answer(request).await.map_err(|failure| passing(failure.detail))?;
    if let Some(refusal) = refusal::read(&answer) {
        return Err(refused(refusal));
    }
    if !answer.status.is_success() {
        let retry_after = refusal::retry_after(&answer.headers);
        let class = class_without_meta(answer.status);
        return Err(CallError { class, retry_after, ..passing(not_from_meta(answer.status)) });
    }
    serde_json::from_slice(&answer.body).map_err(|_| passing("the answer is not JSON".into()))
}

/// Makes a call that only says whether it was done.
pub(super) async fn done(request: RequestBuilder) -> Result<(), CallError> {
    match call(request).await?.get("success") {
        Some(Value::Bool(false)) => Err(passing("Meta answered that it was not done".into())),
        _ => Ok(()),
    }
}

/// Marks a customer's message, and those before it, as read; with `is_typing` also shows that somebody types.
pub(super) async fn mark_read(
    client: &Client,
    connection: &Connection,
    upstream_id: &str,
    is_typing: bool,
) -> Result<(), CallError> {
    let mut body = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": upstream_id });
    if is_typing {
        body["typing_indicator"] = json!({ "type": "text" });
    }
    let id = &config(connection).phone_number_id;
    done(request(client, connection, Method::POST, &[id, "messages"])?.json(&body)).await
}

/// A refusal of a call.
pub(super) fn refused(refusal: Refusal) -> CallError {
    CallError {
        class: refusal.class,
        code: Some(refusal.error.code),
        is_gone: false,
        retry_after: refusal.retry_after,
        detail: refusal.error.detail,
    }
}

/// A failure that may pass.
pub(super) fn passing(detail: String) -> CallError {
    CallError { class: ErrorClass::Retry, code: None, is_gone: false, retry_after: None::<Duration>, detail }
}

/// A failure that stays.
pub(super) fn permanent(detail: &str) -> CallError {
    CallError { class: ErrorClass::Permanent, ..passing(detail.to_owned()) }
}
