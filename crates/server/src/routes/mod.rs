//! The HTTP API, by area; one operation per file. A new area is one line in `areas!`, a new operation one line
//! in its area's `mod.rs`.

pub mod idempotent;
pub mod input;
#[cfg(test)]
mod matrix;
pub mod page;
#[cfg(test)]
pub(crate) mod scene;
pub mod schemas;
pub mod table;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::MethodRouter;

use crate::edge::edge;
use crate::problem::{Problem, Slug};
use crate::state::App;
use table::Route;

macro_rules! areas {
    ($($area:ident),+ $(,)?) => {
        $(pub mod $area;)+
        const AREAS: &[fn() -> Vec<Route>] = &[$($area::routes),+];
    };
}

areas! {
    agents,
    channels,
    contacts,
    conversation_labels,
    conversations,
    doctor,
    drafts,
    health,
    inboxes,
    jobs,
    labels,
    live,
    media,
    messages,
    notes,
    preferences,
    push,
    receipts,
    search,
    session,
    setup,
    tokens,
    webhooks,
    workspace,
}

/// Every route.
#[must_use]
pub fn all() -> Vec<Route> {
    AREAS.iter().flat_map(|area| area()).collect()
}

/// The router of the whole program.
pub fn router(app: &App) -> Router {
    assemble(app, all())
        .fallback(fall_back)
        .method_not_allowed_fallback(async || Problem::new(Slug::MethodNotAllowed))
        .layer(from_fn_with_state(app.clone(), edge))
        .with_state(app.clone())
}

/// Whether a path belongs to the program itself rather than to the screens.
#[cfg(feature = "embed-web")]
fn is_ours(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    matches!(first, "api" | "webhooks" | "problems" | "healthz" | "readyz")
}

async fn fall_back(request: Request) -> Response {
    #[cfg(feature = "embed-web")]
    if !is_ours(request.uri().path()) {
        return crate::web::answer(request.method(), request.uri().path(), request.headers());
    }
    drop(request);
    Problem::not_found().into_response()
}

fn assemble(app: &App, routes: Vec<Route>) -> Router<App> {
    let mut by_path: std::collections::BTreeMap<String, MethodRouter<App>> =
        std::collections::BTreeMap::new();
    for route in routes {
        let (path, methods) = route.into_methods(app);
        let merged = match by_path.remove(&path) {
            Some(others) => others.merge(methods),
            None => methods,
        };
        by_path.insert(path, merged);
    }
    by_path.into_iter().fold(Router::new(), |router, (path, methods)| router.route(&path, methods))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permission_page_is_up_to_date() {
        let routes: Vec<_> = all().iter().flat_map(Route::described).collect();
        crate::testing::compare_with_file("docs/reference/permissions.md", &table::reference(&routes));
    }

    #[test]
    fn every_route_says_what_it_is() {
        for route in all().iter().flat_map(Route::described) {
            assert!(!route.summary.is_empty(), "{route:?}");
            assert!(!route.operation.is_empty(), "{route:?}");
            for slug in &route.problems {
                assert!(Slug::parse(slug).is_some(), "{slug} of {route:?}");
            }
        }
    }
}
