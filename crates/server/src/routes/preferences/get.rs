//! `GET /me/preferences`

use axum::extract::State;
use centrala_store::preferences;

use super::PreferencesOut;
use crate::auth::{Allowed, ManageSelf};
use crate::problem::Answer;
use crate::state::App;

/// Show one's own preferences; what was never changed has its default.
///
/// Changes come over the live socket, as `{"type":"preferences","preferences":{…}}`; these frames are no facts and are
/// not replayed.
#[utoipa::path(get, path = "/api/v1/me/preferences", tag = "session",
    responses((status = 200, description = "The preferences", body = PreferencesOut)))]
pub async fn get_preferences(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
) -> Answer<axum::Json<PreferencesOut>> {
    let mut reader = app.store.read().await?;
    let found = preferences::find(&allowed.scope, &mut reader, allowed.caller.agent.id).await?;
    Ok(axum::Json(found.into()))
}
