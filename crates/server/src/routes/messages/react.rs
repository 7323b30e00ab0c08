//! `POST /messages/{message}/react`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::MessageId;
use centrala_domain::message::Author;
use centrala_engine::commands::messages::react::ReactToMessage;
use centrala_store::messages;
use serde::Deserialize;
use utoipa::ToSchema;

use super::out::{MessageOut, load_one};
use super::{Asked, digest, limits_of, refused};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::{Answer, Problem};
use crate::routes::input::{Json, Path};
use crate::state::App;

/// A reaction.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReactionIn {
    /// The client's own id for it, 1 to 80 characters.
    #[schema(example = "9f0c2c7e-1d7e-4f5e-8f2e-0c8f6c1d2b3a")]
    client_id: String,
    /// The emoji; `null` takes the reaction back.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true, example = "👍")]
    emoji: Option<String>,
}

/// React to a customer's message, or take the reaction back.
///
/// The reaction goes out like a message, and is shown on its message once the channel took it.
#[utoipa::path(post, path = "/api/v1/messages/{message}/react", tag = "messages", request_body = ReactionIn,
    params(("message" = String, Path, description = "Message", example = "msg_0000000000000000000000000e")),
    responses((status = 201, description = "The reaction, as a message", body = MessageOut),
        (status = 200, description = "It was sent before", body = MessageOut)),
    extensions(("x-problems" = json!(["window-closed", "client-id-reused", "invalid-input", "no-address",
        "another-open"]))))]
pub async fn react_to_message(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(id): Path<MessageId>,
    Json(input): Json<ReactionIn>,
) -> Answer<(StatusCode, axum::Json<MessageOut>)> {
    let mut reader = app.store.read().await?;
    let target = messages::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    let limits = limits_of(&app, &allowed.scope, &mut reader, target.inbox).await?;
    drop(reader);
    let asked = Asked { conversation: None, message: Some(id), what: &input.emoji };
    let command = ReactToMessage {
        message: id,
        client_digest: digest(&asked)?,
        emoji: input.emoji,
        author: Author::Agent { id: allowed.caller.agent.id },
        client_id: input.client_id,
        limits,
    };
    let sent = app.store.execute(allowed.origin(), command).await;
    let sent = sent.map_err(|error| refused(error, |_| "/emoji".to_owned()))?;
    let mut reader = app.store.read().await?;
    let message = load_one(&app, &allowed.scope, &mut reader, sent.message).await?;
    Ok((if sent.is_new { StatusCode::CREATED } else { StatusCode::OK }, axum::Json(message)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::routes::scene::{accepted, customer_writes, graph, run_jobs};
    use crate::testing::TestApp;

    #[tokio::test]
    async fn reaction_goes_out_and_is_shown_on_its_message() {
        let app = TestApp::start().await;
        graph(&app, &app.shop, 200, accepted("wamid.OUT")).await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Mulțumesc!").await;
        let path = format!("/api/v1/messages/{}", heard.message);
        let react = format!("{path}/react");
        let body = json!({"client_id": "r-1", "emoji": "👍"});
        let sent = app.shop.agent.post(&react, body.clone()).await.created();
        assert_eq!(sent["content"], json!({"type": "reaction", "target": heard.message, "emoji": "👍"}));
        assert_eq!(app.shop.agent.post(&react, body).await.ok()["id"], sent["id"]);
        run_jobs(&app).await;
        assert_eq!(app.shop.agent.get(&path).await.ok()["reactions"][0]["emoji"], "👍");
        let thread = format!("/api/v1/conversations/{}/messages", heard.conversation);
        assert_eq!(app.shop.agent.get(&thread).await.ok()["items"].as_array().unwrap().len(), 1);

        let refused = app.shop.agent.post(&react, json!({"client_id": "r-2", "emoji": "da"})).await;
        assert_eq!(refused.problem(422, "invalid-input")["errors"][0]["pointer"], "/emoji");
        app.shop.agent.post(&react, json!({"client_id": "r-3"})).await.problem(400, "malformed-request");
        app.shop
            .outsider
            .post(&react, json!({"client_id": "r-4", "emoji": null}))
            .await
            .problem(404, "not-found");
    }
}
