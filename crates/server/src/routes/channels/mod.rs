//! Kinds of transport: what they carry, and what their errors mean.

pub mod errors;
pub mod list;

use centrala_domain::permission::Permission::ReadWorkspace;
use utoipa_axum::routes;

use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::needs(ReadWorkspace, routes!(list::list_channels)),
        Route::needs(ReadWorkspace, routes!(errors::list_channel_errors)),
    ]
}
