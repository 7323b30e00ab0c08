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
/// Attempts that a message has in any case: where the clock was set forward, it is not as old as it seems.
const FEW_ATTEMPTS: u32 = 4;
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
        let is_patient = is_fresh || state.attempt < FEW_ATTEMPTS;
        let is_in_time = is_patient && (code.is_none() || state.attempt < ATTEMPTS);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::messages::ask_for_decision::AskForDecision;
    use crate::commands::messages::begin_attempt::{BeginAttempt, Begun};
    use crate::commands::messages::retry::{RetryError, RetryMessage};
    use crate::testing::{LIMITS, Scene};
    use centrala_domain::inbound::UpstreamError;

    fn record(message: MessageId, attempt: u32, outcome: SendOutcome) -> RecordAttempt {
        RecordAttempt { message, tried: Tried::Called { attempt, outcome }, wait: Duration::from_secs(1) }
    }

    fn refused(class: ErrorClass) -> SendOutcome {
        let error = UpstreamError { code: 190, detail: "token".into() };
        SendOutcome::Refused { error, class, retry_after: None }
    }

    #[tokio::test]
    async fn accepted_message_has_the_channels_id_and_is_not_begun_again() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let message = scene.sends(conversation, "client").await.id;
        let begin = || BeginAttempt { message, window_hours: 24 };
        let (begun, _) = scene.folds_delivery("message_sending", message, begin()).await;
        assert!(matches!(begun, Begun::Go { attempt: 1, .. }));
        let outcome = SendOutcome::Accepted { upstream_id: "wamid.out".into() };
        scene.folds_delivery("message_accepted", message, record(message, 1, outcome)).await;
        assert_eq!(scene.message(message).await.upstream_id.as_deref(), Some("wamid.out"));
        let (begun, events) = scene.folds_delivery("message_begun_again", message, begin()).await;
        assert_eq!((begun, events), (Begun::Stop, vec![]));
        let retry = scene.store.execute(scene.origin(), RetryMessage { message, limits: &LIMITS }).await;
        assert!(matches!(retry, Err(RetryError::NotFailed { status: DeliveryStatus::Accepted })));
    }

    #[tokio::test]
    async fn attempt_found_begun_is_uncertain_until_an_agent_decides() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let message = scene.sends(conversation, "client").await.id;
        let begin = || BeginAttempt { message, window_hours: 24 };
        scene.store.execute(scene.origin(), begin()).await.unwrap();
        let (begun, _) = scene.folds_delivery("message_uncertain", message, begin()).await;
        assert_eq!(begun, Begun::Stop);
        let ask = || AskForDecision { message, attempt: 1 };
        let (_, events) = scene.folds_delivery("message_needs_decision", message, ask()).await;
        assert_eq!(events, [Event::MessageNeedsDecision { conversation, message, attempt: 1 }]);
        assert_eq!(scene.folds_delivery("message_needs_decision_again", message, ask()).await.1, []);
        let retry = RetryMessage { message, limits: &LIMITS };
        scene.folds_delivery("message_retried", message, retry).await;
        assert_eq!(scene.folds_delivery("message_decided", message, ask()).await.1, []);
    }

    #[tokio::test]
    async fn refused_credential_fails_the_message_and_breaks_the_inbox_once() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        for (n, is_first) in [(1, true), (2, false)] {
            let message = scene.sends(conversation, &format!("client-{n}")).await.id;
            let begin = BeginAttempt { message, window_hours: 24 };
            scene.store.execute(scene.origin(), begin).await.unwrap();
            let outcome = refused(ErrorClass::Credential);
            let name = format!("message_failed_{n}");
            let (_, events) = scene.folds_delivery(&name, message, record(message, 1, outcome)).await;
            let broken = Event::InboxCredentialChanged { inbox: scene.inbox.id, is_broken: true };
            assert_eq!(events.contains(&broken), is_first);
            let it = scene.message(message).await;
            assert_eq!((it.status, it.error_code), (DeliveryStatus::Failed, Some(190)));
        }
    }

    #[tokio::test]
    async fn passing_refusal_waits_for_the_next_attempt() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let message = scene.sends(conversation, "client").await.id;
        for attempt in 1..=ATTEMPTS {
            let begin = BeginAttempt { message, window_hours: 24 };
            let begun = scene.store.execute(scene.origin(), begin).await.unwrap();
            assert!(matches!(begun, Begun::Go { attempt: n, .. } if n == attempt));
            let end = record(message, attempt, refused(ErrorClass::Throttle));
            match attempt {
                1 => drop(scene.folds_delivery("message_throttled", message, end).await),
                ATTEMPTS => drop(scene.folds_delivery("message_throttled_out", message, end).await),
                _ => scene.store.execute(scene.origin(), end).await.unwrap(),
            }
            let wanted = if attempt < ATTEMPTS { DeliveryStatus::Queued } else { DeliveryStatus::Failed };
            assert_eq!(scene.message(message).await.status, wanted, "after attempt {attempt}");
        }
        // What another worker says of an attempt that is over changes nothing.
        let late = record(message, 1, SendOutcome::Accepted { upstream_id: "wamid.late".into() });
        assert_eq!(scene.folds_delivery("message_outdated", message, late).await.1, []);
    }
}
