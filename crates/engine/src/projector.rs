//! Applies raw deliveries in order of arrival: takes them apart with their channel's parser, executes the
//! command. One projector at a time, by lease.

use std::time::Duration;

use centrala_domain::permission::Scope;
use centrala_domain::{ChannelKind, InboxId, MediaId, WorkspaceId};
use centrala_store::receipts::{ReceiptProblem, WaitingReceipt};
use centrala_store::{Error, Origin, Result, inboxes, receipts};
use fail::fail_point;
use std::collections::HashMap;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::Engine;
use crate::commands::receipts::apply::{ApplyError, ApplyReceipts};
use crate::commands::receipts::delivery::Delivery;

/// Deliveries applied in one transaction at most: acknowledgements wait behind it.
const FULL: usize = 128;
/// In a flood, what comes in this time is applied together: the work for each delivery is halved.
const GATHER: Duration = Duration::from_millis(20);
/// So many at once are a flood.
const FLOOD: usize = 16;
/// How long to wait without a hint.
const IDLE: Duration = Duration::from_millis(500);
/// How long a projector may be silent before another one takes over.
pub(crate) const LEASE: Duration = Duration::from_secs(20);
const LEASE_NAME: &str = "projector";

/// Applies what waits, until told to stop.
pub async fn run(engine: Engine, stop: CancellationToken) {
    let holder: Uuid = engine.store.new_id();
    // Not by the clock of the wall: set back, it would leave the lease to whoever asks, for as long as it was set.
    let mut renew_at = Instant::now();
    while !stop.is_cancelled() {
        let hint = engine.wake.receipts.clone();
        let now = Instant::now();
        let is_ours = if now < renew_at {
            Ok(true)
        } else {
            renew_at = now + LEASE / 2;
            engine.store.take_lease(LEASE_NAME, holder, engine.store.clock().now().plus(LEASE)).await
        };
        let outcome = match is_ours {
            Ok(true) => apply_waiting(&engine).await,
            Ok(false) => {
                renew_at = now;
                Ok(0)
            }
            Err(error) => Err(error),
        };
        match outcome {
            Ok(0) => {
                tokio::select! {
                    () = hint.notified() => {}
                    () = tokio::time::sleep(IDLE) => {}
                    () = stop.cancelled() => {}
                }
            }
            Ok(FLOOD..FULL) => tokio::time::sleep(GATHER).await,
            Ok(_) => {}
            Err(error) => {
                renew_at = now;
                tracing::error!(error = %error, "deliveries could not be applied; they stay and are tried again");
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_secs(1)) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
    }
    if let Err(error) = engine.store.give_lease_back(LEASE_NAME, holder).await {
        tracing::debug!(error = %error, "the projector's lease runs out by itself");
    }
}

/// Applies one batch of what waits and says how many deliveries that were.
///
/// # Errors
/// The database cannot be read or written now; everything that waits still waits.
pub async fn apply_waiting(engine: &Engine) -> Result<usize> {
    let mut reader = engine.store.read().await?;
    let waiting = receipts::waiting(&mut reader, i64::try_from(FULL).unwrap_or(i64::MAX)).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    fail_point!("projector_receipts_read");
    let count = waiting.len();
    let mut kinds: HashMap<InboxId, Option<ChannelKind>> = HashMap::new();
    let mut by_workspace: Vec<(WorkspaceId, Vec<Delivery>)> = Vec::new();
    for receipt in waiting {
        let kind = match kinds.get(&receipt.inbox) {
            Some(kind) => *kind,
            None => {
                let scope = Scope::system(receipt.workspace);
                let found = inboxes::find(&scope, &mut reader, receipt.inbox).await?;
                *kinds.entry(receipt.inbox).or_insert(found.map(|inbox| inbox.channel()))
            }
        };
        let workspace = receipt.workspace;
        let delivery = take_apart(engine, &receipt, kind);
        match by_workspace.iter_mut().find(|(of, _)| *of == workspace) {
            Some((_, deliveries)) => deliveries.push(delivery),
            None => by_workspace.push((workspace, vec![delivery])),
        }
    }
    drop(reader);
    for (workspace, deliveries) in by_workspace {
        apply_all(engine, workspace, deliveries).await?;
    }
    Ok(count)
}

fn take_apart(engine: &Engine, receipt: &WaitingReceipt, kind: Option<ChannelKind>) -> Delivery {
    let channel = kind.and_then(|kind| engine.channels.of(kind));
    let (items, problems) = match channel {
        Some(channel) => (channel.parse(&receipt.raw, &mut || engine.store.new_id::<MediaId>()), Vec::new()),
        None => {
            let reason = "the channel of the inbox is not plugged in".to_owned();
            (Vec::new(), vec![ReceiptProblem { pointer: String::new(), reason }])
        }
    };
    Delivery {
        receipt: receipt.id,
        inbox: receipt.inbox,
        channel: kind.unwrap_or(ChannelKind::WhatsappCloud),
        received_at: receipt.received_at,
        trace: receipt.trace,
        items,
        problems,
    }
}

/// Applies deliveries together; when one does not apply, one by one, each without the items that do not.
async fn apply_all(engine: &Engine, workspace: WorkspaceId, deliveries: Vec<Delivery>) -> Result<()> {
    fail_point!("projector_before_apply");
    let trace = deliveries.first().map_or_else(|| engine.store.new_id(), |delivery| delivery.trace);
    let together = ApplyReceipts { deliveries: deliveries.clone(), is_part: false };
    match engine.store.execute(Origin::system(workspace, trace), together).await {
        Ok(()) => {}
        Err(error) if is_ours(&error.source) => return Err(error.source),
        Err(_) => {
            for delivery in deliveries {
                apply_one(engine, workspace, delivery).await?;
            }
        }
    }
    fail_point!("projector_after_apply");
    Ok(())
}

async fn apply_one(engine: &Engine, workspace: WorkspaceId, mut delivery: Delivery) -> Result<()> {
    loop {
        match execute(engine, workspace, delivery.clone(), false).await {
            Ok(()) => return Ok(()),
            Err(error) if is_ours(&error.source) => return Err(error.source),
            Err(ApplyError { item, source, .. }) if item < delivery.items.len() => {
                delivery.items.remove(item);
                delivery.problems.push(not_applied(&delivery, &source));
            }
            Err(_) => return apply_parts(engine, workspace, delivery).await,
        }
    }
}

/// Applies the items of a delivery one by one: something fails that belongs to none of them, such as a fact
/// that cannot be kept. The delivery waits until the end of the last.
async fn apply_parts(engine: &Engine, workspace: WorkspaceId, mut delivery: Delivery) -> Result<()> {
    for item in std::mem::take(&mut delivery.items) {
        let part = Delivery { items: vec![item], problems: Vec::new(), ..delivery.clone() };
        match execute(engine, workspace, part, true).await {
            Ok(()) => {}
            Err(error) if is_ours(&error.source) => return Err(error.source),
            Err(error) => delivery.problems.push(not_applied(&delivery, &error.source)),
        }
    }
    execute(engine, workspace, delivery, false).await.map_err(|error| error.source)
}

async fn execute(
    engine: &Engine,
    workspace: WorkspaceId,
    delivery: Delivery,
    is_part: bool,
) -> Result<(), ApplyError> {
    let origin = Origin::system(workspace, delivery.trace);
    engine.store.execute(origin, ApplyReceipts { deliveries: vec![delivery], is_part }).await
}

fn not_applied(delivery: &Delivery, why: &Error) -> ReceiptProblem {
    tracing::warn!(receipt.id = %delivery.receipt, error = %why, "an item cannot be applied");
    ReceiptProblem { pointer: String::new(), reason: format!("an item could not be applied: {why}") }
}

/// Whether the failure is the database's and not the item's.
const fn is_ours(error: &Error) -> bool {
    matches!(error, Error::Unavailable(_) | Error::Retry(_))
}
