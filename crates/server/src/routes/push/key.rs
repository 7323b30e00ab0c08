//! `GET /push/key`

use axum::extract::State;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Allowed, ManageSelf};
use crate::problem::Answer;
use crate::push;
use crate::state::App;

/// The key that browsers subscribe with.
#[derive(Debug, Serialize, ToSchema)]
pub struct PushKeyOut {
    /// An uncompressed point on P-256 in base64url: `applicationServerKey` of the Push API. It does not change.
    #[schema(example = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8")]
    public_key: String,
}

/// Get the key that browsers subscribe with.
#[utoipa::path(get, path = "/api/v1/push/key", tag = "push",
    responses((status = 200, description = "The key", body = PushKeyOut)))]
pub async fn get_push_key(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
) -> Answer<axum::Json<PushKeyOut>> {
    let key = push::public_key(&app.engine, &allowed.scope).await?;
    Ok(axum::Json(PushKeyOut { public_key: BASE64_URL_SAFE_NO_PAD.encode(key) }))
}
