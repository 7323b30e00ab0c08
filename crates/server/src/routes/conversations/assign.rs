//! `POST /conversations/{conversation}/assign`

use axum::extract::State;
use centrala_domain::{AgentId, ConversationId};
use centrala_engine::commands::conversations::assign::AssignConversation;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ConversationOut, answer};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::Answer;
use crate::routes::input::{Json, Path};
use crate::state::App;

/// The new owner.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignIn {
    /// Who; he must be able to see the conversation.
    #[schema(value_type = String, example = "agt_0000000000000000000000000e")]
    to: AgentId,
}

/// Give a conversation to an agent, whoever owned it before.
#[utoipa::path(post, path = "/api/v1/conversations/{conversation}/assign", tag = "conversations",
    request_body = AssignIn,
    params(("conversation" = String, Path, description = "Conversation",
        example = "conv_0000000000000000000000000e")),
    responses((status = 200, description = "The conversation", body = ConversationOut)),
    extensions(("x-problems" = json!(["invalid-input"]))))]
pub async fn assign_conversation(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(conversation): Path<ConversationId>,
    Json(AssignIn { to }): Json<AssignIn>,
) -> Answer<axum::Json<ConversationOut>> {
    let changed = app.store.execute(allowed.origin(), AssignConversation { conversation, to }).await?;
    answer(&app, &allowed.scope, changed).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn only_somebody_who_sees_the_conversation_can_own_it() {
        let app = TestApp::start().await;
        let path = format!("/api/v1/conversations/{}/assign", app.shop.conversation);
        let assigned = app.shop.agent.post(&path, json!({"to": app.shop.admin.id})).await.ok();
        assert_eq!(assigned["assignee"]["id"], json!(app.shop.admin.id));
        for stranger in [app.shop.outsider.id, app.other.owner.id] {
            let refused =
                app.shop.agent.post(&path, json!({"to": stranger})).await.problem(422, "invalid-input");
            assert_eq!(refused["errors"][0]["pointer"], "/to");
        }
        app.shop.agent.post(&path, json!({"to": app.shop.inbox})).await.problem(400, "malformed-request");
        let more = json!({"to": app.shop.admin.id, "workspace": app.other.id});
        app.shop.agent.post(&path, more).await.problem(400, "malformed-request");
    }
}
