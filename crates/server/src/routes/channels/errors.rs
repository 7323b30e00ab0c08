//! `GET /channels/{kind}/errors`

use axum::extract::State;
use centrala_domain::ChannelKind;
use centrala_store::events;

use crate::auth::{Allowed, ReadWorkspace};
use crate::problem::{Answer, Problem};
use crate::routes::input::{Path, Query};
use crate::routes::messages::{ErrorOut, error_out};
use crate::routes::page::{PageIn, PageOut, cut};
use crate::state::App;

/// List what the errors of a channel mean and what to do, in English and Romanian.
#[utoipa::path(get, path = "/api/v1/channels/{kind}/errors", tag = "channels",
    params(("kind" = String, Path, description = "Kind of transport", example = "whatsapp_cloud"), PageIn),
    responses((status = 200, description = "The catalogue, by code", body = PageOut<ErrorOut>)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-input", "malformed-request"]))))]
pub async fn list_channel_errors(
    State(app): State<App>,
    allowed: Allowed<ReadWorkspace>,
    Path(kind): Path<String>,
    Query(page): Query<PageIn>,
) -> Answer<axum::Json<PageOut<ErrorOut>>> {
    let kind = ChannelKind::parse(&kind).ok_or_else(Problem::not_found)?;
    let channel = app.engine.channels.of(kind).ok_or_else(Problem::not_found)?;
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let mut codes: Vec<i64> = channel.errors().iter().map(|entry| entry.code).collect();
    codes.sort_unstable();
    Ok(axum::Json(cut(&page, as_of, codes, |code| *code, |code| error_out(&app, Some(kind), code))?))
}

#[cfg(test)]
mod tests {
    use crate::testing::TestApp;

    #[tokio::test]
    async fn catalogue_is_read_whole_in_both_languages() {
        let app = TestApp::start().await;
        let catalogue = app.shop.agent.get("/api/v1/channels/whatsapp_cloud/errors?limit=200").await.ok();
        for entry in catalogue["items"].as_array().unwrap() {
            for text in ["cause", "remedy"] {
                assert!(entry[text]["en"].is_string() && entry[text]["ro"].is_string(), "{entry}");
            }
        }
        app.shop.agent.get("/api/v1/channels/pigeon/errors").await.problem(404, "not-found");
    }
}
