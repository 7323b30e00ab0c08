//! `POST /conversations/{conversation}/messages`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::message::Author;
use centrala_domain::{ConversationId, MessageId};
use centrala_engine::commands::messages::send::SendMessage;
use centrala_store::conversations;
use serde::Deserialize;
use utoipa::ToSchema;

use super::content::ContentIn;
use super::out::{MessageOut, load_one};
use super::{Asked, digest, limits_of, refused};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::{Answer, Problem};
use crate::routes::input::{Json, Path};
use crate::state::App;

/// A message to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageIn {
    /// The client's own id for it, 1 to 80 characters: however often it is asked for, there is one message.
    #[schema(example = "9f0c2c7e-1d7e-4f5e-8f2e-0c8f6c1d2b3a")]
    client_id: String,
    /// What.
    content: ContentIn,
    /// The message that it answers.
    #[schema(value_type = Option<String>, example = "msg_0000000000000000000000000e")]
    reply_to: Option<MessageId>,
}

/// Send a message.
///
/// 201 when it was kept and waits for its turn; 200 with the same message when the client id was used for the
/// same request before. Facts tell what becomes of it.
#[utoipa::path(post, path = "/api/v1/conversations/{conversation}/messages", tag = "messages",
    request_body = MessageIn,
    params(("conversation" = String, Path, description = "Conversation",
        example = "conv_0000000000000000000000000e")),
    responses((status = 201, description = "It waits for its turn", body = MessageOut),
        (status = 200, description = "It was sent before", body = MessageOut)),
    extensions(("x-problems" = json!(["window-closed", "client-id-reused", "invalid-input", "media-not-accepted",
        "no-address", "another-open"]))))]
pub async fn send_message(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(id): Path<ConversationId>,
    Json(input): Json<MessageIn>,
) -> Answer<(StatusCode, axum::Json<MessageOut>)> {
    let mut reader = app.store.read().await?;
    let conversation =
        conversations::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    let limits = limits_of(&app, &allowed.scope, &mut reader, conversation.inbox).await?;
    drop(reader);
    let asked = Asked { conversation: Some(id), message: input.reply_to, what: &input.content };
    let client_digest = digest(&asked)?;
    let shape = input.content.clone();
    let content = input.content.into_domain().ok_or_else(|| {
        Problem::wrong("/content/cards", "too-long", "a message has at most 257 cards").with("max", 257)
    })?;
    let command = SendMessage {
        conversation: id,
        author: Author::Agent { id: allowed.caller.agent.id },
        client_id: input.client_id,
        client_digest,
        content,
        reply_to: input.reply_to,
        limits,
    };
    let sent = app.store.execute(allowed.origin(), command).await;
    let sent = sent.map_err(|error| refused(error, |why| shape.pointer(why)))?;
    let mut reader = app.store.read().await?;
    let message = load_one(&app, &allowed.scope, &mut reader, sent.message).await?;
    Ok((if sent.is_new { StatusCode::CREATED } else { StatusCode::OK }, axum::Json(message)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::routes::scene::{customer_writes, hours_pass};
    use crate::testing::TestApp;

    #[tokio::test]
    async fn one_client_id_makes_one_message() {
        let app = TestApp::start().await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Aveți colivă?").await;
        let path = format!("/api/v1/conversations/{}/messages", heard.conversation);
        let body = json!({"client_id": "c-1", "reply_to": heard.message,
            "content": {"type": "text", "body": "Da, de sâmbătă."}});

        let sent = app.shop.agent.post(&path, body.clone()).await.created();
        assert_eq!((&sent["status"], &sent["attempt"]), (&json!("queued"), &json!(1)));
        assert_eq!(sent["author"], json!({"kind": "agent", "id": app.shop.agent.id, "name": "Om 2"}));
        assert_eq!(sent["quoted"]["text"], "Aveți colivă?");
        assert_eq!(app.shop.agent.post(&path, body).await.ok(), sent);
        let other = json!({"client_id": "c-1", "content": {"type": "text", "body": "Nu."}});
        app.shop.agent.post(&path, other).await.problem(409, "client-id-reused");

        let thread = app.shop.agent.get(&path).await.ok();
        assert_eq!(thread["items"].as_array().unwrap().len(), 2);
        assert_eq!(thread["items"][1], sent);
        let one = format!("/api/v1/messages/{}", sent["id"].as_str().unwrap());
        assert_eq!(app.shop.agent.get(&one).await.one(), sent);
        app.shop.outsider.get(&one).await.problem(404, "not-found");
        app.other.owner.get(&one).await.problem(404, "not-found");
        let body = json!({"client_id": "c-2", "content": {"type": "text", "body": "x"}});
        app.shop.outsider.post(&path, body.clone()).await.problem(404, "not-found");
        app.other.owner.post(&path, body).await.problem(404, "not-found");
        // A client id of another workspace is nobody's business here.
        let heard = customer_writes(&app, &app.other, "wamid.1", "Bună").await;
        let path = format!("/api/v1/conversations/{}/messages", heard.conversation);
        let body = json!({"client_id": "c-1", "content": {"type": "text", "body": "Da."}});
        app.other.agent.post(&path, body).await.created();
    }

    #[tokio::test]
    async fn closed_window_is_told_with_its_end() {
        let app = TestApp::start().await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        let path = format!("/api/v1/conversations/{}/messages", heard.conversation);
        hours_pass(&app, &app.shop.agent, 24).await;
        let body = json!({"client_id": "c-1", "content": {"type": "text", "body": "Da."}});
        let refused = app.shop.agent.post(&path, body.clone()).await.problem(422, "window-closed");
        assert_eq!(refused["errors"][0]["detail"], "2026-11-03T09:00:00Z");
        let never = format!("/api/v1/conversations/{}/messages", app.shop.conversation);
        app.shop.agent.post(&never, body).await.problem(422, "window-closed");
    }

    #[tokio::test]
    async fn mistakes_in_a_message_are_pointed_at() {
        let app = TestApp::start().await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        let path = format!("/api/v1/conversations/{}/messages", heard.conversation);
        for (content, pointer, code) in [
            (json!({"type": "text", "body": " "}), "/content/body", "empty"),
            (json!({"type": "text", "body": "ș".repeat(4097)}), "/content/body", "too-long"),
            (
                json!({"type": "location", "latitude": 91.0, "longitude": 0.0}),
                "/content/latitude",
                "coordinates",
            ),
            (json!({"type": "contacts", "cards": []}), "/content/cards", "empty"),
            (
                json!({"type": "image", "media": "med_00000000000000000000000000"}),
                "/content/media",
                "not-found",
            ),
        ] {
            let body = json!({"client_id": "c-1", "content": content});
            let refused = app.shop.agent.post(&path, body).await.problem(422, "invalid-input");
            assert_eq!(
                (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]),
                (&json!(pointer), &json!(code))
            );
        }
        let text = json!({"type": "text", "body": "a"});
        for (body, pointer) in [
            (json!({"client_id": "", "content": text}), "/client_id"),
            (
                json!({"client_id": "c", "content": text, "reply_to": "msg_00000000000000000000000000"}),
                "/reply_to",
            ),
        ] {
            let refused = app.shop.agent.post(&path, body).await.problem(422, "invalid-input");
            assert_eq!(refused["errors"][0]["pointer"], pointer);
        }
        for content in [
            json!({"type": "system", "event": "x", "body": "y"}),
            json!({"type": "choice", "control": "list_row", "choice_id": "1", "title": "x"}),
            json!({"type": "text", "body": "a", "status": "read"}),
        ] {
            let body = json!({"client_id": "c-1", "content": content});
            app.shop.agent.post(&path, body).await.problem(400, "malformed-request");
        }
    }
}
