//! `GET /labels`

use axum::extract::State;
use centrala_store::{events, labels};

use super::LabelOut;
use crate::auth::{Allowed, ReadWorkspace};
use crate::problem::Answer;
use crate::routes::input::Query;
use crate::routes::page::{PageIn, PageOut, cut};
use crate::state::App;

/// List the labels by name.
#[utoipa::path(get, path = "/api/v1/labels", tag = "labels", params(PageIn),
    responses((status = 200, description = "The labels", body = PageOut<LabelOut>)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-input", "malformed-request"]))))]
pub async fn list_labels(
    State(app): State<App>,
    allowed: Allowed<ReadWorkspace>,
    Query(page): Query<PageIn>,
) -> Answer<axum::Json<PageOut<LabelOut>>> {
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let all = labels::list(&allowed.scope, &mut reader).await?;
    Ok(axum::Json(cut(&page, as_of, all, |label| label.id, LabelOut::from)?))
}
