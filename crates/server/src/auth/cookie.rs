//! The session cookie.

use axum::http::{HeaderMap, HeaderValue, header};
use centrala_domain::Private;

/// Name over TLS: browsers then insist on `Secure`, `Path=/` and no domain.
const SECURE_NAME: &str = "__Host-centrala";
/// Name without TLS, for a server on one's own machine.
const PLAIN_NAME: &str = "centrala";

const fn name(is_https: bool) -> &'static str {
    if is_https { SECURE_NAME } else { PLAIN_NAME }
}

/// The session secret that the request carries.
#[must_use]
pub fn read(headers: &HeaderMap, is_https: bool) -> Option<Private> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name(is_https))
        .map(|(_, value)| Private::from(value))
}

/// The header that hands a session out.
#[must_use]
pub fn set(secret: &Private, max_age_seconds: u64, is_https: bool) -> HeaderValue {
    write(secret.expose(), max_age_seconds, is_https)
}

/// The header that takes it back.
#[must_use]
pub fn clear(is_https: bool) -> HeaderValue {
    write("", 0, is_https)
}

fn write(value: &str, max_age_seconds: u64, is_https: bool) -> HeaderValue {
    let secure = if is_https { "; Secure" } else { "" };
    let text = format!(
        "{}={value}; Path=/; Max-Age={max_age_seconds}; HttpOnly; SameSite=Lax{secure}",
        name(is_https)
    );
    let mut header = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookie_over_tls_is_bound_to_the_host() {
        let cookie = set(&Private::from("abc"), 60, true);
        assert_eq!(
            cookie.to_str().unwrap(),
            "__Host-centrala=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(clear(false).to_str().unwrap(), "centrala=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn only_the_cookie_of_the_right_name_is_read() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b; centrala=plain; __Host-centrala=tls"));
        assert_eq!(read(&headers, true).unwrap().expose(), "tls");
        assert_eq!(read(&headers, false).unwrap().expose(), "plain");
    }
}
