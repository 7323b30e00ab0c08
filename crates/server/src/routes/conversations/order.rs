//! `GET /conversations/order`

use axum::extract::{RawQuery, State};
use centrala_domain::ConversationId;
use centrala_store::{conversations, events};
use serde::Serialize;
use utoipa::ToSchema;

use super::filter::ConversationsIn;
use crate::auth::{Allowed, ReadConversations};
use crate::problem::Answer;
use crate::routes::page::{limit, write_cursor};
use crate::state::App;

/// So many weigh about a megabyte.
const PART: usize = 20_000;

/// Where conversations stand in a list: two columns of the same length.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationOrderOut {
    /// Ids, in the order of the list.
    #[schema(value_type = Vec<String>, example = json!(["conv_0000000000000000000000000e"]))]
    ids: Vec<ConversationId>,
    /// Beside each id its place: when its newest message was sent, in microseconds since 1970. Of two at the same
    /// place, the larger id stands first.
    #[schema(example = json!([1_795_348_800_000_000_i64]))]
    at: Vec<i64>,
    /// Give it as `after` for the part that follows; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Number of the workspace's last fact that this knows of.
    #[schema(example = 4711)]
    as_of: i64,
}

/// Tell the order of a list of conversations, without the conversations.
///
/// A screen that scrolls through 100,000 of them needs to know how many there are and which one stands where; it
/// fetches those in sight by `?ids=`. Without `limit` a part has up to 20,000. It goes on from a `next` of the list too.
#[utoipa::path(get, path = "/api/v1/conversations/order", tag = "conversations", params(ConversationsIn),
    responses((status = 200, description = "The order", body = ConversationOrderOut)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-id", "invalid-input", "malformed-request"]))))]
pub async fn order_conversations(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    RawQuery(query): RawQuery,
) -> Answer<axum::Json<ConversationOrderOut>> {
    let input = ConversationsIn::read(query.as_deref().unwrap_or_default())?;
    let filter = input.filter(allowed.caller.agent.id)?;
    let limit = if input.limit.is_some() { limit(input.limit)? } else { PART };
    let more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let mut found = conversations::order(&allowed.scope, &mut reader, &filter, more).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|(at, id)| write_cursor(&(at.0, id)));
    let (at, ids) = found.into_iter().map(|(at, id)| (at.0, id)).unzip();
    Ok(axum::Json(ConversationOrderOut { ids, at, next, as_of }))
}

#[cfg(test)]
mod tests {
    use centrala_domain::ports::Clock as _;
    use serde_json::{Value, json};

    use crate::routes::scene::somebody_writes;
    use crate::testing::TestApp;

    fn listed(page: &Value) -> Vec<Value> {
        page["items"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect()
    }

    #[tokio::test]
    async fn order_is_that_of_the_list_in_parts_of_any_size() {
        let app = TestApp::start().await;
        for n in 0..5 {
            let from = (format!("4072100001{n}"), format!("Client {n}"));
            somebody_writes(&app, &app.shop, (&from.0, &from.1), &format!("wamid.{n}"), "Bună").await;
        }
        let agent = &app.shop.agent;
        let list = agent.get("/api/v1/conversations?status=open").await.ok();

        let whole = agent.get("/api/v1/conversations/order?status=open").await.ok();
        assert_eq!(whole["ids"].as_array().unwrap(), &listed(&list));
        assert_eq!(whole["as_of"], list["as_of"]);
        assert!(whole.get("next").is_none());
        let places: Vec<i64> = whole["at"].as_array().unwrap().iter().map(|at| at.as_i64().unwrap()).collect();
        assert_eq!(places.len(), 6);
        assert!(places.is_sorted_by(|a, b| a >= b));
        assert_eq!(places[0], app.clock.now().micros() / 1_000_000 * 1_000_000);

        let first = agent.get("/api/v1/conversations?status=open&limit=2").await.ok();
        let (mut seen, mut after) = (listed(&first), format!("&after={}", first["next"].as_str().unwrap()));
        loop {
            let path = format!("/api/v1/conversations/order?status=open&limit=3{after}");
            let part = agent.get(&path).await.ok();
            seen.extend(part["ids"].as_array().unwrap().iter().cloned());
            let Some(next) = part["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(seen, listed(&list));
    }

    #[tokio::test]
    async fn order_names_only_what_its_reader_may_see() {
        let app = TestApp::start().await;
        let order = "/api/v1/conversations/order";
        assert_eq!(app.shop.outsider.get(order).await.ok()["ids"], json!([]));
        assert_eq!(app.other.owner.get(order).await.ok()["ids"], json!([app.other.conversation]));
        app.shop.agent.get(&format!("{order}?limit=201")).await.problem(422, "invalid-input");
        app.shop.agent.get(&format!("{order}?status=lost")).await.problem(422, "invalid-input");
        app.shop.agent.get(&format!("{order}?after=x")).await.problem(400, "invalid-cursor");
    }
}
