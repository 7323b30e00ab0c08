//! The first set-up of an installation. These routes exist only while there is no workspace.

pub mod set_up;

use utoipa_axum::routes;

use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![Route::own_proof(routes!(set_up::set_up))]
}
