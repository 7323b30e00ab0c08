//! `GET /doctor`

use axum::extract::State;

use crate::auth::{Allowed, Operate};
use crate::doctor::{self, Depth, ReportOut};
use crate::problem::Answer;
use crate::state::App;

/// Look for what is broken, and say what to do about it.
#[utoipa::path(get, path = "/api/v1/doctor", tag = "doctor",
    responses((status = 200, description = "The findings", body = ReportOut)))]
pub async fn examine(State(app): State<App>, allowed: Allowed<Operate>) -> Answer<axum::Json<ReportOut>> {
    let patient = doctor::Patient::of(&app, allowed.scope.workspace);
    Ok(axum::Json(doctor::examine(&patient, Depth::Quick).await))
}
