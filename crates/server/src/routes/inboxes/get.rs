//! `GET /inboxes/{inbox}`

use axum::extract::State;
use centrala_domain::InboxId;
use centrala_store::inboxes;

use super::InboxOut;
use crate::auth::{Allowed, ReadWorkspace};
use crate::problem::{Answer, Problem};
use crate::routes::input::Path;
use crate::routes::page::OneOut;
use crate::state::App;

/// Show an inbox and its health.
#[utoipa::path(get, path = "/api/v1/inboxes/{inbox}", tag = "inboxes",
    params(("inbox" = String, Path, description = "Inbox", example = "inb_0000000000000000000000000e")),
    responses((status = 200, description = "The inbox", body = OneOut<InboxOut>)))]
pub async fn get_inbox(
    State(app): State<App>,
    allowed: Allowed<ReadWorkspace>,
    Path(id): Path<InboxId>,
) -> Answer<axum::Json<OneOut<InboxOut>>> {
    let mut reader = app.store.read().await?;
    let inbox = inboxes::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    OneOut::of(&allowed.scope, &mut reader, InboxOut::of(&app, inbox)).await
}
