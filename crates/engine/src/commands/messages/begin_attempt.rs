//! Says, durably and before the call, that a message is about to be sent. Whoever finds a begun attempt without
//! an end knows that its outcome is unknown; the message is not sent again.

use std::time::Duration;

use centrala_domain::event::Event;
use centrala_domain::inbound::callback_data;
use centrala_domain::message::{DeliveryStatus, Message};
use centrala_domain::ports::{Outgoing, Recipient};
use centrala_domain::{MessageId, message::Direction};
use centrala_store::attempts::{AttemptEnd, AttemptState};
use centrala_store::messages::{SendState, StatusChange};
use centrala_store::write::JobEnd;
use centrala_store::{Command, Ctx, Done, Error, Tx, attempts, contacts, conversations, media, messages};

/// Begins the current attempt of a message.
#[derive(Debug)]
pub struct BeginAttempt {
    /// Which message.
    pub message: MessageId,
    /// Hours after the customer's last message in which it may go out.
    pub window_hours: u32,
}

/// What to do now.
#[derive(Debug, Clone, PartialEq)]
pub enum Begun {
    /// Make the call.
    Go {
        /// What to send.
        outgoing: Box<Outgoing>,
        /// Number of the attempt.
        attempt: u32,
    },
    /// Make no call: the message is settled, or its outcome is unknown.
    Stop,
}

/// The window closed while the message waited (the channel's own code, `cloud-api.md` section 14).
const WINDOW_CLOSED: i64 = 131_047;

impl Command for BeginAttempt {
    type Out = Begun;
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Begun>, Error> {
        let state = messages::send_state(&ctx.scope, tx, self.message).await?;
        let found = messages::find(&ctx.scope, tx, self.message).await?;
        let Some((state, message)) = state.zip(found) else { return Ok(Done::unchanged(Begun::Stop)) };
        if let Some(begun) = attempts::find(&ctx.scope, tx, message.id, state.attempt).await? {
            return match begun.state {
                AttemptState::InFlight => died_during_call(ctx, tx, &message, state).await,
                AttemptState::Accepted | AttemptState::Failed | AttemptState::Uncertain => {
                    Ok(Done::unchanged(Begun::Stop))
                }
            };
        }
        if message.direction != Direction::Out || state.status != DeliveryStatus::Queued {
            return Ok(Done::unchanged(Begun::Stop));
        }
        attempts::begin(&ctx.scope, tx, message.id, state.attempt, message.inbox, ctx.now).await?;
        let Some(outgoing) = self.outgoing(ctx, tx, &message, state.attempt).await? else {
            return refuse(ctx, tx, &message, state).await;
        };
        let event = set(ctx, tx, &message, state, DeliveryStatus::Sending, None).await?;
        let go = Begun::Go { outgoing: Box::new(outgoing), attempt: state.attempt };
        Ok(Done::new(go, [event]).with_job(JobEnd::Continue))
    }
}

impl BeginAttempt {
    /// None when the window has closed.
    async fn outgoing(
        &self,
        ctx: &Ctx,
        tx: &mut Tx,
        message: &Message,
        attempt: u32,
    ) -> Result<Option<Outgoing>, Error> {
        let gone = |what: &str| Error::Corrupt(format!("the {what} of a queued message is gone"));
        let conversation = conversations::find(&ctx.scope, tx, message.conversation).await?;
        let conversation = conversation.ok_or_else(|| gone("conversation"))?;
        let window = Duration::from_secs(u64::from(self.window_hours) * 3600);
        if !conversation.is_window_open(window, ctx.now) {
            return Ok(None);
        }
        let identity = contacts::identity(&ctx.scope, tx, conversation.identity).await?;
        let identity = identity.ok_or_else(|| gone("identity"))?;
        let quoted = match message.reply_to {
            Some(quoted) => {
                messages::find(&ctx.scope, tx, quoted).await?.and_then(|quoted| quoted.upstream_id)
            }
            None => None,
        };
        let upstream_media_id = match message.content.media() {
            Some(file) => media::find_upload(&ctx.scope, tx, file, message.inbox, ctx.now).await?,
            None => None,
        };
        Ok(Some(Outgoing {
            to: Recipient::of(&identity),
            content: message.content.clone(),
            upstream_media_id,
            reply_to_upstream_id: quoted,
            callback_data: callback_data(message.id, attempt),
        }))
    }
}

async fn died_during_call(
    ctx: &Ctx,
    tx: &mut Tx,
    message: &Message,
    state: SendState,
) -> Result<Done<Begun>, Error> {
    let detail = "the program ended during the call";
    let end =
        AttemptEnd { state: AttemptState::Uncertain, upstream_id: None, code: None, detail: Some(detail) };
    attempts::end(&ctx.scope, tx, message.id, state.attempt, &end, ctx.now).await?;
    if state.status >= DeliveryStatus::Uncertain {
        return Ok(Done::unchanged(Begun::Stop));
    }
    let event = set(ctx, tx, message, state, DeliveryStatus::Uncertain, None).await?;
    Ok(Done::new(Begun::Stop, [event]))
}

async fn refuse(ctx: &Ctx, tx: &mut Tx, message: &Message, state: SendState) -> Result<Done<Begun>, Error> {
    let detail = "the service window closed while the message waited";
    let end = AttemptEnd {
        state: AttemptState::Failed,
        upstream_id: None,
        code: Some(WINDOW_CLOSED),
        detail: Some(detail),
    };
    attempts::end(&ctx.scope, tx, message.id, state.attempt, &end, ctx.now).await?;
    let event = set(ctx, tx, message, state, DeliveryStatus::Failed, Some(WINDOW_CLOSED)).await?;
    Ok(Done::new(Begun::Stop, [event]))
}

/// Writes a state of the current attempt and gives the fact.
pub(super) async fn set(
    ctx: &Ctx,
    tx: &mut Tx,
    message: &Message,
    state: SendState,
    status: DeliveryStatus,
    error_code: Option<i64>,
) -> Result<Event, Error> {
    let change =
        StatusChange { status, error_code, attempt: state.attempt, needs_decision: false, upstream_id: None };
    messages::set_status(&ctx.scope, tx, message.id, &change).await?;
    Ok(Event::MessageStatusChanged {
        conversation: message.conversation,
        message: message.id,
        attempt: state.attempt,
        status,
        at: ctx.now,
        error_code,
    })
}
