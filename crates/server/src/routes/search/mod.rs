//! Searching messages and customers.

pub mod find;
pub mod snippet;

use centrala_domain::permission::Permission::ReadConversations;
use utoipa_axum::routes;

use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![Route::needs(ReadConversations, routes!(find::search))]
}
