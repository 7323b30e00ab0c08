//! `GET /messages/{message}/trace`: the journey of a message, for whoever sees the message.

use axum::extract::State;
use centrala_domain::agent::Actor;
use centrala_domain::event::Recorded;
use centrala_domain::inbound::Pricing;
use centrala_domain::message::DeliveryStatus;
use centrala_domain::{ChannelKind, MessageId, ReceiptId, Timestamp, TraceId};
use centrala_store::attempts::{self, Attempt, AttemptState, StatusRecord};
use centrala_store::receipts::{self, ReceiptRecord};
use centrala_store::{events, inboxes, jobs, messages};
use serde::Serialize;
use utoipa::ToSchema;

use super::out::{DeliveryStatusSchema, ErrorOut, error_out};
use crate::auth::{Allowed, ReadConversations};
use crate::problem::{Answer, Problem};
use crate::routes::conversations::ActorOut;
use crate::routes::input::Path;
use crate::routes::jobs::JobOut;
use crate::state::App;

/// The delivery that a message came in, without its body.
#[derive(Debug, Serialize, ToSchema)]
pub struct TraceReceiptOut {
    /// Id.
    #[schema(value_type = String, example = "rcp_0000000000000000000000000e")]
    id: ReceiptId,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// `received`, `applied`, `rejected`.
    #[schema(example = "applied")]
    state: String,
    /// When it was dealt with.
    #[schema(value_type = Option<String>, format = DateTime)]
    applied_at: Option<Timestamp>,
    /// Size of its body.
    size_bytes: i64,
}

/// A fact about a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct TraceEventOut {
    /// Number in the workspace.
    seq: i64,
    /// Kind of the fact.
    #[schema(example = "message_queued")]
    kind: &'static str,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who caused it.
    actor: ActorOut,
    /// What set it in motion.
    #[schema(value_type = String, example = "trc_0000000000000000000000000e")]
    trace: TraceId,
}

/// State of one try.
#[derive(Debug, ToSchema)]
#[schema(as = AttemptState, rename_all = "snake_case")]
pub enum AttemptStateSchema {
    /// The call is under way, or the process died during it.
    InFlight,
    /// The channel took the message.
    Accepted,
    /// It did not go out.
    Failed,
    /// It may have gone out.
    Uncertain,
}

/// One try to send.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptOut {
    /// Number, from 1.
    n: u32,
    /// How it stands.
    #[schema(value_type = AttemptStateSchema)]
    state: AttemptState,
    /// Written before the call.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// Written after it.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// The channel's id of the message.
    upstream_id: Option<String>,
    /// Why it failed, in the words of the catalogue.
    error: Option<ErrorOut>,
    /// What happened, in the channel's words.
    detail: Option<String>,
}

/// What the channel says a message costs.
#[derive(Debug, Serialize, ToSchema)]
pub struct PricingOut {
    /// Whether it is charged.
    is_billable: bool,
    /// `regular`, `free_customer_service`, `free_entry_point`.
    kind: Option<String>,
    /// `service`, `utility`, `marketing`, ...
    category: Option<String>,
    /// `PMP`, `CBP`.
    model: Option<String>,
}

/// What the channel said of a try.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusOut {
    /// Number of the try.
    attempt: u32,
    /// What was claimed.
    #[schema(value_type = DeliveryStatusSchema)]
    status: DeliveryStatus,
    /// Provider's time.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// When it reached us.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// The price.
    pricing: Option<PricingOut>,
    /// Why it failed, in the words of the catalogue.
    error: Option<ErrorOut>,
    /// What the channel said.
    detail: Option<String>,
    /// Delivery that it came in.
    #[schema(value_type = Option<String>)]
    receipt: Option<ReceiptId>,
}

/// Where a step comes from; the order is that of cause and effect at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepPart {
    /// A delivery of the channel.
    Receipt,
    /// What the channel said of a try.
    Status,
    /// A fact.
    Event,
    /// Background work.
    Job,
    /// A try to send.
    Attempt,
}

/// One step of a journey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StepOut {
    /// When, by our clock.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Which of the parts tells more.
    part: StepPart,
    /// Which entry of that part: its id, `seq` or number.
    #[schema(example = "1")]
    reference: String,
    /// What happened: the state that was reached, or the kind of the fact.
    #[schema(example = "accepted")]
    what: String,
}

/// The journey of a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct TraceOut {
    /// The message.
    #[schema(value_type = String, example = "msg_0000000000000000000000000e")]
    message: MessageId,
    /// What the request or delivery set in motion that it belongs to.
    #[schema(value_type = String, example = "trc_0000000000000000000000000e")]
    trace: TraceId,
    /// Everything in the order in which it happened here.
    steps: Vec<StepOut>,
    /// The delivery that it came in, while it is kept.
    receipt: Option<TraceReceiptOut>,
    /// The facts.
    events: Vec<TraceEventOut>,
    /// The background work.
    jobs: Vec<JobOut>,
    /// The tries to send.
    attempts: Vec<AttemptOut>,
    /// What the channel said of them.
    statuses: Vec<StatusOut>,
}

/// Show the journey of a message.
///
/// Delivery, facts, background work, tries and what the channel said of them: as one list of steps, and each
/// part with its details.
#[utoipa::path(get, path = "/api/v1/messages/{message}/trace", tag = "messages",
    params(("message" = String, Path, description = "Message", example = "msg_0000000000000000000000000e")),
    responses((status = 200, description = "The journey", body = TraceOut)))]
pub async fn get_message_trace(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    Path(id): Path<MessageId>,
) -> Answer<axum::Json<TraceOut>> {
    let scope = &allowed.scope;
    let mut reader = app.store.read().await?;
    let message = messages::find(scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    let state = messages::send_state(scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    let kind = inboxes::find(scope, &mut reader, message.inbox).await?.map(|inbox| inbox.channel());
    let receipt = match state.receipt {
        Some(receipt) => receipts::find(scope, &mut reader, receipt).await?,
        None => None,
    };
    let events = events::of_message(scope, &mut reader, id).await?;
    let jobs = jobs::of_message(scope, &mut reader, id).await?;
    let attempts = attempts::of_message(scope, &mut reader, id).await?;
    let statuses = attempts::statuses(scope, &mut reader, id).await?;
    drop(reader);
    Ok(axum::Json(TraceOut {
        message: id,
        trace: state.trace,
        steps: steps(receipt.as_ref(), &events, &jobs, &attempts, &statuses),
        receipt: receipt.map(receipt_out),
        events: events.iter().map(event_out).collect(),
        jobs: jobs.into_iter().map(JobOut::from).collect(),
        attempts: attempts.into_iter().map(|attempt| attempt_out(&app, kind, attempt)).collect(),
        statuses: statuses.into_iter().map(|status| status_out(&app, kind, status)).collect(),
    }))
}

fn steps(
    receipt: Option<&ReceiptRecord>,
    events: &[Recorded],
    jobs: &[jobs::JobRecord],
    attempts: &[Attempt],
    statuses: &[StatusRecord],
) -> Vec<StepOut> {
    let mut steps = Vec::new();
    let mut add = |at: Timestamp, part: StepPart, reference: &dyn std::fmt::Display, what: &str| {
        steps.push(StepOut { at, part, reference: reference.to_string(), what: what.to_owned() });
    };
    if let Some(receipt) = receipt {
        add(receipt.received_at, StepPart::Receipt, &receipt.id, "received");
        if let Some(at) = receipt.applied_at {
            add(at, StepPart::Receipt, &receipt.id, &receipt.state);
        }
    }
    for fact in events {
        add(fact.at, StepPart::Event, &fact.seq, fact.event.kind());
    }
    for job in jobs {
        add(job.created_at, StepPart::Job, &job.id, "added");
        if let Some(at) = job.finished_at {
            add(at, StepPart::Job, &job.id, &job.state);
        }
    }
    for attempt in attempts {
        add(attempt.started_at, StepPart::Attempt, &attempt.n, "started");
        if let Some(at) = attempt.ended_at {
            add(at, StepPart::Attempt, &attempt.n, name(attempt.state));
        }
    }
    for status in statuses {
        add(status.received_at, StepPart::Status, &status.attempt, status.status.as_str());
    }
    // What stands at the same instant keeps its order within a part.
    steps.sort_by_key(|step| (step.at, step.part));
    steps
}

const fn name(state: AttemptState) -> &'static str {
    match state {
        AttemptState::InFlight => "in_flight",
        AttemptState::Accepted => "accepted",
        AttemptState::Failed => "failed",
        AttemptState::Uncertain => "uncertain",
    }
}

fn receipt_out(it: ReceiptRecord) -> TraceReceiptOut {
    TraceReceiptOut {
        id: it.id,
        received_at: it.received_at,
        state: it.state,
        applied_at: it.applied_at,
        size_bytes: it.size_bytes,
    }
}

fn event_out(it: &Recorded) -> TraceEventOut {
    let actor: &Actor = &it.actor;
    TraceEventOut {
        seq: it.seq,
        kind: it.event.kind(),
        at: it.at,
        actor: ActorOut::new(*actor, None),
        trace: it.trace,
    }
}

fn attempt_out(app: &App, kind: Option<ChannelKind>, it: Attempt) -> AttemptOut {
    AttemptOut {
        n: it.n,
        state: it.state,
        started_at: it.started_at,
        ended_at: it.ended_at,
        upstream_id: it.upstream_id,
        error: it.code.map(|code| error_out(app, kind, code)),
        detail: it.detail,
    }
}

fn status_out(app: &App, kind: Option<ChannelKind>, it: StatusRecord) -> StatusOut {
    let pricing = it.pricing.map(|it| {
        let Pricing { is_billable, kind, category, model } = it;
        PricingOut { is_billable, kind, category, model }
    });
    StatusOut {
        attempt: it.attempt,
        status: it.status,
        at: it.at,
        received_at: it.received_at,
        pricing,
        error: it.code.map(|code| error_out(app, kind, code)),
        detail: it.detail,
        receipt: it.receipt,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::routes::scene::{accepted, customer_writes, graph, run_jobs, status};
    use crate::testing::TestApp;

    fn told(trace: &Value) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let steps = trace["steps"].as_array().unwrap().iter();
        steps.map(|step| (text(&step["part"]), text(&step["what"]))).collect()
    }

    #[tokio::test]
    async fn whole_journey_of_a_message_is_told_in_order() {
        let app = TestApp::start().await;
        let second = std::time::Duration::from_secs(1);
        graph(&app, &app.shop, 200, accepted("wamid.OUT")).await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Aveți colivă?").await;
        app.clock.advance(second);
        let path = format!("/api/v1/conversations/{}/messages", heard.conversation);
        let body = json!({"client_id": "c-1", "content": {"type": "text", "body": "Da."}});
        let sent = app.shop.agent.post(&path, body).await.created();
        app.clock.advance(second);
        run_jobs(&app).await;
        app.clock.advance(second);
        status(&app, &app.shop, "wamid.OUT", "delivered").await;

        let path = format!("/api/v1/messages/{}", sent["id"].as_str().unwrap());
        assert_eq!(app.shop.agent.get(&path).await.ok()["status"], "delivered");
        let trace = app.shop.agent.get(&format!("{path}/trace")).await.ok();

        let of = |part: &str| -> Vec<String> {
            told(&trace).into_iter().filter(|(of, _)| of == part).map(|(_, what)| what).collect()
        };
        assert_eq!(of("attempt"), ["started", "accepted"]);
        assert_eq!(of("job"), ["added", "done"]);
        assert_eq!(of("status"), ["delivered"]);
        assert_eq!(of("event").first().map(String::as_str), Some("message_queued"));
        assert_eq!(trace["attempts"][0]["upstream_id"], "wamid.OUT");
        assert_eq!(trace["jobs"][0]["kind"], "send_message");
        assert_eq!(trace["statuses"][0]["pricing"]["category"], "service");
        assert_eq!(trace["events"][0]["actor"]["id"], json!(app.shop.agent.id));
        assert!(trace["steps"].as_array().unwrap().is_sorted_by_key(|step| step["at"].as_str().unwrap()));

        let inbound = format!("/api/v1/messages/{}/trace", heard.message);
        let trace = app.shop.agent.get(&inbound).await.ok();
        assert_eq!(trace["receipt"]["id"], json!(heard.receipt));
        assert_eq!(
            told(&trace)[..2],
            [("receipt".into(), "received".into()), ("receipt".into(), "applied".into())]
        );
        app.shop.outsider.get(&inbound).await.problem(404, "not-found");
        app.other.owner.get(&inbound).await.problem(404, "not-found");
    }
}
