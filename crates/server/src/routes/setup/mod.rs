//! The first set-up of an installation: whether it is needed, and doing it.

pub mod needed;
pub mod set_up;

use utoipa_axum::routes;

use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![Route::public(routes!(needed::get_setup)), Route::own_proof(routes!(set_up::set_up))]
}
