//! The doctor over HTTP.

pub mod examine;

use centrala_domain::permission::Permission::Operate;
use utoipa_axum::routes;

use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![Route::needs(Operate, routes!(examine::examine))]
}
