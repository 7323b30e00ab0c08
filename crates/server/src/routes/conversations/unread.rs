//! `POST /conversations/{conversation}/unread`

use axum::extract::State;
use centrala_domain::ConversationId;
use centrala_engine::commands::conversations::mark_unread::MarkConversationUnread;

use super::{ConversationOut, answer};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::Answer;
use crate::routes::input::Path;
use crate::state::App;

/// Show a conversation as unread again.
#[utoipa::path(post, path = "/api/v1/conversations/{conversation}/unread", tag = "conversations",
    params(("conversation" = String, Path, description = "Conversation",
        example = "conv_0000000000000000000000000e")),
    responses((status = 200, description = "The conversation", body = ConversationOut)))]
pub async fn mark_conversation_unread(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(conversation): Path<ConversationId>,
) -> Answer<axum::Json<ConversationOut>> {
    let command = MarkConversationUnread { conversation };
    let changed = app.store.execute(allowed.origin(), command).await?;
    answer(&app, &allowed.scope, changed).await
}

#[cfg(test)]
mod tests {
    use crate::routes::scene::customer_writes;
    use crate::testing::TestApp;

    #[tokio::test]
    async fn conversation_is_read_and_shown_as_unread_again() {
        let app = TestApp::start().await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        let path = format!("/api/v1/conversations/{}", heard.conversation);
        assert_eq!(app.shop.agent.post_empty(&format!("{path}/read")).await.ok()["unread"], 0);
        assert_eq!(app.shop.agent.post_empty(&format!("{path}/unread")).await.ok()["unread"], 1);
        app.shop.outsider.post_empty(&format!("{path}/read")).await.problem(404, "not-found");
    }
}
