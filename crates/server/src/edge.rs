//! The outermost layer of every request: its id, its log line, security headers, and the bodies of problems.
//!
//! A panic ends here as a 500 without detail. Not here: who may do what ([`crate::auth`]).

use std::net::{IpAddr, Ipv4Addr};
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use centrala_domain::TraceId;
use futures_util::FutureExt as _;

use crate::auth::{ClientAddress, Peer, client_address};
use crate::problem::{self, Problem, Slug};
use crate::state::App;

/// Id of the request: what its log lines, its facts and its jobs carry.
#[derive(Debug, Clone, Copy)]
pub struct RequestId(pub TraceId);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps every request.
pub async fn edge(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let trace: TraceId = app.store.new_id();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = request.method().clone();
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0.ip());
    let client: ClientAddress = client_address(peer, request.headers(), &app.config.trusted_proxies);
    request.extensions_mut().insert(RequestId(trace));
    request.extensions_mut().insert(client);
    let outcome = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let response = outcome.unwrap_or_else(|_| {
        tracing::error!(request.id = %trace, "a handler panicked");
        Problem::new(Slug::Internal).into_response()
    });
    let mut response = with_problem_body(response, trace);
    add_headers(&mut response, trace, app.config.is_https());
    log(&method, route.as_deref(), response.status(), trace, began);
    response
}

/// Writes the body of a problem, of ours or of the framework's making.
fn with_problem_body(mut response: Response, trace: TraceId) -> Response {
    let of_ours = response.extensions_mut().remove::<Problem>();
    let is_written = response.extensions().get::<KeepBody>().is_some();
    let problem = of_ours.or_else(|| if is_written { None } else { problem::of_status(response.status()) });
    let Some(problem) = problem else { return response };
    let mut answer = problem.answer(&trace.to_string());
    for kept in [header::ALLOW, header::CONTENT_RANGE, header::SET_COOKIE] {
        if let Some(value) = response.headers_mut().remove(&kept) {
            answer.headers_mut().insert(kept, value);
        }
    }
    answer
}

/// Marks an error answer whose body stays as it is (the readiness report).
#[derive(Debug, Clone, Copy)]
pub struct KeepBody;

fn add_headers(response: &mut Response, trace: TraceId, is_https: bool) {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    if let Ok(value) = HeaderValue::try_from(trace.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
}

/// One sentence for each request. Reading and webhooks come thousands of times a minute: they are told only
/// when asked for, or when something is wrong.
fn log(method: &Method, route: Option<&str>, status: StatusCode, trace: TraceId, began: Instant) {
    let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let route = route.unwrap_or("none");
    let status_code = status.as_u16();
    if status.is_server_error() {
        tracing::warn!(request.id = %trace, %method, route, status_code, duration_ms, "a request could not be answered");
    } else if *method == Method::GET || route.starts_with("/webhooks/") {
        tracing::debug!(request.id = %trace, %method, route, status_code, duration_ms, "a request was answered");
    } else {
        tracing::info!(request.id = %trace, %method, route, status_code, duration_ms, "a request was answered");
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Method;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn every_answer_has_the_headers_and_every_error_a_body() {
        let app = TestApp::start().await;
        let nobody = app.nobody();
        let answers = [
            nobody.get("/nowhere").await,
            nobody.send(Method::PUT, "/healthz", &[], Body::empty()).await,
            nobody.get("/healthz").await,
            nobody.get("/api/v1/me").await,
            app.shop.agent.get("/api/v1/agents/agt_nonsense").await,
            app.shop.agent.get("/api/v1/labels?limit=2&limit=3").await,
        ];
        let kinds = [404, 405, 200, 401, 400, 400];
        for (answer, status) in answers.iter().zip(kinds) {
            assert_eq!(answer.status.as_u16(), status);
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("cache-control", "no-store"),
                ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ] {
                assert_eq!(answer.header(name).as_deref(), Some(value));
            }
            assert!(answer.header("x-request-id").unwrap().starts_with("trc_"));
            if status != 200 {
                assert_eq!(answer.value()["status"], status);
                assert_eq!(answer.value()["instance"], answer.header("x-request-id").unwrap());
            }
        }
        assert!(answers[1].header("allow").is_some());
    }

    #[tokio::test]
    async fn wrong_bodies_are_named_as_what_they_are() {
        let app = TestApp::start().await;
        let path = "/api/v1/labels";
        let send = async |kind: &'static str, body: Vec<u8>| {
            app.shop.admin.send(Method::POST, path, &[("content-type", kind)], Body::from(body)).await
        };
        send("text/plain", b"{}".to_vec()).await.problem(415, "unsupported-media-type");
        send("application/json", b"{".to_vec()).await.problem(400, "malformed-request");
        send("application/json", vec![b' '; 2 << 20]).await.problem(413, "too-large");
        app.shop.admin.get("/api/v1/agents/conv_0000000000000000000000000e").await.problem(400, "invalid-id");
    }

    #[tokio::test]
    async fn page_of_a_problem_explains_it() {
        let app = TestApp::start().await;
        let page = app.nobody().get("/problems/label-name-taken").await;
        assert!(String::from_utf8(page.body).unwrap().contains("Există deja o etichetă"));
        app.nobody().get("/problems/nonsense").await.problem(404, "not-found");
    }
}
