//! `GET /inboxes`

use axum::extract::State;
use centrala_store::{events, inboxes};

use super::InboxOut;
use crate::auth::{Allowed, ReadWorkspace};
use crate::problem::Answer;
use crate::routes::input::Query;
use crate::routes::page::{PageIn, PageOut, cut};
use crate::state::App;

/// List the inboxes in the order they were connected.
#[utoipa::path(get, path = "/api/v1/inboxes", tag = "inboxes", params(PageIn),
    responses((status = 200, description = "The inboxes", body = PageOut<InboxOut>)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-input", "malformed-request"]))))]
pub async fn list_inboxes(
    State(app): State<App>,
    allowed: Allowed<ReadWorkspace>,
    Query(page): Query<PageIn>,
) -> Answer<axum::Json<PageOut<InboxOut>>> {
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let all = inboxes::list(&allowed.scope, &mut reader).await?;
    Ok(axum::Json(cut(&page, as_of, all, |inbox| inbox.id, |inbox| InboxOut::of(&app, inbox))?))
}
