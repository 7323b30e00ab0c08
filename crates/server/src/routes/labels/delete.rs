//! `DELETE /labels/{label}`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::LabelId;
use centrala_engine::commands::labels::delete::DeleteLabel;

use crate::auth::{Allowed, ManageLabels};
use crate::problem::Answer;
use crate::routes::input::Path;
use crate::state::App;

/// Delete a label, and take it off every conversation.
#[utoipa::path(delete, path = "/api/v1/labels/{label}", tag = "labels",
    params(("label" = String, Path, description = "Label", example = "lbl_0000000000000000000000000e")),
    responses((status = 204, description = "Deleted")))]
pub async fn delete_label(
    State(app): State<App>,
    allowed: Allowed<ManageLabels>,
    Path(label): Path<LabelId>,
) -> Answer<StatusCode> {
    app.store.execute(allowed.origin(), DeleteLabel { label }).await?;
    Ok(StatusCode::NO_CONTENT)
}
