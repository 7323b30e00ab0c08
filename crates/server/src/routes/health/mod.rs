//! Whether the process lives and whether it can do its work, for load balancers; and the pages of problems.

pub mod alive;
pub mod problem_page;
pub mod ready;

use utoipa_axum::routes;

use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::public(routes!(alive::get_alive)),
        Route::public(routes!(ready::get_ready)),
        Route::public(routes!(problem_page::get_problem_page)),
    ]
}
