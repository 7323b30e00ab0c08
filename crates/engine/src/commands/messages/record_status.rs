//! What the channel says of a message of ours. Part of the commands that apply receipts and record attempts.
//!
//! Statuses come in any order, twice, or before our own bookkeeping: each is kept once, and the message's state
//! only ever moves up the lattice.

use centrala_domain::InboxId;
use centrala_domain::event::Event;
use centrala_domain::inbound::{InboundStatus, parse_callback_data};
use centrala_domain::message::{DeliveryStatus, Message};
use centrala_store::attempts::{Attempt, AttemptEnd, AttemptState, StatusRecord};
use centrala_store::messages::StatusChange;
use centrala_store::{Ctx, Error, Tx, attempts, messages};

use crate::commands::receipts::apply::Delivery;

/// Applies a status, or keeps it until its message is known.
pub(crate) async fn status(
    ctx: &Ctx,
    tx: &mut Tx,
    delivery: &Delivery,
    inbox: InboxId,
    inbound: &InboundStatus,
    events: &mut Vec<Event>,
) -> Result<(), Error> {
    let record = StatusRecord {
        attempt: 0,
        status: inbound.status,
        at: inbound.at,
        received_at: delivery.received_at,
        code: inbound.error.as_ref().map(|error| error.code),
        detail: inbound.error.as_ref().map(|error| error.detail.clone()),
        pricing: inbound.pricing.clone(),
        receipt: Some(delivery.receipt),
    };
    match find(ctx, tx, inbox, inbound).await? {
        None => attempts::put_unmatched(&ctx.scope, tx, inbox, &inbound.upstream_id, &record).await,
        Some((message, attempt)) => {
            if attempt.upstream_id.is_none() {
                prove(ctx, tx, &attempt, &inbound.upstream_id).await?;
            }
            let record = StatusRecord { attempt: attempt.n, ..record };
            apply(ctx, tx, &message, &record, Some(&inbound.upstream_id), events).await
        }
    }
}

/// By our own reference, which comes back even when we never saw the answer to the call; else by the channel's
/// id.
async fn find(
    ctx: &Ctx,
    tx: &mut Tx,
    inbox: InboxId,
    inbound: &InboundStatus,
) -> Result<Option<(Message, Attempt)>, Error> {
    let reference = inbound.callback_data.as_deref().and_then(parse_callback_data);
    let by_reference = match reference {
        Some((message, n)) => attempts::find(&ctx.scope, tx, message, n).await?,
        None => None,
    };
    let is_this_one =
        |attempt: &Attempt| attempt.upstream_id.as_ref().is_none_or(|id| *id == inbound.upstream_id);
    let attempt = match by_reference.filter(is_this_one) {
        Some(attempt) => Some(attempt),
        None => attempts::find_by_upstream_id(&ctx.scope, tx, inbox, &inbound.upstream_id).await?,
    };
    let Some(attempt) = attempt else { return Ok(None) };
    let message = messages::find(&ctx.scope, tx, attempt.message).await?;
    Ok(message.filter(|message| message.inbox == inbox).map(|message| (message, attempt)))
}

/// A status is proof that the channel took the message, whatever became of the call.
async fn prove(ctx: &Ctx, tx: &mut Tx, attempt: &Attempt, upstream_id: &str) -> Result<(), Error> {
    let end = AttemptEnd {
        state: AttemptState::Accepted,
        upstream_id: Some(upstream_id),
        code: None,
        detail: Some("proven by a status"),
    };
    attempts::end(&ctx.scope, tx, attempt.message, attempt.n, &end, ctx.now).await
}

/// Keeps a status of a known attempt and moves the message's state.
pub(crate) async fn apply(
    ctx: &Ctx,
    tx: &mut Tx,
    message: &Message,
    record: &StatusRecord,
    upstream_id: Option<&str>,
    events: &mut Vec<Event>,
) -> Result<(), Error> {
    if !attempts::put_status(&ctx.scope, tx, message.id, record).await? {
        return Ok(());
    }
    let Some(state) = messages::send_state(&ctx.scope, tx, message.id).await? else { return Ok(()) };
    // A later attempt is under way: only proof that the earlier one arrived counts.
    let counts = record.attempt == state.attempt || record.status >= DeliveryStatus::Delivered;
    let Some(status) = state.status.advance(record.status).filter(|_| counts) else { return Ok(()) };
    let error_code = record.code.filter(|_| status == DeliveryStatus::Failed);
    let change =
        StatusChange { status, error_code, attempt: state.attempt, needs_decision: false, upstream_id };
    messages::set_status(&ctx.scope, tx, message.id, &change).await?;
    events.push(Event::MessageStatusChanged {
        conversation: message.conversation,
        message: message.id,
        attempt: record.attempt,
        status,
        at: record.at,
        error_code,
    });
    Ok(())
}
