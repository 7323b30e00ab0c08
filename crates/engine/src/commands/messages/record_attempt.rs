//! Records how a try to send ended, and decides what follows: done, a new attempt later, failed, or uncertain.

use std::time::Duration;

use centrala_domain::MessageId;
use centrala_domain::content::Content;
use centrala_domain::error_code::ErrorClass;
use centrala_domain::event::Event;
use centrala_domain::message::{DeliveryStatus, Message};
use centrala_domain::ports::SendOutcome;
use centrala_store::attempts::{AttemptEnd, AttemptState};
use centrala_store::messages::{SendState, StatusChange};
use centrala_store::write::JobEnd;
use centrala_store::{Command, Ctx, Done, Error, Tx, attempts, inboxes, messages};

use super::{begin_attempt, record_status};

/// Records how a try to send ended.
#[derive(Debug)]
pub struct RecordAttempt {
    /// Which message.
    pub message: MessageId,
    /// How it ended.
    pub tried: Tried,
    /// How long to wait before the next attempt, should there be one.
    pub wait: Duration,
}

/// How a try ended.
#[derive(Debug)]
pub enum Tried {
    /// The call was made.
    Called {
        /// Number of the attempt.
        attempt: u32,
        /// How it ended.
        outcome: SendOutcome,
    },
    /// No call was made: the file could not be handed over.
    NotBegun {
        /// The channel's code.
        code: Option<i64>,
        /// What happened.
        detail: String,
        /// What to do about it.
        class: ErrorClass,
    },
}

/// A message that could not leave for this long has failed: an answer that comes a day later confuses.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);
/// Automatic attempts at most after answers of the channel.
const ATTEMPTS: u32 = 12;

impl Command for RecordAttempt {
    type Out = ();
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, Error> {
        let state = messages::send_state(&ctx.scope, tx, self.message).await?;
        let found = messages::find(&ctx.scope, tx, self.message).await?;
        let Some((state, message)) = state.zip(found) else { return Ok(Done::unchanged(())) };
        match &self.tried {
            Tried::NotBegun { code, detail, class } => {
                let begun = attempts::find(&ctx.scope, tx, message.id, state.attempt).await?;
                if begun.is_some() || state.status != DeliveryStatus::Queued {
                    return Ok(Done::unchanged(()));
                }
                attempts::begin(&ctx.scope, tx, message.id, state.attempt, message.inbox, ctx.now).await?;
                self.failed(ctx, tx, &message, state, *code, detail, *class).await
            }
            Tried::Called { attempt, outcome } => {
                if *attempt != state.attempt {
                    return Ok(Done::unchanged(()));
                }
                match outcome {
                    SendOutcome::Accepted { upstream_id } => {
                        accepted(ctx, tx, &message, state, upstream_id).await
                    }
                    SendOutcome::Unknown { detail } => unknown(ctx, tx, &message, state, detail).await,
                    SendOutcome::NotSent { detail } => {
                        self.failed(ctx, tx, &message, state, None, detail, ErrorClass::Retry).await
                    }
                    SendOutcome::Refused { error, class, .. } => {
                        self.failed(ctx, tx, &message, state, Some(error.code), &error.detail, *class).await
                    }
                }
            }
        }
    }
}

async fn accepted(
    ctx: &Ctx,
    tx: &mut Tx,
    message: &Message,
    state: SendState,
    upstream_id: &str,
) -> Result<Done<()>, Error> {
    let end = AttemptEnd {
        state: AttemptState::Accepted,
        upstream_id: Some(upstream_id),
        code: None,
        detail: None,
    };
    attempts::end(&ctx.scope, tx, message.id, state.attempt, &end, ctx.now).await?;
    // A status may have been faster than this answer; then the state is beyond "accepted" already.
    let status = state.status.advance(DeliveryStatus::Accepted);
    let change = StatusChange {
        status: status.unwrap_or(state.status),
        error_code: message.error_code,
        attempt: state.attempt,
        needs_decision: false,
        upstream_id: Some(upstream_id),
    };
    messages::set_status(&ctx.scope, tx, message.id, &change).await?;
    inboxes::note_accepted(&ctx.scope, tx, message.inbox, ctx.now).await?;
    let mut events = Vec::new();
    if let Some(status) = status {
        events.push(Event::MessageStatusChanged {
            conversation: message.conversation,
            message: message.id,
            attempt: state.attempt,
            status,
            at: ctx.now,
            error_code: None,
        });
    }
    if let Content::Reaction { target: Some(target), emoji, .. } = &message.content {
        show_reaction(ctx, tx, message, *target, emoji.as_deref(), &mut events).await?;
    }
    record_status::learned(ctx, tx, message, state.attempt, upstream_id, &mut events).await?;
    Ok(Done::new((), events))
}

async fn show_reaction(
    ctx: &Ctx,
    tx: &mut Tx,
    message: &Message,
    target: MessageId,
    emoji: Option<&str>,
    events: &mut Vec<Event>,
) -> Result<(), Error> {
    let (direction, at) = (message.direction, message.sent_at);
    if messages::set_reaction(&ctx.scope, tx, target, direction, emoji, at).await? {
        let (conversation, emoji) = (message.conversation, emoji.map(str::to_owned));
        events.push(Event::MessageReacted { conversation, message: target, direction, emoji, at });
    }
    Ok(())
}

async fn unknown(
    ctx: &Ctx,
    tx: &mut Tx,
    message: &Message,
    state: SendState,
    detail: &str,
) -> Result<Done<()>, Error> {
    if is_proven(ctx, tx, message, state).await? {
        return Ok(Done::unchanged(()));
    }
    let end =
        AttemptEnd { state: AttemptState::Uncertain, upstream_id: None, code: None, detail: Some(detail) };
    attempts::end(&ctx.scope, tx, message.id, state.attempt, &end, ctx.now).await?;
    if state.status > DeliveryStatus::Sending {
        // An earlier attempt arrived after all.
        return Ok(Done::unchanged(()));
    }
    let event = begin_attempt::set(ctx, tx, message, state, DeliveryStatus::Uncertain, None).await?;
    Ok(Done::new((), [event]))
}

/// Whether a status proved the attempt while the call still hung: no answer to the call says more than that.
async fn is_proven(ctx: &Ctx, tx: &mut Tx, message: &Message, state: SendState) -> Result<bool, Error> {
    let found = attempts::find(&ctx.scope, tx, message.id, state.attempt).await?;
    Ok(found.is_some_and(|attempt| attempt.state == AttemptState::Accepted))
}

impl RecordAttempt {
    #[expect(
        clippy::too_many_arguments,
        reason = "the facts of one failure; a struct would only rename them"
    )]
    async fn failed(
        &self,
        ctx: &Ctx,
        tx: &mut Tx,
        message: &Message,
        state: SendState,
        code: Option<i64>,
        detail: &str,
        class: ErrorClass,
    ) -> Result<Done<()>, Error> {
        if is_proven(ctx, tx, message, state).await? {
            return Ok(Done::unchanged(()));
        }
        let end = AttemptEnd { state: AttemptState::Failed, upstream_id: None, code, detail: Some(detail) };
        attempts::end(&ctx.scope, tx, message.id, state.attempt, &end, ctx.now).await?;
        let mut events = Vec::new();
        if class == ErrorClass::Credential {
            let problem =
                centrala_domain::inbox::HealthProblem { at: ctx.now, code, detail: detail.to_owned() };
            if inboxes::set_credential_problem(&ctx.scope, tx, message.inbox, &problem).await? {
                events.push(Event::InboxCredentialChanged { inbox: message.inbox, is_broken: true });
            }
        }
        if state.status > DeliveryStatus::Sending {
            // An earlier attempt arrived after all.
            return Ok(Done::new((), events));
        }
        let is_fresh = ctx.now.since(message.sent_at) < PATIENCE;
        // Handing a file over had its tries before this.
        let is_called = matches!(self.tried, Tried::Called { .. });
        let is_in_time = is_fresh && (code.is_none() || state.attempt < ATTEMPTS);
        let may_go_on = class.is_passing() && is_called && is_in_time;
        if !may_go_on {
            events.push(begin_attempt::set(ctx, tx, message, state, DeliveryStatus::Failed, code).await?);
            return Ok(Done::new((), events));
        }
        let next = SendState { attempt: state.attempt + 1, ..state };
        events.push(begin_attempt::set(ctx, tx, message, next, DeliveryStatus::Queued, None).await?);
        let at = ctx.now.plus(self.wait);
        Ok(Done::new((), events).with_job(JobEnd::Again { at, note: detail.to_owned() }))
    }
}
