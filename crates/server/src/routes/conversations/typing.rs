//! `POST /conversations/{conversation}/typing`

use std::time::Duration;

use axum::extract::State;
use centrala_domain::ConversationId;
use centrala_store::{conversations, inboxes, messages};

use super::{ConversationOut, answer};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::Path;
use crate::state::App;

/// What comes later than this helps nobody.
const PATIENCE: Duration = Duration::from_secs(3);

/// Show the customer that somebody types.
///
/// As good as the channel can: when it does not answer, or refuses, nothing is said. Nothing is kept.
#[utoipa::path(post, path = "/api/v1/conversations/{conversation}/typing", tag = "conversations",
    params(("conversation" = String, Path, description = "Conversation",
        example = "conv_0000000000000000000000000e")),
    responses((status = 200, description = "The conversation", body = ConversationOut)),
    extensions(("x-problems" = json!(["no-inbound-message"]))))]
pub async fn show_typing(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(id): Path<ConversationId>,
) -> Answer<axum::Json<ConversationOut>> {
    let mut reader = app.store.read().await?;
    let found = conversations::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    let newest = messages::last_inbound_upstream_id(&allowed.scope, &mut reader, id).await?;
    let newest = newest.ok_or(Slug::NoInboundMessage)?;
    let connection = inboxes::connection(&allowed.scope, &mut reader, found.inbox, &app.vault).await?;
    drop(reader);
    if let Some(connection) = connection
        && let Some(channel) = app.engine.channels.of(connection.inbox.channel())
    {
        match tokio::time::timeout(PATIENCE, channel.show_typing(&connection, &newest)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::debug!(conversation.id = %id, error = %error, "typing could not be shown");
            }
            Err(_) => tracing::debug!(conversation.id = %id, "typing was not shown in time"),
        }
    }
    answer(&app, &allowed.scope, found).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::routes::scene::{customer_writes, graph};
    use crate::testing::TestApp;

    #[tokio::test]
    async fn typing_needs_a_customers_message_and_hides_the_channels_faults() {
        let app = TestApp::start().await;
        let path = |conversation| format!("/api/v1/conversations/{conversation}/typing");
        let never = app.shop.agent.post_empty(&path(app.shop.conversation)).await;
        never.problem(409, "no-inbound-message");
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        // Nobody listens behind the inbox yet.
        app.shop.agent.post_empty(&path(heard.conversation)).await.ok();
        graph(&app, &app.shop, 500, json!({"error": {"code": 131000, "message": "x"}})).await;
        app.shop.agent.post_empty(&path(heard.conversation)).await.ok();
    }
}
