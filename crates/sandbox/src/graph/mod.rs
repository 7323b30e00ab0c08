//! Meta's Graph API: one call in, one answer out, with faults, the ledger entry and the usage header around it.
//!
//! One file for each family of paths; `routes` says which path is whose.

mod access;
mod blocks;
pub(crate) mod codes;
mod content;
pub(crate) mod error;
mod interactive;
mod media;
mod messages;
mod nodes;
mod placing;
mod profile;
mod receipts;
mod routes;
mod subscriptions;
mod template_seeds;
pub(crate) mod templates;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::faults::{FaultKind, Moment, Subject, plain};
use crate::http::{Answer, Call, Outcome};
use crate::ledger::{LedgerEntry, LedgerKind};
use crate::phones::Message;
use crate::phones::life::{self, Fate};
use crate::world::{World, lock};
use error::GraphError;

/// What a path's handler gives back.
pub(crate) struct Reply {
    answer: Answer,
    accepted: Option<Accepted>,
}

/// A message that was taken over from the business.
struct Accepted {
    message: Box<Message>,
    fate: Fate,
}

impl From<Value> for Reply {
    fn from(body: Value) -> Self {
        Self { answer: Answer::json(200, &body), accepted: None }
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self { answer, accepted: None }
    }
}

/// Answers one Graph call.
pub(crate) async fn answer(world: &Arc<World>, call: Call) -> Outcome {
    let facts = Facts::of(world, &call);
    let mut ending = Ending::Answered;
    let mut refusal = None;
    for fault in world.strike(Moment::Call, &facts.subject(&call)) {
        match fault {
            FaultKind::Latency { ms } => world.pause(ms).await,
            FaultKind::Hang => {
                facts.record(world, &call, "hang", None, None);
                std::future::pending::<()>().await;
            }
            FaultKind::CutBeforeAccept => {
                facts.record(world, &call, "cut_before_accept", None, None);
                return Outcome::Cut;
            }
            FaultKind::CutAfterAccept => ending = Ending::Cut,
            FaultKind::MalformedAnswer => ending = Ending::Malformed,
            FaultKind::HttpError { status } => {
                facts.record(world, &call, "refused", Some(status), None);
                let page = "<!DOCTYPE html><html><body><h1>Sorry, something went wrong.</h1></body></html>";
                return Outcome::Answer(Answer::raw(status, "text/html; charset=utf-8", page));
            }
            other => refusal = refusal.or(refused_by(&other)),
        }
    }
    let result = match refusal {
        Some(error) => Err(error),
        None => routes::handle(world, &call).await,
    };
    match result {
        Ok(reply) => accept(world, &call, &facts, reply, ending),
        Err(error) => {
            facts.record(world, &call, "refused", Some(error.http), Some(error.code));
            let body = error.body(&world.traces.trace_id());
            Outcome::Answer(Answer::json(error.http, &body).with_header("x-app-usage", usage(world, &call)))
        }
    }
}

/// How an accepted call ends.
#[derive(Clone, Copy)]
enum Ending {
    Answered,
    Cut,
    Malformed,
}

fn refused_by(fault: &FaultKind) -> Option<GraphError> {
    match fault {
        FaultKind::ErrorCode { code } => Some(GraphError::new(*code, "This error was asked for as a fault.")),
        FaultKind::Throttle => Some(GraphError::new(
            130_429,
            "Message failed to send because there were too many messages sent from this phone number in a short period of time.",
        )),
        FaultKind::TokenRevoked => Some(GraphError::invalid_token(
            Some(467),
            "Error validating access token: The session is invalid because the user logged out.",
        )),
        _ => None,
    }
}

/// Writes the ledger, lets an accepted message live, and answers as the faults want.
fn accept(world: &Arc<World>, call: &Call, facts: &Facts, reply: Reply, ending: Ending) -> Outcome {
    let (outcome, status) = match ending {
        Ending::Answered => ("accepted", Some(reply.answer.status)),
        Ending::Cut => ("cut_after_accept", None),
        Ending::Malformed => ("malformed_answer", Some(reply.answer.status)),
    };
    let mut entry = facts.entry(call, outcome, status, None);
    match reply.accepted {
        Some(Accepted { mut message, fate }) => {
            entry.wamids = vec![message.wamid.to_string()];
            entry.reached_phone = Some(false);
            message.ledger_seq = world.record(entry);
            let wamid = message.wamid.clone();
            lock(&world.phones).remember(*message);
            life::begin(world, wamid, fate);
        }
        None => {
            world.record(entry);
        }
    }
    match ending {
        Ending::Answered => Outcome::Answer(reply.answer.with_header("x-app-usage", usage(world, call))),
        Ending::Cut => Outcome::Cut,
        Ending::Malformed => {
            Outcome::Answer(Answer::raw(200, "application/json", "{\"messaging_product\":\"whats"))
        }
    }
}

/// Percent used of the management limit of 5,000 calls. Messages do not count against it.
fn usage(world: &World, call: &Call) -> String {
    let is_message = call.segments.last().is_some_and(|edge| edge == "messages" || edge == "media");
    let calls = if is_message {
        world.management_calls.load(Ordering::Relaxed)
    } else {
        world.management_calls.fetch_add(1, Ordering::Relaxed) + 1
    };
    let percent = (calls / 50).min(79);
    json!({"call_count": percent, "total_time": percent, "total_cputime": percent}).to_string()
}

/// What selectors of faults and the ledger want to know about a call.
struct Facts {
    phone_number_id: Option<String>,
    recipients: Vec<String>,
    recipient: Option<String>,
}

impl Facts {
    fn of(world: &World, call: &Call) -> Self {
        let node = call.segments.first();
        let phone_number_id = node.filter(|id| lock(&world.accounts).lines.contains_key(*id)).cloned();
        let spelled: Vec<String> =
            ["to", "recipient"].iter().filter_map(|name| call.loose_text(name)).collect();
        let mut recipients: Vec<String> = spelled.iter().map(|text| plain(text)).collect();
        if world.faults.is_any() {
            let phones = lock(&world.phones);
            let found = recipients.iter().find_map(|address| phones.at_address(address));
            recipients.extend(found.into_iter().flat_map(|index| phones.customer(index).spellings()));
        }
        Self { phone_number_id, recipients, recipient: spelled.into_iter().next() }
    }

    fn subject<'a>(&'a self, call: &'a Call) -> Subject<'a> {
        Subject {
            phone_number_id: self.phone_number_id.as_deref(),
            recipients: &self.recipients,
            path: &call.path,
            template: None,
        }
    }

    fn entry(
        &self,
        call: &Call,
        outcome: &str,
        http_status: Option<u16>,
        error_code: Option<i64>,
    ) -> LedgerEntry {
        let mut entry = LedgerEntry::new(LedgerKind::Call, outcome);
        entry.method = Some(call.method.to_string());
        entry.path = Some(call.path.clone());
        entry.phone_number_id.clone_from(&self.phone_number_id);
        entry.recipient.clone_from(&self.recipient);
        entry.biz_opaque_callback_data = call.text("biz_opaque_callback_data").map(str::to_owned);
        // Which message a receipt is about.
        entry.wamids = call.text("message_id").map(str::to_owned).into_iter().collect();
        entry.http_status = http_status;
        entry.error_code = error_code;
        entry
    }

    fn record(
        &self,
        world: &World,
        call: &Call,
        outcome: &str,
        http_status: Option<u16>,
        error_code: Option<i64>,
    ) {
        world.record(self.entry(call, outcome, http_status, error_code));
    }
}
