//! `GET /problems/{slug}`: the page that the `type` of a problem leads to.

use axum::response::Html;

use crate::problem::{self, Answer, Problem, Slug};
use crate::routes::input::Path;

/// Explain a problem.
#[utoipa::path(get, path = "/problems/{slug}", tag = "health",
    params(("slug" = String, Path, description = "Name of the problem", example = "not-found")),
    responses((status = 200, description = "A small page", content_type = "text/html", body = String,
        example = "<!doctype html>…")),
    extensions(("x-problems" = json!(["not-found"]))))]
pub async fn get_problem_page(Path(slug): Path<String>) -> Answer<Html<String>> {
    let slug = Slug::parse(&slug).ok_or_else(Problem::not_found)?;
    Ok(Html(problem::page(slug)))
}
