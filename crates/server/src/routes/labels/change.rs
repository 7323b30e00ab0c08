//! `PATCH /labels/{label}`

use axum::extract::State;
use centrala_domain::LabelId;
use centrala_engine::commands::labels::change::ChangeLabel;
use serde::Deserialize;
use utoipa::ToSchema;

use super::LabelOut;
use crate::auth::{Allowed, ManageLabels};
use crate::problem::Answer;
use crate::routes::input::{Json, Path};
use crate::state::App;

/// What changes; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelPatch {
    /// 1 to 40 characters.
    #[schema(example = "urgent")]
    name: Option<String>,
    /// `#rrggbb`.
    #[schema(example = "#d92d20")]
    color: Option<String>,
}

/// Change a label's name or colour.
#[utoipa::path(patch, path = "/api/v1/labels/{label}", tag = "labels", request_body = LabelPatch,
    params(("label" = String, Path, description = "Label", example = "lbl_0000000000000000000000000e")),
    responses((status = 200, description = "The label", body = LabelOut)),
    extensions(("x-problems" = json!(["label-name-taken", "invalid-input"]))))]
pub async fn change_label(
    State(app): State<App>,
    allowed: Allowed<ManageLabels>,
    Path(label): Path<LabelId>,
    Json(patch): Json<LabelPatch>,
) -> Answer<axum::Json<LabelOut>> {
    let LabelPatch { name, color } = patch;
    let command = ChangeLabel { label, name, color };
    Ok(axum::Json(app.store.execute(allowed.origin(), command).await?.into()))
}
