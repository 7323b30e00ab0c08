//! `POST /media/{media}/fetch`

use axum::extract::State;
use centrala_domain::MediaId;
use centrala_engine::commands::media::request::{RequestMedia, RequestMediaError};
use centrala_store::media;

use super::MediaOut;
use crate::auth::{Allowed, WorkConversations};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::Path;
use crate::state::App;

impl From<RequestMediaError> for Problem {
    fn from(error: RequestMediaError) -> Self {
        match error {
            RequestMediaError::NotFound => Self::not_found(),
            RequestMediaError::NotNeeded => Slug::MediaNotNeeded.into(),
            RequestMediaError::Store(error) => error.into(),
        }
    }
}

/// Ask again for a file that could not be fetched.
///
/// The answer comes before the file: its state is `pending` then, and a fact tells when that changes.
#[utoipa::path(post, path = "/api/v1/media/{media}/fetch", tag = "media",
    params(("media" = String, Path, description = "File", example = "med_0000000000000000000000000e")),
    responses((status = 200, description = "The file is on its way", body = MediaOut)),
    extensions(("x-problems" = json!(["media-not-needed"]))))]
pub async fn fetch_media(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(id): Path<MediaId>,
) -> Answer<axum::Json<MediaOut>> {
    app.store.execute(allowed.origin(), RequestMedia { media: id }).await?;
    let mut reader = app.store.read().await?;
    let found = media::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    Ok(axum::Json(found.into()))
}
