//! `GET /workspace`

use axum::extract::State;
use centrala_store::workspaces;

use super::WorkspaceOut;
use crate::auth::{Allowed, ReadWorkspace};
use crate::problem::{Answer, Problem};
use crate::routes::page::OneOut;
use crate::state::App;

/// Show the workspace and its settings.
#[utoipa::path(get, path = "/api/v1/workspace", tag = "workspace",
    responses((status = 200, description = "The workspace", body = OneOut<WorkspaceOut>)))]
pub async fn get_workspace(
    State(app): State<App>,
    allowed: Allowed<ReadWorkspace>,
) -> Answer<axum::Json<OneOut<WorkspaceOut>>> {
    let mut reader = app.store.read().await?;
    let workspace = workspaces::find(&allowed.scope, &mut reader).await?.ok_or_else(Problem::not_found)?;
    OneOut::of(&allowed.scope, &mut reader, workspace.into()).await
}
