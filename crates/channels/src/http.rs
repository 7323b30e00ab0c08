//! The one HTTP client of the crate, and what can be said for certain about a call that failed.
//!
//! Not here: what an answer means (each channel's `client`).

use std::error::Error;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Response, StatusCode};

/// How long calls may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Finding the name, connecting and the TLS handshake.
    pub connect: Duration,
    /// A whole call, connecting included.
    pub call: Duration,
    /// A whole call that carries a file.
    pub transfer: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            call: Duration::from_secs(30),
            transfer: Duration::from_secs(300),
        }
    }
}

/// The HTTP client could not be built, usually because the machine has no certificate authorities.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be built: {0}")]
pub struct ClientError(#[from] reqwest::Error);

/// Largest answer that is read, files apart.
const ANSWER_BYTES: usize = 1024 * 1024;

/// Longest description of a failure, in characters.
const DETAIL_CHARACTERS: usize = 400;

/// Builds the client: no redirects (they would carry the token elsewhere) and no retries of its own.
pub(crate) fn client(timeouts: Timeouts) -> Result<reqwest::Client, ClientError> {
    // reqwest is built without a provider of its own, so that the whole binary has one. Whoever installs it
    // first wins; all of ours install the same one.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder()
        .user_agent(concat!("Centrala/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        // Only requests of which no byte was written are ever tried again, by the connection pool.
        .retry(reqwest::retry::never())
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.call)
        .pool_idle_timeout(Duration::from_secs(60))
        .tcp_keepalive(Duration::from_secs(30))
        .build()?;
    Ok(client)
}

/// A whole answer.
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: StatusCode,
    /// Headers.
    pub(crate) headers: HeaderMap,
    /// Body.
    pub(crate) body: Vec<u8>,
}

/// A call without a whole answer.
pub(crate) struct Failure {
    /// Whether a byte of the request may have left.
    pub(crate) has_left: bool,
    /// What happened, without personal data.
    pub(crate) detail: String,
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        // The connector ends with the TLS handshake, so an error of it means that no byte of HTTP was written.
        Self { has_left: !(error.is_connect() || error.is_builder()), detail: describe(error) }
    }
}

/// Sends a request once and reads the answer whole.
pub(crate) async fn answer(request: RequestBuilder) -> Result<Answer, Failure> {
    let response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = body(response).await?;
    Ok(Answer { status, headers, body })
}

async fn body(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    // The request is long gone, whatever befalls its answer.
    let late = |error| Failure { has_left: true, ..Failure::from(error) };
    while let Some(chunk) = response.chunk().await.map_err(late)? {
        if body.len() + chunk.len() > ANSWER_BYTES {
            return Err(Failure { has_left: true, detail: "the answer is too long".into() });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// An error in words, without the address (it can hold ids and tokens).
pub(crate) fn describe(error: reqwest::Error) -> String {
    let what = if error.is_builder() {
        "the request could not be built"
    } else if error.is_connect() {
        "the connection could not be made"
    } else if error.is_timeout() {
        "no answer in time"
    } else {
        "the connection broke before the answer was complete"
    };
    let error = error.without_url();
    let mut deepest: &dyn Error = &error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    without_numbers(&format!("{what}: {deepest}"))
}

/// Hides what may be a phone number: seven digits or more, also when single signs stand between them. Clips
/// what is too long to be read.
pub(crate) fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    let is_joint = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}');
    for c in text.chars().take(DETAIL_CHARACTERS).chain(['\0']) {
        if c.is_ascii_digit() || (is_joint(c) && run.ends_with(|last: char| last.is_ascii_digit())) {
            run.push(c);
            continue;
        }
        if run.bytes().filter(u8::is_ascii_digit).count() >= 7 {
            out.push_str("***");
            out.extend(run.chars().last().filter(|last| is_joint(*last)));
        } else {
            out.push_str(&run);
        }
        run.clear();
        out.push(c);
    }
    out.pop();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_may_be_phones_are_hidden_and_codes_stay() {
        for (text, wanted) in [
            ("(#131030) +40721000111 not allowed", "(#131030) +*** not allowed"),
            ("call 0721 000-111.", "call ***."),
            ("code 131026", "code 131026"),
            ("2500 of 80 in 60 s", "2500 of 80 in 60 s"),
            ("", ""),
        ] {
            assert_eq!(without_numbers(text), wanted);
        }
    }

    #[test]
    fn long_descriptions_are_clipped() {
        assert_eq!(without_numbers(&"x".repeat(5000)).chars().count(), DETAIL_CHARACTERS);
    }
}
