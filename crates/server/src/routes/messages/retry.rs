//! `POST /messages/{message}/retry`

use axum::extract::State;
use centrala_domain::MessageId;
use centrala_domain::message::Direction;
use centrala_engine::commands::messages::retry::{RetryError, RetryMessage};
use centrala_store::messages;

use super::out::{MessageOut, load_one};
use super::{limits_of, refused};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::Path;
use crate::state::App;

/// Try a message again that failed, or whose outcome nobody knows.
///
/// A new attempt of the same message. One whose outcome is unknown may reach the customer twice then.
#[utoipa::path(post, path = "/api/v1/messages/{message}/retry", tag = "messages",
    params(("message" = String, Path, description = "Message", example = "msg_0000000000000000000000000e")),
    responses((status = 200, description = "It waits for its turn again", body = MessageOut)),
    extensions(("x-problems" = json!(["message-not-failed", "window-closed"]))))]
pub async fn retry_message(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(id): Path<MessageId>,
) -> Answer<axum::Json<MessageOut>> {
    let mut reader = app.store.read().await?;
    let message = messages::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    if message.direction == Direction::In {
        return Err(Slug::MessageNotFailed.into());
    }
    let limits = limits_of(&app, &allowed.scope, &mut reader, message.inbox).await?;
    drop(reader);
    let retried = app.store.execute(allowed.origin(), RetryMessage { message: id, limits }).await;
    let message = retried.map_err(|error| match error {
        RetryError::NotFound => Problem::not_found(),
        RetryError::NotFailed { status } => Problem::new(Slug::MessageNotFailed).detail(status.as_str()),
        RetryError::Send(error) => refused(error, |_| String::new()),
    })?;
    let mut reader = app.store.read().await?;
    Ok(axum::Json(load_one(&app, &allowed.scope, &mut reader, message).await?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::routes::scene::{customer_writes, graph, run_jobs};
    use crate::testing::TestApp;

    #[tokio::test]
    async fn failure_is_explained_and_tried_again() {
        let app = TestApp::start().await;
        graph(&app, &app.shop, 400, json!({"error": {"code": 131026, "message": "Message undeliverable"}}))
            .await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        let path = format!("/api/v1/conversations/{}/messages", heard.conversation);
        let body = json!({"client_id": "c-1", "content": {"type": "text", "body": "Da."}});
        let sent = app.shop.agent.post(&path, body).await.created();
        let path = format!("/api/v1/messages/{}", sent["id"].as_str().unwrap());
        app.shop.agent.post_empty(&format!("{path}/retry")).await.problem(409, "message-not-failed");
        run_jobs(&app).await;

        let failed = app.shop.agent.get(&path).await.ok();
        assert_eq!(failed["status"], "failed");
        assert_eq!(failed["error"]["code"], 131_026);
        for text in ["cause", "remedy"] {
            assert!(failed["error"][text]["en"].is_string() && failed["error"][text]["ro"].is_string());
        }
        app.shop.outsider.post_empty(&format!("{path}/retry")).await.problem(404, "not-found");
        let again = app.shop.agent.post_empty(&format!("{path}/retry")).await.ok();
        assert_eq!(
            (&again["status"], &again["attempt"], &again["error"]),
            (&json!("queued"), &json!(2), &json!(null))
        );
        run_jobs(&app).await;
        let trace = app.shop.agent.get(&format!("{path}/trace")).await.ok();
        assert_eq!(trace["attempts"].as_array().unwrap().len(), 2);
        assert!(trace["attempts"][1]["error"]["cause"]["ro"].is_string());
        let inbound = format!("/api/v1/messages/{}/retry", heard.message);
        app.shop.agent.post_empty(&inbound).await.problem(409, "message-not-failed");
    }
}
