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

use super::receive;
use crate::commands::receipts::delivery::Delivery;

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
            let is_proof = attempt.upstream_id.is_none();
            if is_proof {
                prove(ctx, tx, &attempt, &inbound.upstream_id).await?;
            }
            let record = StatusRecord { attempt: attempt.n, ..record };
            apply(ctx, tx, &message, &record, Some(&inbound.upstream_id), events).await?;
            if is_proof {
                learned(ctx, tx, &message, attempt.n, &inbound.upstream_id, events).await?;
            }
            Ok(())
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

/// The channel's id of an attempt is known from now on: applies what came before that and named the message by
/// that id alone.
pub(super) async fn learned(
    ctx: &Ctx,
    tx: &mut Tx,
    message: &Message,
    attempt: u32,
    upstream_id: &str,
    events: &mut Vec<Event>,
) -> Result<(), Error> {
    for record in attempts::take_unmatched(&ctx.scope, tx, message.inbox, upstream_id, attempt).await? {
        apply(ctx, tx, message, &record, Some(upstream_id), events).await?;
    }
    receive::apply_waiting_for(ctx, tx, message, upstream_id, events).await
}

/// Whether the state of an earlier attempt speaks for the message: when it arrived, or when it left and the next
/// attempt has not begun.
async fn outweighs_next(
    ctx: &Ctx,
    tx: &mut Tx,
    message: &Message,
    record: &StatusRecord,
    now: DeliveryStatus,
) -> Result<bool, Error> {
    if record.status >= DeliveryStatus::Delivered {
        return Ok(true);
    }
    if record.status != DeliveryStatus::Sent || now != DeliveryStatus::Queued {
        return Ok(false);
    }
    let said = attempts::statuses(&ctx.scope, tx, message.id).await?;
    let has_failed = |it: &StatusRecord| it.attempt == record.attempt && it.status == DeliveryStatus::Failed;
    Ok(!said.iter().any(has_failed))
}

/// Whether an agent said what became of it: otherwise the channel's id or a code would come with such a state.
fn is_settled(message: &Message) -> bool {
    matches!(message.status, DeliveryStatus::Sent | DeliveryStatus::Failed)
        && message.upstream_id.is_none()
        && message.error_code.is_none()
}

/// Keeps a status of a known attempt and moves the message's state.
async fn apply(
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
    let is_earlier = record.attempt != state.attempt;
    if is_earlier && !outweighs_next(ctx, tx, message, record, state.status).await? {
        return Ok(());
    }
    // What an agent said of a message counts until the channel says something.
    let known = if is_settled(message) { DeliveryStatus::Uncertain } else { state.status };
    let Some(status) = known.advance(record.status) else { return Ok(()) };
    // An attempt that waits is not made any more; what else is said of the earlier one counts again.
    let attempt = if state.status == DeliveryStatus::Queued { record.attempt } else { state.attempt };
    let error_code = record.code.filter(|_| status == DeliveryStatus::Failed);
    let change = StatusChange { status, error_code, attempt, needs_decision: false, upstream_id };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::messages::begin_attempt::BeginAttempt;
    use crate::commands::receipts::apply::ApplyReceipts;
    use crate::testing::Scene;
    use centrala_domain::contact::Sighting;
    use centrala_domain::inbound::{Item, UpstreamError, callback_data};

    #[tokio::test]
    async fn each_status_moves_the_message_up_and_an_older_one_changes_nothing() {
        let scene = Scene::new().await;
        let conversation = scene.customer_writes("wamid.1").await.id;
        let message = scene.sends(conversation, "client").await.id;
        let begin = BeginAttempt { message, window_hours: 24 };
        scene.store.execute(scene.origin(), begin).await.unwrap();
        for (status, moves) in [
            (DeliveryStatus::Sent, true),
            (DeliveryStatus::Failed, true),
            (DeliveryStatus::Delivered, true),
            (DeliveryStatus::Sent, false),
            (DeliveryStatus::Read, true),
            (DeliveryStatus::Read, false),
            (DeliveryStatus::Failed, false),
        ] {
            let error = UpstreamError { code: 131_026, detail: "undeliverable".into() };
            let item = Item::Status(Box::new(InboundStatus {
                upstream_id: "wamid.out".into(),
                status,
                at: scene.now(),
                callback_data: Some(callback_data(message, 1)),
                recipient: Sighting::default(),
                pricing: None,
                error: (status == DeliveryStatus::Failed).then_some(error),
            }));
            let apply = ApplyReceipts { deliveries: vec![scene.delivery([item]).await], is_part: false };
            let name = format!("status_{}_{}", status.as_str(), if moves { "new" } else { "old" });
            let (_, events) = scene.folds_delivery(&name, message, apply).await;
            assert_eq!(events.len(), usize::from(moves), "{name}");
        }
        let mut reader = scene.store.read().await.unwrap();
        let said = attempts::statuses(&scene.scope(), &mut reader, message).await.unwrap();
        assert_eq!(said.len(), 4, "each is kept once");
    }
}
