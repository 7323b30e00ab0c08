//! `POST /labels`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_engine::commands::labels::create::CreateLabel;
use serde::Deserialize;
use utoipa::ToSchema;

use super::LabelOut;
use crate::auth::{Allowed, ManageLabels};
use crate::problem::Answer;
use crate::routes::agents::created;
use crate::routes::input::Json;
use crate::state::App;

/// A new label.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelIn {
    /// 1 to 40 characters.
    #[schema(example = "de urmărire")]
    name: String,
    /// `#rrggbb`.
    #[schema(example = "#7a5af8")]
    color: String,
}

/// Create a label.
#[utoipa::path(post, path = "/api/v1/labels", tag = "labels", request_body = LabelIn,
    responses((status = 201, description = "The new label", body = LabelOut)),
    extensions(("x-problems" = json!(["label-name-taken", "invalid-input"]))))]
pub async fn create_label(
    State(app): State<App>,
    allowed: Allowed<ManageLabels>,
    Json(input): Json<LabelIn>,
) -> Answer<(StatusCode, axum::Json<LabelOut>)> {
    let LabelIn { name, color } = input;
    let label = app.store.execute(allowed.origin(), CreateLabel { name, color }).await?;
    Ok(created(label.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    const PATH: &str = "/api/v1/labels";

    #[tokio::test]
    async fn name_is_unique_without_case_and_marks_in_its_workspace() {
        let app = TestApp::start().await;
        let body = |name: &str| json!({"name": name, "color": "#00AA00"});
        let label = app.shop.admin.post(PATH, body("Vânzări noi")).await.created();
        assert_eq!(label["color"], "#00aa00");
        app.shop.admin.post(PATH, body("VANZARI NOI")).await.problem(409, "label-name-taken");
        app.other.admin.post(PATH, body("vânzări noi")).await.created();
    }

    #[tokio::test]
    async fn wrong_colour_is_pointed_at() {
        let app = TestApp::start().await;
        let body = json!({"name": "x", "color": "red"});
        let problem = app.shop.admin.post(PATH, body).await.problem(422, "invalid-input");
        assert_eq!(problem["errors"][0]["pointer"], "/color");
    }

    #[tokio::test]
    async fn repeated_request_with_the_same_key_makes_one_label() {
        let app = TestApp::start().await;
        let admin = &app.shop.admin;
        let body = json!({"name": "o dată", "color": "#00aa00"});
        let first = admin.post_with_key(PATH, "k-1", body.clone()).await;
        assert!(first.header("idempotency-replayed").is_none());
        let second = admin.post_with_key(PATH, "k-1", body).await;
        assert_eq!(second.header("idempotency-replayed").unwrap(), "true");
        assert_eq!(first.created(), second.created());
        let other = json!({"name": "altceva", "color": "#00aa00"});
        admin.post_with_key(PATH, "k-1", other).await.problem(422, "idempotency-key-reused");
    }
}
