//! `GET /api_tokens`

use axum::extract::State;
use centrala_store::{api_tokens, events};

use super::ApiTokenOut;
use crate::auth::{Allowed, ManageSelf};
use crate::problem::Answer;
use crate::routes::input::Query;
use crate::routes::page::{PageIn, PageOut, cut};
use crate::state::App;

/// List one's own API tokens that are in use.
#[utoipa::path(get, path = "/api/v1/api_tokens", tag = "api tokens", params(PageIn),
    responses((status = 200, description = "The tokens", body = PageOut<ApiTokenOut>)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-input", "malformed-request"]))))]
pub async fn list_api_tokens(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
    Query(page): Query<PageIn>,
) -> Answer<axum::Json<PageOut<ApiTokenOut>>> {
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let all = api_tokens::list_of_agent(&allowed.scope, &mut reader, allowed.caller.agent.id).await?;
    Ok(axum::Json(cut(&page, as_of, all, |token| token.id, ApiTokenOut::from)?))
}
