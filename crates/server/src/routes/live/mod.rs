//! Facts for screens: the socket, its tickets, and polling where sockets do not pass.

pub mod connect;
pub mod events;
pub mod ticket;

use centrala_domain::permission::Permission::ReadConversations;
use utoipa_axum::routes;

use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::own_proof(routes!(connect::connect_live)),
        Route::needs(ReadConversations, routes!(ticket::create_live_ticket)).once(),
        Route::needs(ReadConversations, routes!(events::list_events)),
    ]
}
