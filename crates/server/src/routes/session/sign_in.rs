//! `POST /session`

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::AppendHeaders;
use centrala_domain::agent::Actor;
use centrala_domain::permission::Scope;
use centrala_domain::{Private, Timestamp};
use centrala_engine::commands::sessions::sign_in::{SignIn, SignInError};
use centrala_store::login_sessions::hash_secret;
use centrala_store::{Origin, agents};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{ClientAddress, cookie, origin, secret};
use crate::edge::RequestId;
use crate::problem::{Answer, Problem, Slug};
use crate::routes::agents::AgentOut;
use crate::routes::input::Json;
use crate::state::App;

/// Who signs in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInIn {
    /// Sign-in name.
    #[schema(example = "maria@example.com")]
    email: String,
    /// Password.
    #[schema(value_type = String, example = "covrigi calzi la colț")]
    password: Private,
}

/// A session began; its secret is in the cookie.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedInOut {
    /// Oneself.
    agent: AgentOut,
    /// When the session ends at the latest.
    #[schema(value_type = String, format = DateTime, example = "2026-12-22T12:00:00Z")]
    expires_at: Timestamp,
}

/// What a browser says of itself is cut there.
const USER_AGENT_CHARACTERS: usize = 200;
/// Nobody's address is longer (RFC 5321); what is, is not looked up.
const EMAIL_CHARACTERS: usize = 254;

/// Sign in.
///
/// An unknown address, a wrong password and a disabled account get the same answer in the same time.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = SignInIn,
    responses((status = 200, description = "Signed in; the session is in the cookie", body = SignedInOut)),
    extensions(("x-problems" = json!(["wrong-credentials", "too-many-requests", "foreign-origin"]))))]
pub async fn sign_in(
    State(app): State<App>,
    Extension(RequestId(trace)): Extension<RequestId>,
    Extension(address): Extension<ClientAddress>,
    headers: HeaderMap,
    Json(input): Json<SignInIn>,
) -> Answer<(StatusCode, AppendHeaders<[(header::HeaderName, header::HeaderValue); 1]>, axum::Json<SignedInOut>)> {
    origin::check_origin(&headers, app.own_origin())?;
    let email: String = agents::fold_email(&input.email).chars().take(EMAIL_CHARACTERS).collect();
    app.sign_in_limits.check(&email, address.0)?;
    let mut reader = app.store.read().await?;
    let found = agents::find_by_email_for_sign_in(&mut reader, &email).await?;
    drop(reader);
    let hash = found.as_ref().map(|record| &record.password_hash);
    let is_right = app.passwords.is_right(&input.password, hash).await?;
    let record = found.filter(|_| is_right).ok_or(Slug::WrongCredentials)?;

    let secret = secret::new_secret()?;
    let command = SignIn {
        agent: record.agent.id,
        password_hash: record.password_hash,
        secret_hash: hash_secret(secret.expose()),
        user_agent: user_agent(&headers),
        address: Some(Private::new(address.0.to_string())),
    };
    let scope = Scope::of(record.workspace, record.agent.id, record.agent.role);
    let actor = Actor::Agent { id: record.agent.id };
    let session =
        app.store.execute(Origin { scope, actor, ..Origin::system(record.workspace, trace) }, command).await?;
    app.sign_in_limits.remember(&email, address.0);
    tracing::info!(request.id = %trace, agent.id = %record.agent.id, "an agent signed in");
    let lifetime = app.session_lifetime();
    let expires_at = session.expires_at.min(session.created_at.plus(lifetime));
    let cookie = cookie::set(&secret, lifetime.as_secs(), app.config.is_https());
    let body = SignedInOut { agent: record.agent.into(), expires_at };
    Ok((StatusCode::OK, AppendHeaders([(header::SET_COOKIE, cookie)]), axum::Json(body)))
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().filter(|c| !c.is_control()).take(USER_AGENT_CHARACTERS).collect())
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Refused => Slug::WrongCredentials.into(),
            SignInError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{PASSWORD, TestApp};

    #[tokio::test]
    async fn cookie_signs_in_and_is_kept_from_scripts() {
        let app = TestApp::start().await;
        let answer = app.try_sign_in(&app.shop.agent.email.to_uppercase(), PASSWORD).await;
        let cookie = answer.header("set-cookie").unwrap();
        assert!(cookie.starts_with("centrala=") && cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
        let browser = app.sign_in(&app.shop.agent.email, PASSWORD).await;
        assert_eq!(browser.get("/api/v1/me").await.ok()["agent"]["email"], app.shop.agent.email);
    }

    #[tokio::test]
    async fn unknown_address_and_wrong_password_look_the_same() {
        let app = TestApp::start().await;
        let unknown = app.try_sign_in("nobody@example.com", PASSWORD).await.problem(401, "wrong-credentials");
        let wrong = app.try_sign_in(&app.shop.agent.email, "wrong password").await.problem(401, "wrong-credentials");
        let strip = |mut body: serde_json::Value| {
            body["instance"] = serde_json::Value::Null;
            body
        };
        assert_eq!(strip(unknown), strip(wrong));
    }

    #[tokio::test]
    async fn guessing_is_slowed_and_says_for_how_long() {
        let app = TestApp::start().await;
        for _ in 0..6 {
            app.try_sign_in(&app.shop.agent.email, "wrong password").await.problem(401, "wrong-credentials");
        }
        let answer = app.try_sign_in(&app.shop.agent.email, PASSWORD).await;
        assert!(answer.header("retry-after").is_some());
        answer.problem(429, "too-many-requests");
    }

    #[tokio::test]
    async fn changes_with_a_cookie_must_come_from_our_own_pages() {
        let app = TestApp::start().await;
        let browser = app.sign_in(&app.shop.agent.email, PASSWORD).await;
        let body = serde_json::json!({"name": "Alt Nume"});
        browser.without_origin().patch("/api/v1/me", body.clone()).await.problem(403, "foreign-origin");
        browser.at_origin("https://evil.test").patch("/api/v1/me", body.clone()).await.problem(403, "foreign-origin");
        browser.patch("/api/v1/me", body).await.ok();
    }

    #[tokio::test]
    async fn session_ends_after_rest_and_after_its_lifetime() {
        let app = TestApp::start().await;
        let browser = app.sign_in(&app.shop.agent.email, PASSWORD).await;
        app.clock.advance(std::time::Duration::from_secs(11 * 3600));
        browser.get("/api/v1/me").await.ok();
        app.settle().await;
        app.clock.advance(std::time::Duration::from_secs(11 * 3600));
        browser.get("/api/v1/me").await.ok();
        app.settle().await;
        app.clock.advance(std::time::Duration::from_secs(13 * 3600));
        browser.get("/api/v1/me").await.problem(401, "unauthenticated");
    }
}
