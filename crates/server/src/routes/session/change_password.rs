//! `POST /me/password`

use axum::extract::{Extension, State};
use axum::http::StatusCode;
use centrala_domain::Private;
use centrala_engine::commands::agents::set_password::SetPassword;
use centrala_store::agents;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::{Allowed, ClientAddress, ManageSelf, password};
use crate::problem::{Answer, Slug};
use crate::routes::input::Json;
use crate::state::App;

/// A new password for oneself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnPasswordIn {
    /// The password until now.
    #[schema(value_type = String, example = "covrigi calzi la colț")]
    current_password: Private,
    /// 8 to 256 characters.
    #[schema(value_type = String, min_length = 8, max_length = 256, example = "plăcintă cu mere 7")]
    password: Private,
}

/// Change one's own password; every other session ends.
#[utoipa::path(post, path = "/api/v1/me/password", tag = "session", request_body = OwnPasswordIn,
    responses((status = 204, description = "Changed")),
    extensions(("x-problems" = json!(["wrong-credentials", "password-refused", "too-many-requests"]))))]
pub async fn change_password(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
    Extension(address): Extension<ClientAddress>,
    Json(input): Json<OwnPasswordIn>,
) -> Answer<StatusCode> {
    let agent = &allowed.caller.agent;
    app.sign_in_limits.check(&agent.email, address.0)?;
    let mut reader = app.store.read().await?;
    let hash = agents::password_hash(&allowed.scope, &mut reader, agent.id).await?;
    drop(reader);
    if !app.passwords.is_right(&input.current_password, hash.as_ref()).await? {
        return Err(Slug::WrongCredentials.into());
    }
    password::check_rules(&input.password, &[&agent.email, &agent.name])?;
    let password_hash = app.passwords.hash(&input.password).await?;
    let command = SetPassword { agent: agent.id, password_hash, kept: allowed.caller.session() };
    app.store.execute(allowed.origin(), command).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{PASSWORD, TestApp};

    #[tokio::test]
    async fn own_password_needs_the_old_one_and_ends_the_other_sessions() {
        let app = TestApp::start().await;
        let here = app.sign_in(&app.shop.agent.email, PASSWORD).await;
        let there = app.sign_in(&app.shop.agent.email, PASSWORD).await;
        let path = "/api/v1/me/password";
        let body = |old: &str| json!({"current_password": old, "password": "plăcintă cu mere"});
        here.post(path, body("wrong password")).await.problem(401, "wrong-credentials");
        here.post(path, body(PASSWORD)).await.no_content();
        here.get("/api/v1/me").await.ok();
        there.get("/api/v1/me").await.problem(401, "unauthenticated");
    }
}
