//! `GET /conversations/{conversation}/messages`

use axum::extract::State;
use centrala_domain::message::Message;
use centrala_domain::{ConversationId, MessageId, Timestamp};
use centrala_store::messages::{self, ThreadCursor, ThreadFrom};
use centrala_store::{conversations, events};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::out::{MessageOut, load};
use crate::auth::{Allowed, ReadConversations};
use crate::problem::{Answer, Problem};
use crate::routes::input::{Path, Query};
use crate::routes::page::{limit, read_cursor, write_cursor};
use crate::state::App;

/// Which part of a thread.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ThreadIn {
    /// Only newer messages than this place. Not together with `before`.
    after: Option<String>,
    /// Only older messages than this place. Without either, the newest are given.
    before: Option<String>,
    /// How many messages: 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200, example = 50)]
    limit: Option<usize>,
}

/// A part of a thread.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThreadOut {
    /// The messages, oldest first whichever way was asked.
    items: Vec<MessageOut>,
    /// There is more the way that was asked: give it as `after` again, otherwise as `before`. Absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Place of the first message here: give it as `before` for older ones.
    before: Option<String>,
    /// Place of the last message here: give it as `after` for newer ones, also for those still to come.
    after: Option<String>,
    /// Number of the workspace's last fact that this list knows of; the live socket goes on from there.
    #[schema(example = 4711)]
    as_of: i64,
}

impl ThreadIn {
    fn place(&self) -> Answer<ThreadFrom> {
        match (&self.before, &self.after) {
            (None, None) => Ok(ThreadFrom::End),
            (Some(before), None) => Ok(ThreadFrom::Before(place(before)?)),
            (None, Some(after)) => Ok(ThreadFrom::After(place(after)?)),
            (Some(_), Some(_)) => Err(Problem::invalid("before", "a thread is read one way at a time")),
        }
    }
}

fn place(cursor: &str) -> Answer<ThreadCursor> {
    let (position, id): (i64, MessageId) = read_cursor(cursor)?;
    Ok((Timestamp(position), id))
}

fn cursor((position, id): ThreadCursor) -> String {
    write_cursor(&(position.0, id))
}

/// List the messages of a conversation, from its end or from a place in it, either way.
#[utoipa::path(get, path = "/api/v1/conversations/{conversation}/messages", tag = "messages",
    params(("conversation" = String, Path, description = "Conversation",
        example = "conv_0000000000000000000000000e"), ThreadIn),
    responses((status = 200, description = "The messages", body = ThreadOut)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-input", "malformed-request"]))))]
pub async fn list_messages(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    Path(conversation): Path<ConversationId>,
    Query(input): Query<ThreadIn>,
) -> Answer<axum::Json<ThreadOut>> {
    let (from, limit) = (input.place()?, limit(input.limit)?);
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    if !conversations::is_visible(&allowed.scope, &mut reader, conversation).await? {
        return Err(Problem::not_found());
    }
    // One more than wanted tells whether there is more.
    let more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut found = messages::list(&allowed.scope, &mut reader, conversation, from, more).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let is_forward = matches!(from, ThreadFrom::After(_));
    if !is_forward {
        found.reverse();
    }
    let place_of = |message: &Message| cursor((message.position, message.id));
    // Where nothing was found, one can ask on from the place that was asked for.
    let asked = input.before.or(input.after);
    let before = found.first().map(place_of).or_else(|| asked.clone());
    let after = found.last().map(place_of).or(asked);
    let next = if is_forward { &after } else { &before };
    let next = next.clone().filter(|_| has_more);
    let items = load(&app, &allowed.scope, &mut reader, found).await?;
    Ok(axum::Json(ThreadOut { items, next, before, after, as_of }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::routes::scene::fill;
    use crate::testing::TestApp;

    fn texts(part: &Value) -> Vec<usize> {
        let items = part["items"].as_array().unwrap().iter();
        items.map(|it| it["content"]["body"].as_str().unwrap().parse().unwrap()).collect()
    }

    #[tokio::test]
    async fn thread_is_read_whole_both_ways_although_all_stand_at_one_instant() {
        let app = TestApp::start().await;
        fill(&app, &app.shop, app.shop.conversation, 250).await;
        let path = format!("/api/v1/conversations/{}/messages?limit=40", app.shop.conversation);
        let agent = &app.shop.agent;

        let newest = agent.get(&path).await.ok();
        assert_eq!(texts(&newest), (210..250).collect::<Vec<_>>());

        let (mut backwards, mut part) = (texts(&newest), newest.clone());
        while let Some(next) = part["next"].as_str() {
            part = agent.get(&format!("{path}&before={next}")).await.ok();
            backwards = [texts(&part), backwards].concat();
        }
        assert_eq!(backwards, (0..250).collect::<Vec<_>>());

        let (mut forwards, mut next) = (texts(&part), part["after"].as_str().map(str::to_owned));
        while let Some(after) = next {
            part = agent.get(&format!("{path}&after={after}")).await.ok();
            forwards.extend(texts(&part));
            next = part["next"].as_str().map(str::to_owned);
        }
        assert_eq!(forwards, (0..250).collect::<Vec<_>>());

        // From the end one can ask on for what is still to come.
        let end = newest["after"].as_str().unwrap();
        let nothing = agent.get(&format!("{path}&after={end}")).await.ok();
        assert_eq!((&nothing["items"], &nothing["after"]), (&json!([]), &json!(end)));
    }

    #[tokio::test]
    async fn wrong_places_and_other_peoples_threads_are_refused() {
        let app = TestApp::start().await;
        let path = format!("/api/v1/conversations/{}/messages", app.shop.conversation);
        app.shop.agent.get(&format!("{path}?before=x")).await.problem(400, "invalid-cursor");
        app.shop.agent.get(&format!("{path}?before=x&after=y")).await.problem(422, "invalid-input");
        app.shop.outsider.get(&path).await.problem(404, "not-found");
        app.other.owner.get(&path).await.problem(404, "not-found");
    }
}
