//! `GET /sessions`

use axum::extract::State;
use centrala_store::{events, login_sessions};

use super::SessionOut;
use crate::auth::{Allowed, ManageSelf};
use crate::problem::Answer;
use crate::routes::input::Query;
use crate::routes::page::{PageIn, PageOut, cut};
use crate::state::App;

/// List one's own sessions, the one used last first.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "session", params(PageIn),
    responses((status = 200, description = "The sessions", body = PageOut<SessionOut>)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-input", "malformed-request"]))))]
pub async fn list_sessions(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
    Query(page): Query<PageIn>,
) -> Answer<axum::Json<PageOut<SessionOut>>> {
    let (now, agent) = (app.store.clock().now(), allowed.caller.agent.id);
    let current = allowed.caller.session();
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let mut all = login_sessions::list_of_agent(&allowed.scope, &mut reader, agent, now).await?;
    all.retain(|session| app.is_session_standing(session));
    Ok(axum::Json(cut(&page, as_of, all, |it| it.id, |it| SessionOut::of(it, current))?))
}
