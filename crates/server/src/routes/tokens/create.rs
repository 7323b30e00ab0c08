//! `POST /api_tokens`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_engine::commands::tokens::create::{CreateApiToken, CreateApiTokenError};
use centrala_store::login_sessions::hash_secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ApiTokenOut;
use crate::auth::{Allowed, ManageSelf, secret};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::agents::created;
use crate::routes::input::Json;
use crate::state::App;

/// A new token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiTokenIn {
    /// What it is for; 1 to 100 characters.
    #[schema(example = "legătura cu magazinul")]
    name: String,
}

/// A new token with its secret, which is shown only now.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewApiTokenOut {
    /// The token.
    #[serde(flatten)]
    token: ApiTokenOut,
    /// Send it as `Authorization: Bearer ...`. It cannot be shown again.
    #[schema(example = "ctr_5e1f…")]
    secret: String,
}

/// Create an API token that acts as oneself.
///
/// Takes no `Idempotency-Key`: an answer with a secret is not kept.
#[utoipa::path(post, path = "/api/v1/api_tokens", tag = "api tokens", request_body = ApiTokenIn,
    responses((status = 201, description = "The token and its secret", body = NewApiTokenOut)),
    extensions(("x-problems" = json!(["invalid-input"]))))]
pub async fn create_api_token(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
    Json(input): Json<ApiTokenIn>,
) -> Answer<(StatusCode, axum::Json<NewApiTokenOut>)> {
    let secret = secret::new_token()?;
    let command = CreateApiToken { name: input.name, secret_hash: hash_secret(secret.expose()) };
    let token = app.store.execute(allowed.origin(), command).await?;
    Ok(created(NewApiTokenOut { token: token.into(), secret: secret.into_exposed() }))
}

impl From<CreateApiTokenError> for Problem {
    fn from(error: CreateApiTokenError) -> Self {
        match error {
            CreateApiTokenError::NotAnAgent => Slug::Forbidden.into(),
            CreateApiTokenError::Name => Self::length("/name", 1, 100, error),
            CreateApiTokenError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn token_works_until_it_is_revoked() {
        let app = TestApp::start().await;
        let agent = &app.shop.agent;
        let made = agent.post("/api/v1/api_tokens", json!({"name": "magazin"})).await.created();
        let program = agent.with_token(made["secret"].as_str().unwrap());
        assert_eq!(program.get("/api/v1/me").await.ok()["agent"]["id"], agent.id.to_string());
        let listed = agent.get("/api/v1/api_tokens").await.ok();
        assert!(!listed.to_string().contains("ctr_"));
        let path = format!("/api/v1/api_tokens/{}", made["id"].as_str().unwrap());
        app.shop.outsider.delete(&path).await.problem(404, "not-found");
        agent.delete(&path).await.no_content();
        program.get("/api/v1/me").await.problem(401, "unauthenticated");
    }

    #[tokio::test]
    async fn answer_with_a_secret_is_never_kept() {
        let app = TestApp::start().await;
        app.shop.agent.post_with_key("/api/v1/api_tokens", "k", json!({"name": "x"})).await.problem(400, "malformed-request");
    }
}
