//! Names of the domain's enums for the API description. Never made: the values themselves are the domain's.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// What an agent may do.
#[derive(Debug, ToSchema)]
#[schema(as = Role, rename_all = "snake_case")]
pub enum RoleSchema {
    /// Works with conversations in the inboxes he is a member of.
    Agent,
    /// Also manages inboxes, agents and labels.
    Admin,
    /// Also manages owners and the workspace itself.
    Owner,
}

/// Language of screens.
#[derive(Debug, ToSchema)]
#[schema(as = Language, rename_all = "lowercase")]
pub enum LanguageSchema {
    /// English.
    En,
    /// Romanian.
    Ro,
}

/// Kind of transport.
#[derive(Debug, ToSchema)]
#[schema(as = ChannelKind, rename_all = "snake_case")]
pub enum ChannelKindSchema {
    /// WhatsApp Business Platform, Cloud API.
    WhatsappCloud,
}

/// How a check ended.
#[derive(Debug, ToSchema)]
#[schema(as = Verdict, rename_all = "snake_case")]
pub enum VerdictSchema {
    /// As it should be.
    Fine,
    /// Works, but someone should look.
    Warning,
    /// Does not work.
    Broken,
    /// Could not be found out.
    Unknown,
}

/// A day of the week.
#[derive(Debug, ToSchema)]
#[schema(as = Weekday, rename_all = "snake_case")]
#[expect(missing_docs, reason = "everybody knows them")]
pub enum WeekdaySchema {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// What a check of an endpoint saw, as a name with its values.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "code", content = "params", rename_all = "snake_case")]
#[schema(as = EvidenceSaid)]
#[expect(missing_docs, reason = "the members say what the variant's sentence names")]
pub enum FoundSchema {
    /// The channel could not be asked now.
    NotAsked { why: String },
    /// The channel refused to answer.
    Refused { why: String },
    /// The app id or the app secret is not set, so the token cannot be looked at.
    AppNotSet,
    /// The access token is valid and does not expire.
    TokenFine,
    /// The access token is valid for some time.
    TokenExpires {
        #[schema(format = DateTime)]
        at: String,
    },
    /// The access token is not valid.
    TokenInvalid { why: String },
    /// The access token lacks a permission.
    TokenLacks { permission: String },
    /// The access token belongs to another app.
    TokenOfAnotherApp,
    /// What the channel says of the number, in its own words; none where it says nothing.
    Number { status: Option<String>, quality: Option<String>, name_status: Option<String>, is_test: bool },
    /// The app is not subscribed to the account's webhooks.
    NotSubscribed,
    /// The app is subscribed, with an address of its own for this account.
    SubscribedHere,
    /// The app is subscribed, with the app's own webhook address.
    SubscribedByApp,
    /// Whether the channel lets the number send, in its own words, and what stands in the way.
    Sending { state: Option<String>, obstacles: Vec<ObstacleSchema> },
}

/// Something that stands in the way of sending, in the channel's own words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Obstacle)]
pub struct ObstacleSchema {
    /// Which part of the endpoint: `PHONE_NUMBER`, `WABA`, ...
    #[schema(example = "WABA")]
    part: Option<String>,
    /// The channel's code.
    error_code: Option<i64>,
    /// What is wrong.
    description: String,
    /// What to do about it.
    solution: String,
}

/// Who caused something.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = Actor)]
pub enum CauserSchema {
    /// A person who is signed in, or his API token.
    Agent {
        /// Which.
        #[schema(example = "agt_0000000000000000000000000e")]
        id: String,
    },
    /// A customer, through a channel.
    Contact {
        /// Which.
        #[schema(example = "con_0000000000000000000000000e")]
        id: String,
    },
    /// The product itself: timers, projections, reconciliation.
    System,
}

/// What happened: its kind, and ids, states and instants beside it. Kinds and members are only ever added: ignore
/// unknown ones.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event, example = json!({"kind": "conversation_read", "conversation": "conv_0000000000000000000000000e"}))]
pub struct EventSchema {
    /// Name of the kind.
    kind: String,
    /// The rest.
    #[serde(flatten)]
    members: BTreeMap<String, serde_json::Value>,
}

/// A fact with its circumstances.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Recorded)]
pub struct RecordedSchema {
    /// Number in the workspace: without gaps, in order of commit.
    #[schema(example = 4712)]
    seq: i64,
    /// Id.
    #[schema(example = "evt_0000000000000000000000000e")]
    id: String,
    /// When.
    #[schema(format = DateTime, example = "2026-11-22T12:00:00Z")]
    at: String,
    /// Who caused it.
    actor: CauserSchema,
    /// The fact that caused it, if a reaction did.
    #[schema(value_type = String, required = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// How many reactions deep.
    depth: u8,
    /// What set it in motion.
    #[schema(example = "trc_0000000000000000000000000e")]
    trace: String,
    /// The fact.
    event: EventSchema,
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_domain::agent::Actor;
    use centrala_domain::event::{Event, Recorded};
    use centrala_domain::ports::{Found, Obstacle};
    use centrala_domain::{AgentId, ContactId, ConversationId, EventId, Timestamp, TraceId};

    /// The description of what the domain found, member by member.
    fn described(found: Found) -> FoundSchema {
        match found {
            Found::NotAsked { why } => FoundSchema::NotAsked { why },
            Found::Refused { why } => FoundSchema::Refused { why },
            Found::AppNotSet => FoundSchema::AppNotSet,
            Found::TokenFine => FoundSchema::TokenFine,
            Found::TokenExpires { at } => FoundSchema::TokenExpires { at: at.to_rfc3339() },
            Found::TokenInvalid { why } => FoundSchema::TokenInvalid { why },
            Found::TokenLacks { permission } => FoundSchema::TokenLacks { permission },
            Found::TokenOfAnotherApp => FoundSchema::TokenOfAnotherApp,
            Found::Number { status, quality, name_status, is_test } => {
                FoundSchema::Number { status, quality, name_status, is_test }
            }
            Found::NotSubscribed => FoundSchema::NotSubscribed,
            Found::SubscribedHere => FoundSchema::SubscribedHere,
            Found::SubscribedByApp => FoundSchema::SubscribedByApp,
            Found::Sending { state, obstacles } => {
                let obstacles =
                    obstacles.into_iter().map(|Obstacle { part, error_code, description, solution }| {
                        ObstacleSchema { part, error_code, description, solution }
                    });
                FoundSchema::Sending { state, obstacles: obstacles.collect() }
            }
        }
    }

    #[test]
    fn facts_are_described_as_they_are() {
        let id = uuid::Uuid::nil();
        for (actor, cause) in [
            (Actor::System, None),
            (Actor::Agent { id: AgentId(id) }, Some(EventId(id))),
            (Actor::Contact { id: ContactId(id) }, None),
        ] {
            let event = Event::ConversationRead { conversation: ConversationId(id) };
            let trace = TraceId(id);
            let fact =
                Recorded { seq: 1, id: EventId(id), at: Timestamp(0), actor, cause, depth: 1, trace, event };
            let wanted = serde_json::to_value(&fact).unwrap();
            let Recorded { seq, id, at, actor, cause, depth, trace, event } = fact;
            let described = RecordedSchema {
                seq,
                id: id.to_string(),
                at: at.to_rfc3339(),
                actor: match actor {
                    Actor::Agent { id } => CauserSchema::Agent { id: id.to_string() },
                    Actor::Contact { id } => CauserSchema::Contact { id: id.to_string() },
                    Actor::System => CauserSchema::System,
                },
                cause: cause.map(|cause| cause.to_string()),
                depth,
                trace: trace.to_string(),
                event: EventSchema {
                    kind: event.kind().into(),
                    members: std::iter::once((
                        "conversation".to_owned(),
                        wanted["event"]["conversation"].clone(),
                    ))
                    .collect(),
                },
            };
            assert_eq!(serde_json::to_value(described).unwrap(), wanted);
        }
    }

    #[test]
    fn evidence_is_described_as_it_is() {
        let text = || "x".to_owned();
        let some = || Some(text());
        let obstacle = Obstacle { part: some(), error_code: Some(7), description: text(), solution: text() };
        for found in [
            Found::NotAsked { why: text() },
            Found::Refused { why: text() },
            Found::AppNotSet,
            Found::TokenFine,
            Found::TokenExpires { at: Timestamp(0) },
            Found::TokenInvalid { why: text() },
            Found::TokenLacks { permission: text() },
            Found::TokenOfAnotherApp,
            Found::Number { status: some(), quality: some(), name_status: None, is_test: true },
            Found::NotSubscribed,
            Found::SubscribedHere,
            Found::SubscribedByApp,
            Found::Sending { state: some(), obstacles: vec![obstacle] },
        ] {
            let wanted = serde_json::to_value(&found).unwrap();
            assert_eq!(serde_json::to_value(described(found)).unwrap(), wanted);
        }
    }
}
