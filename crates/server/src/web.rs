//! The screens, built into the program with the feature `embed-web`: files whose names change with their content, and
//! the page that begins everything, with a fresh nonce in each answer.

use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::auth::secret::new_secret;
use crate::problem::Problem;

/// What `npm run build` in `apps/web` made, with compressed copies beside the larger files.
#[derive(RustEmbed)]
#[folder = "../../apps/web/dist"]
struct Files;

const PAGE: &str = "index.html";
/// The service worker. Its policy is that of its own answer, not of the pages that it serves (Service Workers,
/// "Content Security Policy").
const WORKER: &str = "sw.js";
/// It fetches the files that it keeps, and what a notification says; it loads no scripts.
const WORKER_POLICY: &str = "default-src 'none'; connect-src 'self'";
/// Stands in the page where the nonce of the answer belongs.
const NONCE: &str = "__NONCE__";
/// Encodings of the copies, the smaller one first.
const ENCODINGS: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];
/// A year: the longest that caches understand (RFC 9111 section 1.2.2 allows more, nobody keeps it longer).
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Keep it, but ask whether it is still the same.
const ASK: &str = "no-cache";

/// Answers what is not the API's: a file of the screens, or for whoever navigates the page that finds its way by
/// itself.
pub(crate) fn answer(method: &Method, path: &str, headers: &HeaderMap) -> Response {
    let name = path.trim_start_matches('/');
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Problem::not_found().into_response();
    }
    if name != PAGE
        && !name.starts_with('.')
        && let Some(file) = Files::get(name)
    {
        let mut response = file_answer(name, &file, headers);
        if name == WORKER {
            // Also when it is unchanged: the browser takes over the headers of that answer.
            response
                .headers_mut()
                .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(WORKER_POLICY));
        }
        return response;
    }
    if accepts(headers, header::ACCEPT, "text/html") || name == PAGE {
        page()
    } else {
        Problem::not_found().into_response()
    }
}

fn accepts(headers: &HeaderMap, name: header::HeaderName, wanted: &str) -> bool {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).any(|value| value.contains(wanted))
}

fn page() -> Response {
    let Some(file) = Files::get(PAGE) else { return Problem::not_found().into_response() };
    let nonce = match new_secret() {
        Ok(nonce) => nonce.into_exposed(),
        Err(problem) => return problem.into_response(),
    };
    let html = String::from_utf8_lossy(&file.data).replace(NONCE, &nonce);
    let mut response = html.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(self), payment=(), usb=()"),
    );
    if let Ok(policy) = HeaderValue::try_from(policy(&nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Scripts run by nonce alone and may load the rest of the build; strings never become scripts (Trusted Types, where
/// the browser has them: Svelte's templates pass by the one policy that is named). Nothing is fetched from elsewhere.
fn policy(nonce: &str) -> String {
    [
        "default-src 'none'",
        &format!("script-src 'nonce-{nonce}' 'strict-dynamic'"),
        &format!("style-src 'self' 'nonce-{nonce}'"),
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types svelte-trusted-html centrala",
    ]
    .join("; ")
}

fn file_answer(name: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let is_lasting = name.starts_with("assets/");
    let tag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    if accepts(headers, header::IF_NONE_MATCH, &tag) {
        return with_cache(axum::http::StatusCode::NOT_MODIFIED.into_response(), is_lasting, &tag);
    }
    let copy = ENCODINGS.iter().find_map(|(encoding, ending)| {
        let copy = Files::get(&format!("{name}.{ending}"))?;
        accepts(headers, header::ACCEPT_ENCODING, encoding).then_some((*encoding, copy))
    });
    let (encoding, data) = match copy {
        Some((encoding, copy)) => (Some(encoding), copy.data),
        None => (None, file.data.clone()),
    };
    let mut response = with_cache(data.into_response(), is_lasting, &tag);
    let answer = response.headers_mut();
    if let Ok(kind) = HeaderValue::try_from(file.metadata.mimetype()) {
        answer.insert(header::CONTENT_TYPE, kind);
    }
    if let Some(encoding) = encoding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn with_cache(mut response: Response, is_lasting: bool, tag: &str) -> Response {
    let headers = response.headers_mut();
    let cache = if is_lasting { FOR_EVER } else { ASK };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Method;

    use crate::testing::TestApp;

    const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml");

    #[tokio::test]
    async fn whoever_navigates_gets_the_page_with_a_nonce_of_its_own() {
        let app = TestApp::start().await;
        let nobody = app.nobody();
        let mut nonces = Vec::new();
        for path in ["/", "/inbox/mine/conv_1", "/sign-in", "/index.html"] {
            let page = nobody.send(Method::GET, path, &[HTML], Body::empty()).await;
            assert_eq!(page.status.as_u16(), 200, "{path}");
            let policy = page.header("content-security-policy").unwrap();
            let (_, rest) = policy.split_once("'nonce-").unwrap();
            let (nonce, _) = rest.split_once('\'').unwrap();
            let html = std::str::from_utf8(&page.body).unwrap();
            assert!(html.contains(&format!("nonce=\"{nonce}\"")), "{path}");
            assert!(!html.contains("__NONCE__") && !policy.contains("unsafe"), "{policy}");
            assert_eq!(page.header("cache-control").as_deref(), Some("no-store"));
            nonces.push(nonce.to_owned());
        }
        nonces.sort();
        nonces.dedup();
        assert_eq!(nonces.len(), 4);
    }

    #[tokio::test]
    async fn files_of_the_build_are_kept_for_ever_and_the_others_asked_for_again() {
        let app = TestApp::start().await;
        let nobody = app.nobody();
        let asset =
            super::Files::iter().find(|name| name.starts_with("assets/") && name.ends_with(".js")).unwrap();
        let plain = nobody.get(&format!("/{asset}")).await;
        assert_eq!(plain.header("cache-control").as_deref(), Some(super::FOR_EVER));
        assert_eq!(plain.header("content-type").as_deref(), Some("text/javascript"));
        let small = nobody
            .send(Method::GET, &format!("/{asset}"), &[("accept-encoding", "gzip, br")], Body::empty())
            .await;
        assert_eq!(small.header("content-encoding").as_deref(), Some("br"));
        assert!(small.body.len() < plain.body.len());
        let worker = nobody.get("/sw.js").await;
        assert_eq!(worker.header("cache-control").as_deref(), Some("no-cache"));
        // Otherwise it could fetch nothing, and would not even install.
        assert_eq!(worker.header("content-security-policy").as_deref(), Some(super::WORKER_POLICY));
        let tag = worker.header("etag").unwrap();
        let again = nobody.send(Method::GET, "/sw.js", &[("if-none-match", &tag)], Body::empty()).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
        assert_eq!(again.header("content-security-policy").as_deref(), Some(super::WORKER_POLICY));
    }

    #[tokio::test]
    async fn what_is_no_file_is_not_found_and_the_api_keeps_its_own() {
        let app = TestApp::start().await;
        let nobody = app.nobody();
        for path in ["/assets/gone.js", "/.vite/manifest.json", "/nowhere"] {
            assert_eq!(nobody.get(path).await.status.as_u16(), 404, "{path}");
        }
        let api = nobody.send(Method::GET, "/api/v1/nowhere", &[HTML], Body::empty()).await;
        assert_eq!(api.status.as_u16(), 404);
        assert_eq!(api.header("content-type").as_deref(), Some("application/problem+json"));
        let post = nobody.send(Method::POST, "/sign-in", &[HTML], Body::empty()).await;
        assert_eq!(post.status.as_u16(), 404);
    }
}
