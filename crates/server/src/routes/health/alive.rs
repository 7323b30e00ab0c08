//! `GET /healthz`: the process lives.

/// Say that the process lives.
#[utoipa::path(get, path = "/healthz", tag = "health",
    responses((status = 200, description = "It lives", content_type = "text/plain", body = String, example = "ok")))]
pub async fn get_alive() -> &'static str {
    "ok"
}
