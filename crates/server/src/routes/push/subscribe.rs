//! `POST /me/push_subscriptions`

use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use centrala_domain::Private;
use centrala_domain::push::PushAddress;
use centrala_engine::commands::push::subscribe::{Subscribe, SubscribeError};
use centrala_store::push;
use serde::Deserialize;
use utoipa::ToSchema;

use super::PushSubscriptionOut;
use crate::auth::{Allowed, ManageSelf};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::agents::created;
use crate::routes::input::Json;
use crate::state::App;

/// A browser's subscription, as the Push API of browsers gives it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushSubscriptionIn {
    /// The address at the browser's push service: public, with `https`.
    #[schema(value_type = String, example = "https://push.example/wpush/v2/gAAAA")]
    endpoint: Private,
    /// For the encryption.
    keys: PushKeysIn,
    /// What the browser is, for a list of devices; 1 to 300 characters.
    #[schema(example = "Chrome, Windows")]
    device: String,
}

/// What a notice is encrypted with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushKeysIn {
    /// The browser's public key: an uncompressed point on P-256, in base64url.
    #[schema(value_type = String, example = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")]
    p256dh: Private,
    /// A secret of 16 bytes, in base64url.
    #[schema(value_type = String, example = "BTBZMqHH6r4Tts7J_aSIgg")]
    auth: Private,
}

/// Have a browser woken by notices of new messages.
///
/// Until the session ends in which it is asked: notices go to where one is signed in. A browser that is known already
/// is taken over. Takes no token, and no `Idempotency-Key`: to repeat it changes nothing.
#[utoipa::path(post, path = "/api/v1/me/push_subscriptions", tag = "push", request_body = PushSubscriptionIn,
    responses((status = 201, description = "The browser", body = PushSubscriptionOut)),
    extensions(("x-problems" = json!(["invalid-input", "forbidden", "too-many-devices"]))))]
pub async fn subscribe_push(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
    Json(input): Json<PushSubscriptionIn>,
) -> Answer<(StatusCode, axum::Json<PushSubscriptionOut>)> {
    let session = allowed.caller.session().ok_or(SubscribeError::NotSignedIn)?;
    let PushSubscriptionIn { endpoint, keys, device } = input;
    app.push.check(&endpoint).map_err(|error| Problem::invalid("/endpoint", error))?;
    let address = PushAddress { endpoint, p256dh: bytes(&keys.p256dh), auth: bytes(&keys.auth) };
    address.check().map_err(SubscribeError::Device)?;
    let sealed_address = push::seal(&app.vault, &address)?;
    let command = Subscribe { session, endpoint: address.endpoint, sealed_address, device };
    let kept = app.store.execute(allowed.origin(), command).await?;
    Ok(created(PushSubscriptionOut::of(kept, Some(session))))
}

/// What cannot be read is nothing, which is refused as too short.
fn bytes(text: &Private) -> Private<Vec<u8>> {
    let text = text.expose().trim_end_matches('=');
    BASE64_URL_SAFE_NO_PAD.decode(text).unwrap_or_default().into()
}

impl From<SubscribeError> for Problem {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::NotSignedIn => Self::new(Slug::Forbidden).detail(error),
            SubscribeError::TooMany => Slug::TooManyDevices.into(),
            SubscribeError::Device(refused) => Self::invalid(refused.pointer(), refused),
            SubscribeError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use crate::testing::{Client, TestApp};

    const PATH: &str = "/api/v1/me/push_subscriptions";

    fn input(endpoint: &str) -> Value {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let keys = json!({"p256dh": encode(&[[4].as_slice(), &[7; 64]].concat()), "auth": encode(&[7; 16])});
        json!({"endpoint": endpoint, "keys": keys, "device": "Chrome"})
    }

    async fn count(who: &Client) -> usize {
        who.get(PATH).await.ok()["items"].as_array().unwrap().len()
    }

    #[tokio::test]
    async fn browser_is_listed_until_its_session_ends() {
        let app = TestApp::start().await;
        let agent = &app.shop.agent;
        let made = agent.post(PATH, input("http://127.0.0.1:1/a")).await.created();
        assert_eq!((made["device"].as_str(), made["is_current"].as_bool()), (Some("Chrome"), Some(true)));
        assert!(made["last_used_at"].is_null() && made.get("endpoint").is_none());
        let again = agent.post(PATH, input("http://127.0.0.1:1/a")).await.created();
        assert_eq!(made, again);
        assert_eq!((count(agent).await, count(&app.shop.owner).await), (1, 0));
        let second = app.sign_in(&agent.email, crate::testing::PASSWORD).await;
        second.post(PATH, input("http://127.0.0.1:1/b")).await.created();
        assert_eq!(second.get(PATH).await.ok()["items"][1]["is_current"], false);
        second.delete("/api/v1/session").await.no_content();
        assert_eq!(count(agent).await, 1);
        let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
        app.shop.owner.delete(&path).await.problem(404, "not-found");
        agent.delete(&path).await.no_content();
        agent.delete(&path).await.problem(404, "not-found");
        agent.post_empty(&format!("{path}/test")).await.problem(404, "not-found");
    }

    #[tokio::test]
    async fn key_is_a_point_and_stays() {
        let app = TestApp::start().await;
        let key = async |who: &Client| who.get("/api/v1/push/key").await.ok()["public_key"].clone();
        let (first, again) = (key(&app.shop.agent).await, key(&app.shop.owner).await);
        assert_eq!(first, again);
        assert_ne!(first, key(&app.other.owner).await);
        let point = BASE64_URL_SAFE_NO_PAD.decode(first.as_str().unwrap()).unwrap();
        assert_eq!((point.len(), point[0]), (65, 4));
    }

    #[tokio::test]
    async fn what_is_no_subscription_is_refused() {
        let app = TestApp::start().await;
        let agent = &app.shop.agent;
        let wrong = |change: &dyn Fn(&mut Value)| {
            let mut input = input("http://127.0.0.1:1/a");
            change(&mut input);
            input
        };
        let cases = [
            ("/endpoint", wrong(&|it| it["endpoint"] = json!("file:///etc/passwd"))),
            ("/endpoint", wrong(&|it| it["endpoint"] = json!(format!("https://a.example/{}", "x".repeat(2000))))),
            ("/keys/p256dh", wrong(&|it| it["keys"]["p256dh"] = json!("AAAA"))),
            ("/keys/auth", wrong(&|it| it["keys"]["auth"] = json!("not base64!"))),
            ("/device", wrong(&|it| it["device"] = json!(""))),
        ];
        for (pointer, input) in cases {
            let problem = agent.post(PATH, input).await.problem(422, "invalid-input");
            assert_eq!(problem["errors"][0]["pointer"], pointer);
        }
        for n in 0..20 {
            agent.post(PATH, input(&format!("http://127.0.0.1:1/{n}"))).await.created();
        }
        agent.post(PATH, input("http://127.0.0.1:1/20")).await.problem(409, "too-many-devices");
        agent.post(PATH, input("http://127.0.0.1:1/7")).await.created();
        let made = agent.post("/api/v1/api_tokens", json!({"name": "magazin"})).await.created();
        let program = agent.with_token(made["secret"].as_str().unwrap());
        program.post(PATH, input("http://127.0.0.1:1/a")).await.problem(403, "forbidden");
    }
}
