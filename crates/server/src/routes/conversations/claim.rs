//! `POST /conversations/{conversation}/claim`

use axum::extract::State;
use centrala_domain::ConversationId;
use centrala_engine::commands::conversations::claim::ClaimConversation;

use super::{ConversationOut, answer};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::Answer;
use crate::routes::input::Path;
use crate::state::App;

/// Take a conversation for oneself, only if nobody owns it.
///
/// Of a hundred who try, one wins; the others learn who.
#[utoipa::path(post, path = "/api/v1/conversations/{conversation}/claim", tag = "conversations",
    params(("conversation" = String, Path, description = "Conversation",
        example = "conv_0000000000000000000000000e")),
    responses((status = 200, description = "The conversation", body = ConversationOut)),
    extensions(("x-problems" = json!(["already-assigned"]))))]
pub async fn claim_conversation(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(conversation): Path<ConversationId>,
) -> Answer<axum::Json<ConversationOut>> {
    let command = ClaimConversation { conversation, by: allowed.caller.agent.id };
    let changed = app.store.execute(allowed.origin(), command).await?;
    answer(&app, &allowed.scope, changed).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn of_two_who_claim_one_wins_and_the_other_learns_who() {
        let app = TestApp::start().await;
        let path = format!("/api/v1/conversations/{}", app.shop.conversation);
        let claimed = app.shop.agent.post_empty(&format!("{path}/claim")).await.ok();
        assert_eq!(claimed["assignee"]["id"], json!(app.shop.agent.id));
        app.shop.agent.post_empty(&format!("{path}/claim")).await.ok();

        let refused =
            app.shop.admin.post_empty(&format!("{path}/claim")).await.problem(409, "already-assigned");

        assert_eq!(refused["errors"][0]["detail"], json!(app.shop.agent.id));
        let free = app.shop.admin.post_empty(&format!("{path}/unassign")).await.ok();
        assert_eq!((&free["assignee"], &free["column"]), (&json!(null), &json!("new")));
        app.shop.admin.post_empty(&format!("{path}/claim")).await.ok();
        app.shop.outsider.post_empty(&format!("{path}/claim")).await.problem(404, "not-found");
    }
}
