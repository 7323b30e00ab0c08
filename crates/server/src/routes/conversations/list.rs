//! `GET /conversations`

use axum::extract::{RawQuery, State};
use centrala_store::{conversations, events};

use super::filter::ConversationsIn;
use super::out::{ConversationOut, load};
use crate::auth::{Allowed, ReadConversations};
use crate::problem::Answer;
use crate::routes::page::{PageOut, write_cursor};
use crate::state::App;

/// List conversations, those with the newest message first.
///
/// A row holds everything that a list shows, so that no further requests are needed.
#[utoipa::path(get, path = "/api/v1/conversations", tag = "conversations", params(ConversationsIn),
    responses((status = 200, description = "The conversations", body = PageOut<ConversationOut>)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-id", "invalid-input", "malformed-request"]))))]
pub async fn list_conversations(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    RawQuery(query): RawQuery,
) -> Answer<axum::Json<PageOut<ConversationOut>>> {
    let input = ConversationsIn::read(query.as_deref().unwrap_or_default())?;
    let filter = input.filter(allowed.caller.agent.id)?;
    let limit = input.limit()?;
    let more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let mut found = conversations::list(&allowed.scope, &mut reader, &filter, more).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|last| write_cursor(&(last.last_message_at.0, last.id)));
    let items = load(&app, &allowed.scope, &mut reader, found).await?;
    Ok(axum::Json(PageOut { items, next, as_of }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::routes::scene::{customer_writes, somebody_writes};
    use crate::testing::TestApp;

    fn ids(page: &Value) -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    }

    #[tokio::test]
    async fn row_holds_everything_that_a_list_shows() {
        let app = TestApp::start().await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", &"Aveți colivă? ".repeat(40)).await;
        let path = format!("/api/v1/conversations/{}", heard.conversation);
        app.shop.agent.put(&format!("{path}/labels/{}", app.shop.label), json!({})).await;
        app.shop.agent.post_empty(&format!("{path}/claim")).await.ok();

        let page = app.shop.agent.get("/api/v1/conversations?assignee=me").await.ok();

        let row = &page["items"][0];
        assert_eq!(row["contact"]["name"], "Ion Popescu");
        assert_eq!(row["identity"]["phone"], "+40721000001");
        assert_eq!(row["identity"]["username"], Value::Null);
        assert_eq!(
            row["inbox"],
            json!({"id": app.shop.inbox, "name": "Magazin", "channel": "whatsapp_cloud"})
        );
        assert_eq!(row["assignee"], json!({"id": app.shop.agent.id, "name": "Om 2"}));
        assert_eq!(row["labels"][0]["name"], "urgent");
        assert_eq!(row["column"], "assigned");
        assert_eq!(row["unread"], 1);
        assert_eq!(row["last_message"]["text"].as_str().unwrap().chars().count(), 200);
        assert_eq!(row["last_message"]["direction"], "in");
        assert_eq!(row["window"], json!({"is_open": true, "until": "2026-11-03T09:00:00Z"}));
        assert_eq!(page["items"].as_array().unwrap().len(), 1);
        assert!(page["as_of"].as_i64().unwrap() > 0);
        assert_eq!(app.shop.agent.get(&path).await.one(), *row);
    }

    #[tokio::test]
    async fn filters_narrow_and_parts_follow_one_another() {
        let app = TestApp::start().await;
        let mut heard = Vec::new();
        for n in 0..5 {
            let from = (format!("4072100001{n}"), format!("Client {n}"));
            let id = format!("wamid.{n}");
            heard.push(somebody_writes(&app, &app.shop, (&from.0, &from.1), &id, "Bună").await.conversation);
        }
        let agent = &app.shop.agent;
        agent.post_empty(&format!("/api/v1/conversations/{}/resolve", heard[0])).await.ok();
        agent.post_empty(&format!("/api/v1/conversations/{}/claim", heard[1])).await.ok();

        let open = agent.get("/api/v1/conversations?status=open&limit=200").await.ok();
        assert_eq!(open["items"].as_array().unwrap().len(), 5, "four of them, and the one without messages");
        let both = agent.get("/api/v1/conversations?status=open&status=resolved").await.ok();
        assert_eq!(both["items"].as_array().unwrap().len(), 6);
        let nobodys = agent.get("/api/v1/conversations?status=open&assignee=none&unread=true").await.ok();
        assert_eq!(nobodys["items"].as_array().unwrap().len(), 3);
        let contact = open["items"][0]["contact"]["id"].as_str().unwrap();
        let of_contact = agent.get(&format!("/api/v1/conversations?contact={contact}")).await.ok();
        assert_eq!(of_contact["items"].as_array().unwrap().len(), 1);
        let elsewhere = agent.get(&format!("/api/v1/conversations?inbox={}", app.other.inbox)).await.ok();
        assert_eq!(elsewhere["items"], json!([]));

        let foreign = app.other.conversation;
        let three = [heard[3].to_string(), heard[0].to_string(), foreign.to_string()].join(",");
        let named = agent.get(&format!("/api/v1/conversations?ids={three}")).await.ok();
        assert_eq!(ids(&named), [heard[3].to_string(), heard[0].to_string()], "in the order of the list");
        let none = agent.get("/api/v1/conversations?ids=").await.ok();
        assert_eq!(none["items"], json!([]), "nobody asked for any");

        let (mut seen, mut path) = (Vec::new(), "/api/v1/conversations?limit=2".to_owned());
        loop {
            let part = agent.get(&path).await.ok();
            seen.extend(ids(&part));
            let Some(next) = part["next"].as_str() else { break };
            path = format!("/api/v1/conversations?limit=2&after={next}");
        }
        assert_eq!(seen, ids(&agent.get("/api/v1/conversations").await.ok()));
        assert_eq!(seen.len(), 6);
    }

    #[tokio::test]
    async fn nobody_sees_conversations_of_other_inboxes_or_workspaces() {
        let app = TestApp::start().await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        let list = "/api/v1/conversations";
        assert_eq!(app.shop.outsider.get(list).await.ok()["items"], json!([]));
        assert_eq!(ids(&app.other.owner.get(list).await.ok()), [app.other.conversation.to_string()]);
        assert_eq!(app.shop.admin.get(list).await.ok()["items"].as_array().unwrap().len(), 2);

        let absent: centrala_domain::ConversationId = app.app.store.new_id();
        let mut bodies = Vec::new();
        for (who, id) in [
            (&app.shop.outsider, heard.conversation),
            (&app.other.owner, heard.conversation),
            (&app.shop.owner, absent),
        ] {
            let mut body = who.get(&format!("{list}/{id}")).await.problem(404, "not-found");
            body["instance"] = Value::Null;
            bodies.push(body);
        }
        assert!(bodies.iter().all(|body| *body == bodies[0]));
        app.shop.agent.get(&format!("{list}/{}", app.shop.inbox)).await.problem(400, "invalid-id");
        app.shop.agent.get(&format!("{list}?status=lost")).await.problem(422, "invalid-input");
        app.shop.agent.get(&format!("{list}?limit=201")).await.problem(422, "invalid-input");
    }
}
