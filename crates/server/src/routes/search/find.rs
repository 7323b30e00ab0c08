//! `GET /search`

use std::collections::HashMap;

use axum::extract::State;
use centrala_domain::message::{Direction, Message};
use centrala_domain::{ContactId, ConversationId, MessageId, Private, Timestamp};
use centrala_store::contacts::{self, ContactFilter};
use centrala_store::{conversations, events, messages};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::snippet;
use crate::auth::{Allowed, ReadConversations};
use crate::problem::{Answer, Problem};
use crate::routes::contacts::load;
use crate::routes::input::Query;
use crate::routes::messages::DirectionSchema;
use crate::routes::page::limit;
use crate::state::App;

/// What to look for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchIn {
    /// Beginnings of words, of which a message must have all; or a part of a customer's name or number. Case and
    /// diacritics do not matter.
    #[param(min_length = 1, max_length = 200, example = "colivă")]
    q: String,
    /// How many of each: 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200, example = 50)]
    limit: Option<usize>,
}

/// A message that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundMessageOut {
    /// Id.
    #[schema(value_type = String, example = "msg_0000000000000000000000000e")]
    id: MessageId,
    /// Where it stands.
    #[schema(value_type = String, example = "conv_0000000000000000000000000e")]
    conversation: ConversationId,
    /// With whom.
    #[schema(value_type = Option<String>, example = "con_0000000000000000000000000e")]
    contact: Option<ContactId>,
    /// His name.
    #[schema(value_type = Option<String>, example = "Ion Popescu")]
    contact_name: Option<Private>,
    /// Which way it went.
    #[schema(value_type = DirectionSchema)]
    direction: Direction,
    /// Kind of its content.
    #[schema(example = "text")]
    kind: &'static str,
    /// The words around what was found.
    #[schema(value_type = String, example = "Aveți colivă pentru sâmbătă?")]
    snippet: Private,
    /// When it was written.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    sent_at: Timestamp,
}

/// A customer who was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundContactOut {
    /// Id.
    #[schema(value_type = String, example = "con_0000000000000000000000000e")]
    id: ContactId,
    /// His newest conversation that the caller may see.
    #[schema(value_type = Option<String>, example = "conv_0000000000000000000000000e")]
    conversation: Option<ConversationId>,
    /// His name.
    #[schema(value_type = Option<String>, example = "Ion Popescu")]
    name: Option<Private>,
    /// His name, or his number where no name is known.
    #[schema(value_type = Option<String>, example = "Ion Popescu")]
    snippet: Option<Private>,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchOut {
    /// Messages, newest first.
    messages: Vec<FoundMessageOut>,
    /// Customers, the last changed first.
    contacts: Vec<FoundContactOut>,
    /// Number of the workspace's last fact that this knows of.
    #[schema(example = 4711)]
    as_of: i64,
}

/// Longest query in characters.
const CHARACTERS: usize = 200;
/// Search messages and customers.
#[utoipa::path(get, path = "/api/v1/search", tag = "search", params(SearchIn),
    responses((status = 200, description = "What was found", body = SearchOut)),
    extensions(("x-problems" = json!(["invalid-input", "malformed-request"]))))]
pub async fn search(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    Query(input): Query<SearchIn>,
) -> Answer<axum::Json<SearchOut>> {
    let scope = &allowed.scope;
    let limit = limit(input.limit)?;
    let words = snippet::words(&input.q);
    if words.is_empty() || input.q.chars().count() > CHARACTERS {
        return Err(Problem::length(
            "q",
            1,
            CHARACTERS,
            format!("a query has 1 to {CHARACTERS} characters, and a word"),
        ));
    }
    let many = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(scope, &mut reader).await?;
    let found = messages::search(scope, &mut reader, &input.q, many(limit)).await?;
    let of: Vec<ConversationId> = found.iter().map(|message| message.conversation).collect();
    let of = conversations::find_many(scope, &mut reader, &of).await?;
    let contact_of: HashMap<_, _> = of.iter().map(|it| (it.id, it.contact)).collect();
    let named: Vec<ContactId> = of.iter().map(|it| it.contact).collect();
    let named = contacts::find_many(scope, &mut reader, &named).await?;
    let names: HashMap<_, _> = named.into_iter().map(|contact| (contact.id, contact.name)).collect();

    let filter = ContactFilter { text: Some(input.q.trim().to_owned()), after: None };
    let people = contacts::list(scope, &mut reader, &filter, many(limit)).await?;
    let ids: Vec<ContactId> = people.iter().map(|contact| contact.id).collect();
    let newest = conversations::newest_of_contacts(scope, &mut reader, &ids).await?;
    let people = load(scope, &mut reader, people).await?;
    drop(reader);
    Ok(axum::Json(SearchOut {
        messages: found
            .into_iter()
            .map(|message| {
                let contact = contact_of.get(&message.conversation).copied();
                let name = contact.and_then(|id| names.get(&id).cloned()).flatten();
                message_out(&message, contact, name, &words)
            })
            .collect(),
        contacts: people
            .into_iter()
            .map(|person| FoundContactOut {
                id: person.id,
                conversation: newest.get(&person.id).copied(),
                snippet: person.name.clone().or(person.phone),
                name: person.name,
            })
            .collect(),
        as_of,
    }))
}

fn message_out(
    message: &Message,
    contact: Option<ContactId>,
    contact_name: Option<Private>,
    words: &[String],
) -> FoundMessageOut {
    let text = message.content.search_text().unwrap_or_default();
    FoundMessageOut {
        id: message.id,
        conversation: message.conversation,
        contact,
        contact_name,
        direction: message.direction,
        kind: message.content.kind(),
        snippet: Private::new(snippet::around(text, words)),
        sent_at: message.sent_at,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::routes::scene::{customer_writes, somebody_writes};
    use crate::testing::TestApp;

    #[tokio::test]
    async fn romanian_words_are_found_without_their_marks() {
        let app = TestApp::start().await;
        let heard =
            customer_writes(&app, &app.shop, "wamid.1", "Aveți știucă și țipar pentru sâmbătă?").await;
        somebody_writes(&app, &app.shop, ("40721000002", "Ștefan Știrbei"), "wamid.2", "Bună").await;
        customer_writes(&app, &app.other, "wamid.1", "știucă de altundeva").await;
        for query in ["stiuca", "%C8%98TIUC%C4%82", "sambata+stiu"] {
            let found = app.shop.agent.get(&format!("/api/v1/search?q={query}")).await.ok();
            let messages = found["messages"].as_array().unwrap();
            assert_eq!(messages.len(), 1, "{query}");
            assert_eq!(messages[0]["id"], json!(heard.message));
            assert_eq!(messages[0]["conversation"], json!(heard.conversation));
            assert_eq!(messages[0]["contact_name"], "Ion Popescu");
            assert!(messages[0]["snippet"].as_str().unwrap().contains("știucă"));
        }
        let people = app.shop.agent.get("/api/v1/search?q=stirbei").await.ok();
        assert_eq!(people["contacts"][0]["name"], "Ștefan Știrbei");
        assert!(people["contacts"][0]["conversation"].as_str().unwrap().starts_with("conv_"));
        assert_eq!(people["messages"], json!([]));
        let hidden = app.shop.outsider.get("/api/v1/search?q=stiuca").await.ok();
        assert_eq!((&hidden["messages"], &hidden["contacts"]), (&json!([]), &json!([])));
        for wrong in ["", "?q=", "?q=%20!", "?q=a&q=b", "?q=a&limit=0"] {
            let answer = app.shop.agent.get(&format!("/api/v1/search{wrong}")).await;
            assert!(answer.status.is_client_error(), "{wrong}");
        }
    }
}
