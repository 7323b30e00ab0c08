//! `POST /conversations/{conversation}/reopen`

use axum::extract::State;
use centrala_domain::ConversationId;
use centrala_engine::commands::conversations::reopen::ReopenConversation;

use super::{ConversationOut, answer};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::Answer;
use crate::routes::input::Path;
use crate::state::App;

/// Open a conversation again.
#[utoipa::path(post, path = "/api/v1/conversations/{conversation}/reopen", tag = "conversations",
    params(("conversation" = String, Path, description = "Conversation",
        example = "conv_0000000000000000000000000e")),
    responses((status = 200, description = "The conversation", body = ConversationOut)),
    extensions(("x-problems" = json!(["another-open"]))))]
pub async fn reopen_conversation(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(conversation): Path<ConversationId>,
) -> Answer<axum::Json<ConversationOut>> {
    let command = ReopenConversation { conversation };
    let changed = app.store.execute(allowed.origin(), command).await?;
    answer(&app, &allowed.scope, changed).await
}

#[cfg(test)]
mod tests {
    use crate::routes::scene::{customer_writes, hours_pass};
    use crate::testing::TestApp;

    #[tokio::test]
    async fn old_conversation_stays_closed_while_the_customer_has_a_newer_one() {
        let app = TestApp::start().await;
        let old = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        let path = format!("/api/v1/conversations/{}", old.conversation);
        app.shop.agent.post_empty(&format!("{path}/resolve")).await.ok();
        hours_pass(&app, &app.shop.agent, 25).await;
        let new = customer_writes(&app, &app.shop, "wamid.2", "Altceva").await;
        assert_ne!(old.conversation, new.conversation);
        app.shop.agent.post_empty(&format!("{path}/reopen")).await.problem(409, "another-open");
    }
}
