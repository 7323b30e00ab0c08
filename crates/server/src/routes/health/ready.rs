//! `GET /readyz`: the database answers and has the schema of this program.

use axum::extract::State;
use centrala_store::migrate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{Answer, Problem, Slug};
use crate::state::App;

/// Commands that wait for the writer; beyond that the server is not ready for more.
const WAITING_MAX: usize = 3000;

/// The server can do its work.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadyOut {
    /// Always `ready`; otherwise the answer is a problem.
    #[schema(example = "ready")]
    status: &'static str,
    /// Whether there is a workspace.
    is_set_up: bool,
}

/// Say whether the server can do its work.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, description = "It can", body = ReadyOut,
        example = json!({"status": "ready", "is_set_up": true}))),
    extensions(("x-problems" = json!(["unavailable"]))))]
pub async fn get_ready(State(app): State<App>) -> Answer<axum::Json<ReadyOut>> {
    let schema = migrate::current(&app.store).await?;
    if schema != migrate::newest() {
        return Err(Problem::new(Slug::Unavailable).detail("the database has another schema"));
    }
    if app.store.waiting_commands() > WAITING_MAX {
        return Err(Problem::new(Slug::Unavailable).detail("too much waits to be written"));
    }
    Ok(axum::Json(ReadyOut { status: "ready", is_set_up: app.is_set_up() }))
}
