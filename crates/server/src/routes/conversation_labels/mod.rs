//! Labels on a conversation.

pub mod put;
pub mod take;

use centrala_domain::permission::Permission::WorkConversations;
use utoipa_axum::routes;

use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::needs(WorkConversations, routes!(put::put_label)),
        Route::needs(WorkConversations, routes!(take::take_label)),
    ]
}
