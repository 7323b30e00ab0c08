//! `GET /conversations/{conversation}/activity`: what happened to a conversation, for the lines between its
//! messages. Messages and notes stand in the thread themselves and are left out here.

use std::collections::HashMap;

use axum::extract::State;
use centrala_domain::agent::Actor;
use centrala_domain::event::{Event, Recorded};
use centrala_domain::{AgentId, ConversationId, LabelId, MessageId, Timestamp, TraceId};
use centrala_store::{agents, conversations, events, labels};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::out::{AgentRefOut, LabelRefOut};
use crate::auth::{Allowed, ReadConversations};
use crate::problem::{Answer, Problem};
use crate::routes::input::{Path, Query};
use crate::routes::page::{PageIn, PageOut, write_cursor};
use crate::state::App;

/// Who caused something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActorOut {
    /// `agent`, `contact`, or `system`: the product itself.
    #[schema(example = "agent")]
    kind: &'static str,
    /// Which agent or contact.
    #[schema(example = "agt_0000000000000000000000000e")]
    id: Option<String>,
    /// Name of the agent.
    #[schema(example = "Maria Ionescu")]
    name: Option<String>,
}

impl ActorOut {
    /// An actor, with his name where it is known.
    #[must_use]
    pub(in crate::routes) fn new(actor: Actor, name: Option<String>) -> Self {
        match actor {
            Actor::Agent { id } => Self { kind: "agent", id: Some(id.to_string()), name },
            Actor::Contact { id } => Self { kind: "contact", id: Some(id.to_string()), name: None },
            Actor::System => Self { kind: "system", id: None, name: None },
        }
    }
}

/// One line between messages. Which members are present depends on the kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityOut {
    /// Number of the fact.
    #[schema(example = 4711)]
    seq: i64,
    /// When.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    at: Timestamp,
    /// Place in the thread, as of messages: what a message brought about stands before it, although it was noted after
    /// the message had arrived. At the same place, lines come before messages, and among themselves by `seq`.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    position: Timestamp,
    /// Who caused it.
    actor: ActorOut,
    /// Kind of the fact. Kinds are only ever added: leave out unknown ones.
    #[schema(example = "conversation_assigned")]
    kind: &'static str,
    /// New owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<AgentRefOut>,
    /// Owner before.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<AgentRefOut>,
    /// Label that was put on or taken off; absent when it was deleted since.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<LabelRefOut>,
    /// End of the snooze.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// The conversation that it was merged into.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    into: Option<ConversationId>,
    /// The message that an agent must decide about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    message: Option<MessageId>,
}

/// Facts that are read at once; most of a busy conversation's facts are about its messages.
const CHUNK: i64 = 500;
/// Facts that are looked at for one part at most: a part may end early, its `next` goes on.
const LOOKED_AT: i64 = 5000;

/// List what happened to a conversation, newest first.
#[utoipa::path(get, path = "/api/v1/conversations/{conversation}/activity", tag = "conversations",
    params(("conversation" = String, Path, description = "Conversation",
        example = "conv_0000000000000000000000000e"), PageIn),
    responses((status = 200, description = "The activity", body = PageOut<ActivityOut>)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-input", "malformed-request"]))))]
pub async fn list_activity(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    Path(id): Path<ConversationId>,
    Query(page): Query<PageIn>,
) -> Answer<axum::Json<PageOut<ActivityOut>>> {
    let scope = &allowed.scope;
    let limit = page.limit()?;
    let (mut before, mut message) = page.after::<(i64, Option<Arrived>)>()?.unwrap_or((i64::MAX, None));
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(scope, &mut reader).await?;
    if !conversations::is_visible(scope, &mut reader, id).await? {
        return Err(Problem::not_found());
    }
    let all = agents::list(scope, &mut reader).await?;
    let names = Names {
        agents: all.iter().map(|agent| (agent.id, agent.into())).collect(),
        labels: labels::list(scope, &mut reader)
            .await?
            .iter()
            .map(|label| (label.id, label.into()))
            .collect(),
    };
    let (mut items, mut looked_at, mut has_more) = (Vec::new(), 0, true);
    'reading: while has_more && looked_at < LOOKED_AT {
        let facts = events::of_conversation(scope, &mut reader, id, before, CHUNK).await?;
        has_more = i64::try_from(facts.len()).is_ok_and(|count| count == CHUNK);
        looked_at += CHUNK;
        for fact in &facts {
            message = Arrived::of(fact, message);
            let line = names.line(fact, message.as_ref());
            if line.is_some() && items.len() == limit {
                has_more = true;
                break 'reading;
            }
            items.extend(line);
            before = fact.seq;
        }
    }
    let next = has_more.then(|| write_cursor(&(before, message)));
    Ok(axum::Json(PageOut { items, next, as_of }))
}

/// A message of the customer's, while the facts are walked through that it brought about: they stand before its own
/// and share its trace and its instant. Goes with the cursor, since a part may end in between.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Arrived {
    trace: TraceId,
    at: Timestamp,
    position: Timestamp,
}

impl Arrived {
    /// What `fact` belongs to, when the fact after it belongs to `next`.
    fn of(fact: &Recorded, next: Option<Self>) -> Option<Self> {
        match fact.event {
            Event::MessageReceived { position, .. } | Event::MessageEchoed { position, .. } => {
                Some(Self { trace: fact.trace, at: fact.at, position })
            }
            _ => next.filter(|it| (it.trace, it.at) == (fact.trace, fact.at)),
        }
    }
}

struct Names {
    agents: HashMap<AgentId, AgentRefOut>,
    labels: HashMap<LabelId, LabelRefOut>,
}

impl Names {
    fn agent(&self, id: AgentId) -> Option<AgentRefOut> {
        self.agents.get(&id).cloned()
    }

    fn actor(&self, actor: Actor) -> ActorOut {
        let name = match actor {
            Actor::Agent { id } => self.agents.get(&id).map(|agent| agent.name().to_owned()),
            Actor::Contact { .. } | Actor::System => None,
        };
        ActorOut::new(actor, name)
    }

    /// The line of a fact; none for what the thread shows in another way, or not at all.
    fn line(&self, fact: &Recorded, message: Option<&Arrived>) -> Option<ActivityOut> {
        let mut line = ActivityOut {
            seq: fact.seq,
            at: fact.at,
            position: message.map_or(fact.at, |message| message.position.min(fact.at)),
            actor: self.actor(fact.actor),
            kind: fact.event.kind(),
            to: None,
            from: None,
            label: None,
            until: None,
            into: None,
            message: None,
        };
        match &fact.event {
            Event::ConversationOpened { .. }
            | Event::ConversationReopened { .. }
            | Event::ConversationResolved { .. }
            | Event::NoteDeleted { .. } => {}
            Event::ConversationAssigned { to, from, .. } => {
                line.to = self.agent(*to);
                line.from = from.and_then(|from| self.agent(from));
            }
            Event::ConversationUnassigned { from, .. } => line.from = self.agent(*from),
            Event::ConversationSnoozed { until, .. } => line.until = Some(*until),
            Event::ConversationMerged { into, .. } => line.into = Some(*into),
            Event::ConversationLabelled { label, .. } | Event::ConversationUnlabelled { label, .. } => {
                line.label = self.labels.get(label).cloned();
            }
            Event::MessageNeedsDecision { message, .. } => line.message = Some(*message),
            // That we answered, and what became of messages, shows on the messages; reading is nobody's news.
            Event::ConversationWaiting { .. }
            | Event::ConversationRead { .. }
            | Event::ConversationMarkedUnread { .. }
            | Event::MessageReceived { .. }
            | Event::MessageQueued { .. }
            | Event::MessageEchoed { .. }
            | Event::MessageStatusChanged { .. }
            | Event::MessageReacted { .. }
            | Event::MessageEdited { .. }
            | Event::MessageRevoked { .. }
            | Event::MediaChanged { .. }
            | Event::NoteAdded { .. }
            // Not about a conversation.
            | Event::WorkspaceCreated
            | Event::WorkspaceChanged
            | Event::AgentAdded { .. }
            | Event::AgentChanged { .. }
            | Event::AgentDisabled { .. }
            | Event::AgentEnabled { .. }
            | Event::PasswordChanged { .. }
            | Event::SignedIn { .. }
            | Event::SignedOut { .. }
            | Event::ApiTokenCreated { .. }
            | Event::ApiTokenRevoked { .. }
            | Event::InboxCreated { .. }
            | Event::InboxChanged { .. }
            | Event::InboxMembersChanged { .. }
            | Event::InboxCredentialChanged { .. }
            | Event::InboxNoticeReceived { .. }
            | Event::ReceiptRejected { .. }
            | Event::ContactCreated { .. }
            | Event::ContactChanged { .. }
            | Event::IdentitiesMerged { .. }
            | Event::LabelCreated { .. }
            | Event::LabelChanged { .. }
            | Event::LabelDeleted { .. } => return None,
        }
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::routes::scene::{CUSTOMER, customer_writes, somebody_wrote};
    use crate::testing::TestApp;

    fn kinds(page: &Value) -> Vec<&str> {
        page["items"].as_array().unwrap().iter().map(|line| line["kind"].as_str().unwrap()).collect()
    }

    #[tokio::test]
    async fn opening_and_reopening_stand_before_the_message_that_brought_them_about() {
        let app = TestApp::start().await;
        let (agent, from) = (&app.shop.agent, (CUSTOMER, "Ion Popescu"));
        let wait = Duration::from_millis(1500);
        let first = somebody_wrote(&app, &app.shop, from, "wamid.1", "Bună", wait).await;
        let path = format!("/api/v1/conversations/{}", first.conversation);
        agent.post_empty(&format!("{path}/resolve")).await.ok();
        app.clock.advance(Duration::from_secs(60));
        let second = somebody_wrote(&app, &app.shop, from, "wamid.2", "Și încă ceva", wait).await;
        assert_eq!(second.conversation, first.conversation);

        let whole = agent.get(&format!("{path}/activity")).await.ok();
        assert_eq!(kinds(&whole), ["conversation_reopened", "conversation_resolved", "conversation_opened"]);
        let lines = whole["items"].as_array().unwrap();
        for (line, message) in [(&lines[0], second.message), (&lines[2], first.message)] {
            let message = agent.get(&format!("/api/v1/messages/{message}")).await.ok();
            assert!(line["at"].as_str() > message["position"].as_str(), "it is noted later");
            assert_eq!(line["position"], message["position"], "{}", line["kind"]);
        }
        assert_eq!(lines[1]["position"], lines[1]["at"], "what an agent does stands where it was done");

        // The same, however it is cut into parts.
        let (mut parts, mut next) = (Vec::new(), String::new());
        loop {
            let part = agent.get(&format!("{path}/activity?limit=1{next}")).await.ok();
            parts.extend(part["items"].as_array().unwrap().clone());
            let Some(after) = part["next"].as_str() else { break };
            next = format!("&after={after}");
        }
        assert_eq!(&parts, lines);
    }

    #[tokio::test]
    async fn activity_tells_who_did_what_without_the_messages() {
        let app = TestApp::start().await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        let path = format!("/api/v1/conversations/{}", heard.conversation);
        let agent = &app.shop.agent;
        agent.post_empty(&format!("{path}/claim")).await.ok();
        agent.post(&format!("{path}/assign"), json!({"to": app.shop.admin.id})).await.ok();
        agent.post_empty(&format!("{path}/read")).await.ok();
        agent.post_empty(&format!("{path}/resolve")).await.ok();

        let page = agent.get(&format!("{path}/activity")).await.ok();

        let wanted = [
            "conversation_resolved",
            "conversation_assigned",
            "conversation_assigned",
            "conversation_opened",
        ];
        assert_eq!(kinds(&page), wanted);
        let handed_over = &page["items"][1];
        assert_eq!(handed_over["actor"], json!({"kind": "agent", "id": agent.id, "name": "Om 2"}));
        assert_eq!(handed_over["to"]["name"], "Om 1");
        assert_eq!(handed_over["from"]["name"], "Om 2");
        assert!(page.get("next").is_none());

        let first = agent.get(&format!("{path}/activity?limit=3")).await.ok();
        assert_eq!(kinds(&first), wanted[..3]);
        let next = first["next"].as_str().unwrap();
        let rest = agent.get(&format!("{path}/activity?limit=3&after={next}")).await.ok();
        assert_eq!(kinds(&rest), wanted[3..]);
        app.shop.outsider.get(&format!("{path}/activity")).await.problem(404, "not-found");
    }
}
