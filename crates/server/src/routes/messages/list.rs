//! `GET /conversations/{conversation}/messages`

use axum::extract::State;
use centrala_domain::message::Message;
use centrala_domain::permission::Scope;
use centrala_domain::{ConversationId, MessageId, Timestamp};
use centrala_store::messages::{self, ThreadCursor, ThreadFrom};
use centrala_store::{Reader, conversations, events};
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
    /// Only newer messages than this place.
    after: Option<String>,
    /// Only older messages than this place. Not together with `after`; without either, the newest are given.
    before: Option<String>,
    /// The messages around this one, which stands in the middle. Not together with `before` or `after`.
    #[param(value_type = Option<String>, example = "msg_0000000000000000000000000e")]
    around: Option<MessageId>,
    /// How many messages: 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200, example = 50)]
    limit: Option<usize>,
}

/// A part of a thread.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThreadOut {
    /// The messages, oldest first whichever way was asked.
    items: Vec<MessageOut>,
    /// There is more the way that was asked: give it as `after` again, otherwise as `before`. Absent at the end, and
    /// when it was asked for both ways.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Place of the first message here: give it as `before` for older ones.
    before: Option<String>,
    /// Place of the last message here: give it as `after` for newer ones, also for those still to come.
    after: Option<String>,
    /// Whether there are older messages than these.
    has_older: bool,
    /// Whether there are newer messages than these.
    has_newer: bool,
    /// Number of the workspace's last fact that this list knows of; the live socket goes on from there.
    #[schema(example = 4711)]
    as_of: i64,
}

/// Where to read.
enum Part {
    /// One way from a place.
    From(ThreadFrom),
    /// Both ways from a message.
    Around(MessageId),
}

impl ThreadIn {
    fn part(&self) -> Answer<Part> {
        match (&self.before, &self.after, self.around) {
            (None, None, None) => Ok(Part::From(ThreadFrom::End)),
            (Some(before), None, None) => Ok(Part::From(ThreadFrom::Before(place(before)?))),
            (None, Some(after), None) => Ok(Part::From(ThreadFrom::After(place(after)?))),
            (None, None, Some(around)) => Ok(Part::Around(around)),
            _ => Err(Problem::invalid("before", "a thread is read one way at a time")),
        }
    }
}

/// Messages in the order of the thread, and what stands beyond them.
struct Found {
    messages: Vec<Message>,
    has_older: bool,
    has_newer: bool,
}

/// Reads one way, as many as `limit` at most.
async fn one_way(
    scope: &Scope,
    reader: &mut Reader,
    conversation: ConversationId,
    from: ThreadFrom,
    limit: usize,
) -> Answer<Found> {
    // One more than wanted tells whether there is more.
    let more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut messages = messages::list(scope, reader, conversation, from, more).await?;
    let has_more = messages.len() > limit;
    messages.truncate(limit);
    let is_forward = matches!(from, ThreadFrom::After(_));
    if !is_forward {
        messages.reverse();
    }
    // What stands at the place that was asked for is not among them.
    let (has_older, has_newer) = match from {
        ThreadFrom::End => (has_more, false),
        ThreadFrom::Before(_) => (has_more, true),
        ThreadFrom::After(_) => (true, has_more),
    };
    Ok(Found { messages, has_older, has_newer })
}

/// Reads a message in the middle of what stands before and after it.
async fn both_ways(
    scope: &Scope,
    reader: &mut Reader,
    conversation: ConversationId,
    middle: MessageId,
    limit: usize,
) -> Answer<Found> {
    let middle = messages::find(scope, reader, middle).await?;
    let middle = middle.filter(|it| it.conversation == conversation).ok_or_else(Problem::not_found)?;
    let place = (middle.position, middle.id);
    let newer = (limit - 1) / 2;
    let older = limit - 1 - newer;
    let before = one_way(scope, reader, conversation, ThreadFrom::Before(place), older).await?;
    let after = one_way(scope, reader, conversation, ThreadFrom::After(place), newer).await?;
    let mut messages = before.messages;
    // A reaction has a place in the thread, but does not stand there.
    messages.extend(Some(middle).filter(|it| it.content.is_listed()));
    messages.extend(after.messages);
    Ok(Found { messages, has_older: before.has_older, has_newer: after.has_newer })
}

fn place(cursor: &str) -> Answer<ThreadCursor> {
    let (position, id): (i64, MessageId) = read_cursor(cursor)?;
    Ok((Timestamp(position), id))
}

fn cursor((position, id): ThreadCursor) -> String {
    write_cursor(&(position.0, id))
}

/// List the messages of a conversation, from its end, from a place in it either way, or around one of them.
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
    let (part, limit) = (input.part()?, limit(input.limit)?);
    let scope = &allowed.scope;
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(scope, &mut reader).await?;
    if !conversations::is_visible(scope, &mut reader, conversation).await? {
        return Err(Problem::not_found());
    }
    let Found { messages, has_older, has_newer } = match part {
        Part::From(from) => one_way(scope, &mut reader, conversation, from, limit).await?,
        Part::Around(middle) => both_ways(scope, &mut reader, conversation, middle, limit).await?,
    };
    let place_of = |message: &Message| cursor((message.position, message.id));
    // Where nothing was found, one can ask on from the place that was asked for.
    let asked = input.before.or(input.after);
    let before = messages.first().map(place_of).or_else(|| asked.clone());
    let after = messages.last().map(place_of).or(asked);
    let next = match part {
        Part::From(ThreadFrom::After(_)) => after.clone().filter(|_| has_newer),
        Part::From(ThreadFrom::End | ThreadFrom::Before(_)) => before.clone().filter(|_| has_older),
        Part::Around(_) => None,
    };
    let items = load(&app, scope, &mut reader, messages).await?;
    Ok(axum::Json(ThreadOut { items, next, before, after, has_older, has_newer, as_of }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::routes::scene::{customer_writes, fill};
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
    async fn message_stands_in_the_middle_and_one_can_go_on_both_ways() {
        let app = TestApp::start().await;
        fill(&app, &app.shop, app.shop.conversation, 100).await;
        let path = format!("/api/v1/conversations/{}/messages?limit=11", app.shop.conversation);
        let agent = &app.shop.agent;
        let whole = format!("/api/v1/conversations/{}/messages?limit=200", app.shop.conversation);
        let whole = agent.get(&whole).await.ok();
        assert_eq!((&whole["has_older"], &whole["has_newer"]), (&json!(false), &json!(false)));
        for (n, seen, older, newer) in
            [(50, 45..56, true, true), (2, 0..8, false, true), (99, 94..100, true, false)]
        {
            let middle = whole["items"][n]["id"].as_str().unwrap();
            let part = agent.get(&format!("{path}&around={middle}")).await.ok();
            assert_eq!(texts(&part), seen.clone().collect::<Vec<_>>(), "around {n}");
            assert_eq!((&part["has_older"], &part["has_newer"]), (&json!(older), &json!(newer)), "around {n}");
            assert!(part["next"].is_null());
            let (before, after) = (part["before"].as_str().unwrap(), part["after"].as_str().unwrap());
            let older = agent.get(&format!("{path}&before={before}")).await.ok();
            assert_eq!(texts(&older), (seen.start.saturating_sub(11)..seen.start).collect::<Vec<_>>());
            let newer = agent.get(&format!("{path}&after={after}")).await.ok();
            assert_eq!(texts(&newer), (seen.end..(seen.end + 11).min(100)).collect::<Vec<_>>());
        }
        let middle = whole["items"][50]["id"].as_str().unwrap();
        let alone = path.replace("limit=11", "limit=1");
        assert_eq!(texts(&agent.get(&format!("{alone}&around={middle}")).await.ok()), [50]);
    }

    #[tokio::test]
    async fn nothing_is_shown_around_a_message_of_another_thread() {
        let app = TestApp::start().await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        let foreign = customer_writes(&app, &app.other, "wamid.2", "Bună").await;
        let absent: centrala_domain::MessageId = app.app.store.new_id();
        let agent = &app.shop.agent;
        let path = |conversation| format!("/api/v1/conversations/{conversation}/messages?around=");
        let here = path(heard.conversation);
        assert_eq!(agent.get(&format!("{here}{}", heard.message)).await.ok()["items"][0]["id"], json!(heard.message));
        for message in [foreign.message, absent] {
            agent.get(&format!("{here}{message}")).await.problem(404, "not-found");
        }
        let there = path(app.shop.conversation);
        agent.get(&format!("{there}{}", heard.message)).await.problem(404, "not-found");
        app.shop.outsider.get(&format!("{here}{}", heard.message)).await.problem(404, "not-found");
        agent.get(&format!("{here}{}&before=x", heard.message)).await.problem(422, "invalid-input");
        agent.get(&format!("{here}{}", heard.conversation)).await.problem(400, "malformed-request");
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
