//! `DELETE /api_tokens/{token}`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::ApiTokenId;
use centrala_engine::commands::tokens::revoke::{RevokeApiToken, RevokeApiTokenError};

use crate::auth::{Allowed, ManageSelf};
use crate::problem::{Answer, Problem};
use crate::routes::input::Path;
use crate::state::App;

/// Revoke an API token: one's own, or, as an admin, anybody's.
#[utoipa::path(delete, path = "/api/v1/api_tokens/{token}", tag = "api tokens",
    params(("token" = String, Path, description = "Token", example = "tok_0000000000000000000000000e")),
    responses((status = 204, description = "Revoked")))]
pub async fn revoke_api_token(
    State(app): State<App>,
    allowed: Allowed<ManageSelf>,
    Path(token): Path<ApiTokenId>,
) -> Answer<StatusCode> {
    app.store.execute(allowed.origin(), RevokeApiToken { token }).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<RevokeApiTokenError> for Problem {
    fn from(error: RevokeApiTokenError) -> Self {
        match error {
            RevokeApiTokenError::NotFound => Self::not_found(),
            RevokeApiTokenError::Store(error) => error.into(),
        }
    }
}
