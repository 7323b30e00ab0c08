//! What channels tell us. Signed or refused; kept, then acknowledged; nothing else happens here.

pub mod handshake;
pub mod receive;

use utoipa_axum::routes;

use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::own_proof(routes!(handshake::verify_webhook)),
        Route::own_proof(routes!(receive::receive_webhook)),
    ]
}
