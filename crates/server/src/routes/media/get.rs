//! `GET /media/{media}`

use axum::extract::State;
use centrala_domain::MediaId;
use centrala_store::media;

use super::MediaOut;
use crate::auth::{Allowed, ReadConversations};
use crate::problem::{Answer, Problem};
use crate::routes::input::Path;
use crate::routes::page::OneOut;
use crate::state::App;

/// Show a file's state, type and size.
#[utoipa::path(get, path = "/api/v1/media/{media}", tag = "media",
    params(("media" = String, Path, description = "File", example = "med_0000000000000000000000000e")),
    responses((status = 200, description = "The file", body = OneOut<MediaOut>)))]
pub async fn get_media(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    Path(id): Path<MediaId>,
) -> Answer<axum::Json<OneOut<MediaOut>>> {
    let mut reader = app.store.read().await?;
    let found = media::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    OneOut::of(&allowed.scope, &mut reader, found.into()).await
}
