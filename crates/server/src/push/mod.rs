//! How browsers are woken: encrypted notices to the push services of their makers (RFC 8030, 8291, 8292).
//!
//! Not here: who is told of what and when (`engine::push`).

mod encrypt;
mod reachable;
mod vapid;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use centrala_domain::permission::Scope;
use centrala_domain::ports::{BoxFuture, Clock, Push, PushOutcome};
use centrala_domain::push::{PushAddress, PushNotice};
use centrala_domain::{ConversationId, Private};
use centrala_engine::Engine;
use centrala_engine::commands::push::keep_key::KeepPushKey;
use centrala_store::{Origin, push};
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Response, StatusCode};

pub use reachable::{NotReachable, Reach};

use crate::config::Config;

/// How long one hand-over may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a push service keeps what a browser does not fetch: after that, nobody waits for a notice any more.
const TTL: Duration = Duration::from_secs(4 * 3600);
/// The longest wait that a push service may ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// Speaks with push services.
pub struct WebPush {
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
    reach: Reach,
    /// Whom push services may complain to.
    contact: Option<String>,
}

impl WebPush {
    /// The client of this process. Follows no redirects; with [`Reach::Public`] it connects to public addresses only,
    /// whatever a name resolves to.
    ///
    /// # Errors
    /// The HTTP client's, usually because the machine has no certificate authorities.
    pub fn new(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, reqwest::Error> {
        let reach = if config.push_to_private_networks { Reach::Anywhere } else { Reach::Public };
        let client = reqwest::Client::builder()
            .user_agent(concat!("Centrala/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(TIMEOUT)
            .timeout(TIMEOUT)
            .dns_resolver(reach)
            .build()?;
        // RFC 8292 section 2.1 wants `mailto:` or `https:`.
        let contact =
            config.public_url.as_ref().filter(|url| url.scheme() == "https").map(ToString::to_string);
        Ok(Self { client, clock, reach, contact })
    }

    /// Whether an endpoint is an address that this server may speak with.
    ///
    /// # Errors
    /// [`NotReachable`].
    pub fn check(&self, endpoint: &Private) -> Result<(), NotReachable> {
        self.reach.check(endpoint.expose()).map(drop)
    }

    async fn try_to_send(
        &self,
        key: &Private<Vec<u8>>,
        to: &PushAddress,
        notice: PushNotice,
    ) -> Result<Response, PushOutcome> {
        let refused = |detail: String| PushOutcome::Refused { detail };
        let url = self.reach.check(to.endpoint.expose()).map_err(|error| refused(error.to_string()))?;
        let text = serde_json::to_vec(&notice).map_err(|error| refused(error.to_string()))?;
        let body = encrypt::encrypt(to, &text).map_err(|error| refused(error.to_string()))?;
        let now = self.clock.now();
        let proof = vapid::authorization(key, &url, self.contact.as_deref(), now);
        let mut proof =
            reqwest::header::HeaderValue::try_from(proof.map_err(|error| refused(error.to_string()))?)
                .map_err(|error| refused(error.to_string()))?;
        proof.set_sensitive(true);
        let mut request = self
            .client
            .post(url)
            .header(AUTHORIZATION, proof)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header("TTL", TTL.as_secs())
            .header("Urgency", "high")
            .body(body);
        if let PushNotice::Message { conversation, .. } = notice {
            request = request.header("Topic", topic(conversation));
        }
        request.send().await.map_err(|error| {
            let detail = if error.is_connect() {
                "the push service could not be reached"
            } else if error.is_timeout() {
                "the push service did not answer in time"
            } else {
                "the connection to the push service broke"
            };
            PushOutcome::Later { retry_after: None, detail: detail.into() }
        })
    }
}

impl Push for WebPush {
    fn send<'a>(
        &'a self,
        key: &'a Private<Vec<u8>>,
        to: &'a PushAddress,
        notice: PushNotice,
    ) -> BoxFuture<'a, PushOutcome> {
        Box::pin(async move {
            match self.try_to_send(key, to, notice).await {
                Ok(response) => outcome(&response),
                Err(outcome) => outcome,
            }
        })
    }
}

/// A newer notice of a conversation takes the place of one that was not fetched yet (RFC 8030 section 5.4: at most 32
/// characters of base64url).
fn topic(conversation: ConversationId) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(conversation.0.as_bytes())
}

/// What the answer of a push service means. Its body is not read: it is the push service's, and of unknown size.
fn outcome(response: &Response) -> PushOutcome {
    let status = response.status();
    let detail = format!("the push service answered {}", status.as_u16());
    if status.is_success() {
        return PushOutcome::Taken;
    }
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => PushOutcome::Gone,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => later(response, detail),
        status if status.is_server_error() => later(response, detail),
        _ => PushOutcome::Refused { detail },
    }
}

fn later(response: &Response, detail: String) -> PushOutcome {
    let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let asked = header.and_then(|value| value.trim().parse().ok()).map(Duration::from_secs);
    PushOutcome::Later { retry_after: asked.map(|asked| asked.min(RETRY_AFTER_MAX)), detail }
}

/// The key that browsers of a workspace subscribe with. It is made when the first one asks: before that nobody can have
/// subscribed.
///
/// # Errors
/// The database's, or that the system gives no random bytes.
pub async fn public_key(engine: &Engine, scope: &Scope) -> centrala_store::Result<Vec<u8>> {
    let mut reader = engine.store.read().await?;
    if let Some(key) = push::public_key(scope, &mut reader).await? {
        return Ok(key);
    }
    drop(reader);
    let unavailable = |error: vapid::KeyError| centrala_store::Error::Unavailable(error.to_string());
    let (key, public_key) = vapid::new_key().map_err(unavailable)?;
    let sealed_key = push::seal_key(scope, &engine.vault, &key)?;
    let origin = Origin::system(scope.workspace, engine.store.new_id());
    engine.store.execute(origin, KeepPushKey { public_key, sealed_key }).await
}

#[cfg(test)]
mod tests;
