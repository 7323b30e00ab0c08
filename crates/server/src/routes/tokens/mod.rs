//! API tokens of oneself.

pub mod create;
pub mod list;
pub mod revoke;

use centrala_domain::permission::Permission::ManageSelf;
use centrala_domain::{ApiTokenId, Timestamp};
use centrala_store::api_tokens::ApiToken;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::needs(ManageSelf, routes!(list::list_api_tokens)),
        Route::needs(ManageSelf, routes!(create::create_api_token)).once(),
        Route::needs(ManageSelf, routes!(revoke::revoke_api_token)),
    ]
}

/// An API token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiTokenOut {
    /// Id.
    #[schema(value_type = String, example = "tok_0000000000000000000000000e")]
    pub id: ApiTokenId,
    /// What it is for.
    #[schema(example = "legătura cu magazinul")]
    pub name: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
}

impl From<ApiToken> for ApiTokenOut {
    fn from(token: ApiToken) -> Self {
        let ApiToken { id, agent: _, name, created_at, last_used_at, revoked_at: _ } = token;
        Self { id, name, created_at, last_used_at }
    }
}
