//! Whether a request comes from our own pages: the guard against other sites that use a person's cookie.

use axum::http::{HeaderMap, Method, header};

use crate::problem::{Problem, Slug};

/// Whether a method changes nothing.
#[must_use]
pub fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Checks the `Origin` that a browser sent. `own` is our public address; without one, the host that the request
/// was sent to counts as ours.
///
/// # Errors
/// [`Slug::ForeignOrigin`].
pub fn check_origin(headers: &HeaderMap, own: Option<&str>) -> Result<(), Problem> {
    let foreign = || Problem::new(Slug::ForeignOrigin);
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().map_err(|_| foreign())?;
    let is_ours = match own {
        Some(own) => origin == own,
        None => {
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
            origin.strip_prefix("http://").is_some_and(|of_origin| Some(of_origin) == host)
        }
    };
    if is_ours { Ok(()) } else { Err(foreign()) }
}

/// Checks a state-changing request that carries a session cookie: the browser must say that it comes from us.
///
/// # Errors
/// [`Slug::ForeignOrigin`].
pub fn check_with_cookie(headers: &HeaderMap, own: Option<&str>) -> Result<(), Problem> {
    check_origin(headers, own)?;
    if headers.contains_key(header::ORIGIN) {
        return Ok(());
    }
    match headers.get("sec-fetch-site").and_then(|site| site.to_str().ok()) {
        Some("same-origin" | "none") => Ok(()),
        Some(_) | None => Err(Problem::new(Slug::ForeignOrigin)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (k.parse().unwrap(), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn cookie_needs_word_of_the_browser_that_the_page_is_ours() {
        let own = Some("https://inbox.example.com");
        let ok = |pairs: &[(&'static str, &'static str)]| check_with_cookie(&headers(pairs), own).is_ok();
        assert!(ok(&[("origin", "https://inbox.example.com")]));
        assert!(ok(&[("sec-fetch-site", "same-origin")]));
        assert!(!ok(&[]));
        assert!(!ok(&[("origin", "null")]));
        assert!(!ok(&[("origin", "https://inbox.example.com.evil.test")]));
        assert!(!ok(&[("sec-fetch-site", "cross-site")]));
        assert!(!ok(&[("origin", "https://evil.test"), ("sec-fetch-site", "same-origin")]));
    }

    #[test]
    fn without_a_public_address_the_host_of_the_request_is_ours() {
        let of = |origin| headers(&[("origin", origin), ("host", "127.0.0.1:8080")]);
        assert!(check_origin(&of("http://127.0.0.1:8080"), None).is_ok());
        assert!(check_origin(&of("http://127.0.0.1:9090"), None).is_err());
    }
}
