//! `POST /conversations/{conversation}/snooze`

use axum::extract::State;
use centrala_domain::{ConversationId, Timestamp};
use centrala_engine::commands::conversations::snooze::SnoozeConversation;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ConversationOut, answer};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::Answer;
use crate::routes::input::{Json, Path};
use crate::state::App;

/// How long to hide it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SnoozeIn {
    /// When it comes back, unless the customer writes before.
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T07:00:00Z")]
    until: Timestamp,
}

/// Hide a conversation until a time, or until the customer writes.
#[utoipa::path(post, path = "/api/v1/conversations/{conversation}/snooze", tag = "conversations",
    request_body = SnoozeIn,
    params(("conversation" = String, Path, description = "Conversation",
        example = "conv_0000000000000000000000000e")),
    responses((status = 200, description = "The conversation", body = ConversationOut)),
    extensions(("x-problems" = json!(["invalid-input", "conversation-resolved"]))))]
pub async fn snooze_conversation(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(conversation): Path<ConversationId>,
    Json(SnoozeIn { until }): Json<SnoozeIn>,
) -> Answer<axum::Json<ConversationOut>> {
    let changed = app.store.execute(allowed.origin(), SnoozeConversation { conversation, until }).await?;
    answer(&app, &allowed.scope, changed).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn conversation_is_hidden_until_a_time_to_come() {
        let app = TestApp::start().await;
        let path = format!("/api/v1/conversations/{}", app.shop.conversation);
        let agent = &app.shop.agent;
        let snoozed =
            agent.post(&format!("{path}/snooze"), json!({"until": "2026-11-03T09:00:00+02:00"})).await.ok();
        assert_eq!(snoozed["status"], "snoozed");
        assert_eq!(snoozed["snoozed_until"], "2026-11-03T07:00:00Z");
        let past = agent.post(&format!("{path}/snooze"), json!({"until": "2026-11-02T08:00:00Z"})).await;
        assert_eq!(past.problem(422, "invalid-input")["errors"][0]["pointer"], "/until");

        let resolved = agent.post_empty(&format!("{path}/resolve")).await.ok();
        assert_eq!((&resolved["status"], &resolved["column"]), (&json!("resolved"), &json!(null)));
        let again = agent.post(&format!("{path}/snooze"), json!({"until": "2026-11-03T07:00:00Z"})).await;
        again.problem(409, "conversation-resolved");
        assert_eq!(agent.post_empty(&format!("{path}/reopen")).await.ok()["status"], "open");
    }
}
