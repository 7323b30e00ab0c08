//! `GET /setup`

use axum::extract::State;
use centrala_store::workspaces;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Answer;
use crate::state::App;

/// Whether the installation waits for its first set-up.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetupOut {
    /// Whether there is no workspace yet: open the one-time link that the server printed when it started.
    #[schema(example = false)]
    is_needed: bool,
}

/// Show whether the installation waits for its first set-up.
#[utoipa::path(get, path = "/api/v1/setup", tag = "setup",
    responses((status = 200, description = "Whether it does", body = SetupOut)))]
pub async fn get_setup(State(app): State<App>) -> Answer<axum::Json<SetupOut>> {
    if app.is_set_up() {
        return Ok(axum::Json(SetupOut { is_needed: false }));
    }
    // Another process on the same database may have done it.
    let mut reader = app.store.read().await?;
    Ok(axum::Json(SetupOut { is_needed: !workspaces::is_set_up(&mut reader).await? }))
}
