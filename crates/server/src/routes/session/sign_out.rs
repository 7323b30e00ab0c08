//! `DELETE /session`

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::AppendHeaders;
use centrala_engine::commands::sessions::sign_out::SignOut;

use crate::auth::{Allowed, ManageSelf, cookie};
use crate::problem::{Answer, Problem, Slug};
use crate::state::App;

/// Sign out: the session of this request ends.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session",
    responses((status = 204, description = "Signed out; the cookie is taken back")),
    extensions(("x-problems" = json!(["conflict"]))))]
pub async fn sign_out(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
) -> Answer<(StatusCode, AppendHeaders<[(header::HeaderName, header::HeaderValue); 2]>)> {
    let session = allowed
        .caller
        .session()
        .ok_or_else(|| Problem::new(Slug::Conflict).detail("an API token is revoked, not signed out"))?;
    app.store.execute(allowed.origin(), SignOut { session }).await?;
    let cookie = cookie::clear(app.config.is_https());
    let clear = header::HeaderValue::from_static("\"cache\", \"storage\"");
    let headers =
        [(header::SET_COOKIE, cookie), (header::HeaderName::from_static("clear-site-data"), clear)];
    Ok((StatusCode::NO_CONTENT, AppendHeaders(headers)))
}

#[cfg(test)]
mod tests {
    use crate::testing::{PASSWORD, TestApp};

    #[tokio::test]
    async fn signed_out_cookie_is_worthless() {
        let app = TestApp::start().await;
        let browser = app.sign_in(&app.shop.agent.email, PASSWORD).await;
        let answer = browser.delete("/api/v1/session").await;
        assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
        answer.no_content();
        browser.get("/api/v1/me").await.problem(401, "unauthenticated");
    }
}
