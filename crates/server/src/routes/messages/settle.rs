//! `POST /messages/{message}/settle`

use axum::extract::State;
use centrala_domain::MessageId;
use centrala_domain::message::Direction;
use centrala_engine::commands::messages::settle::{Outcome, SettleError, SettleMessage};
use centrala_store::messages;
use serde::Deserialize;
use utoipa::ToSchema;

use super::out::{MessageOut, load_one};
use crate::auth::{Allowed, WorkConversations};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::{Json, Path};
use crate::state::App;

/// What became of a message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettlementIn {
    /// What the agent knows of it, from the customer or from the phone.
    r#as: SettledAs,
}

/// What an agent says became of a message.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = "sent")]
pub enum SettledAs {
    /// The customer has it.
    Sent,
    /// The customer does not have it.
    NotSent,
}

/// Say what became of a message that needs a decision, without sending it again.
///
/// It is shown as sent, or as failed: then it can be tried again. What the channel still says of it counts more.
#[utoipa::path(post, path = "/api/v1/messages/{message}/settle", tag = "messages", request_body = SettlementIn,
    params(("message" = String, Path, description = "Message", example = "msg_0000000000000000000000000e")),
    responses((status = 200, description = "It is settled", body = MessageOut)),
    extensions(("x-problems" = json!(["nothing-to-decide"]))))]
pub async fn settle_message(
    State(app): State<App>,
    allowed: Allowed<WorkConversations>,
    Path(id): Path<MessageId>,
    Json(input): Json<SettlementIn>,
) -> Answer<axum::Json<MessageOut>> {
    let mut reader = app.store.read().await?;
    let message = messages::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    drop(reader);
    if message.direction == Direction::In {
        return Err(Slug::NothingToDecide.into());
    }
    let outcome = match input.r#as {
        SettledAs::Sent => Outcome::Sent,
        SettledAs::NotSent => Outcome::NotSent,
    };
    let settled = app.store.execute(allowed.origin(), SettleMessage { message: id, outcome }).await;
    let message = settled.map_err(|error| match error {
        SettleError::NotFound => Problem::not_found(),
        SettleError::NothingToDecide { status } => {
            Problem::new(Slug::NothingToDecide).detail(status.as_str())
        }
        SettleError::Store(error) => error.into(),
    })?;
    let mut reader = app.store.read().await?;
    Ok(axum::Json(load_one(&app, &allowed.scope, &mut reader, message).await?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::routes::scene::{customer_writes, graph, run_jobs};
    use crate::testing::TestApp;

    #[tokio::test]
    async fn agent_settles_what_nobody_could_prove_and_nothing_is_sent_again() {
        let app = TestApp::start().await;
        // Neither an answer of Meta's nor a refusal: the message may have gone out.
        graph(&app, &app.shop, 500, json!({})).await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        let agent = &app.shop.agent;
        let path = format!("/api/v1/conversations/{}/messages", heard.conversation);
        for (said, status) in [("sent", "sent"), ("not_sent", "failed")] {
            let body = json!({"client_id": said, "content": {"type": "text", "body": "Da."}});
            let sent = agent.post(&path, body).await.created();
            let path = format!("/api/v1/messages/{}", sent["id"].as_str().unwrap());
            let settle = format!("{path}/settle");
            run_jobs(&app).await;
            assert_eq!(agent.get(&path).await.ok()["status"], "uncertain");
            agent.post(&settle, json!({"as": said})).await.problem(409, "nothing-to-decide");
            app.clock.advance(Duration::from_secs(601));
            run_jobs(&app).await;
            assert_eq!(agent.get(&path).await.ok()["needs_decision"], true);

            agent.post(&settle, json!({"as": "perhaps"})).await.problem(400, "malformed-request");
            app.shop.outsider.post(&settle, json!({"as": said})).await.problem(404, "not-found");
            let settled = agent.post(&settle, json!({"as": said})).await.ok();
            assert_eq!(
                (&settled["status"], &settled["needs_decision"], &settled["attempt"], &settled["error"]),
                (&json!(status), &json!(false), &json!(1), &json!(null))
            );
            run_jobs(&app).await;
            let trace = agent.get(&format!("{path}/trace")).await.ok();
            assert_eq!(trace["attempts"].as_array().unwrap().len(), 1);
            let last = trace["events"].as_array().unwrap().last().unwrap();
            assert_eq!(
                (&last["kind"], &last["actor"]["kind"]),
                (&json!("message_status_changed"), &json!("agent"))
            );
        }
        let inbound = format!("/api/v1/messages/{}/settle", heard.message);
        agent.post(&inbound, json!({"as": "sent"})).await.problem(409, "nothing-to-decide");
    }
}
