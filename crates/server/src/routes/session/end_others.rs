//! `POST /sessions/end_others`

use axum::extract::State;
use centrala_engine::commands::sessions::end_others::{EndOtherSessions, EndOtherSessionsError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Allowed, ManageSelf};
use crate::problem::{Answer, Problem, Slug};
use crate::state::App;

/// How many sessions ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndedOut {
    /// Their number.
    #[schema(example = 2)]
    ended: u64,
}

/// End every other session of oneself.
#[utoipa::path(post, path = "/api/v1/sessions/end_others", tag = "session",
    responses((status = 200, description = "Ended", body = EndedOut)),
    extensions(("x-problems" = json!(["conflict"]))))]
pub async fn end_other_sessions(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
) -> Answer<axum::Json<EndedOut>> {
    let kept = allowed
        .caller
        .session()
        .ok_or_else(|| Problem::new(Slug::Conflict).detail("an API token is no session"))?;
    let ended = app.store.execute(allowed.origin(), EndOtherSessions { kept }).await?;
    Ok(axum::Json(EndedOut { ended }))
}

impl From<EndOtherSessionsError> for Problem {
    fn from(error: EndOtherSessionsError) -> Self {
        match error {
            EndOtherSessionsError::NotFound => Self::not_found(),
            EndOtherSessionsError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{PASSWORD, TestApp};

    #[tokio::test]
    async fn sessions_are_listed_and_the_others_end() {
        let app = TestApp::start().await;
        let here = app.sign_in(&app.shop.agent.email, PASSWORD).await;
        let there = app.sign_in(&app.shop.agent.email, PASSWORD).await;
        let listed = here.get("/api/v1/sessions").await.ok();
        let current = listed["items"].as_array().unwrap().iter().filter(|it| it["is_current"] == true).count();
        assert_eq!((listed["items"].as_array().unwrap().len(), current), (3, 1));
        assert_eq!(here.post_empty("/api/v1/sessions/end_others").await.ok()["ended"], 2);
        there.get("/api/v1/me").await.problem(401, "unauthenticated");
    }
}
