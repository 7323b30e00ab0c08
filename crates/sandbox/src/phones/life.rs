//! A message's life after acceptance: one tick, two ticks, blue ticks, or a failure. Each step tells the business.

use std::sync::Arc;

use super::{Failure, Status};
use crate::ledger::{LedgerEntry, LedgerKind};
use crate::magic::Magic;
use crate::world::{World, lock};

/// What will become of an accepted message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    /// It goes to the phone.
    Arrives,
    /// It fails.
    Fails(Failure),
    /// It stays at one tick.
    Stuck,
    /// It is read in an open chat, without `delivered`.
    ReadAtOnce,
}

impl Fate {
    /// The fate that a magic number asks for.
    pub(crate) const fn of_magic(magic: Magic) -> Self {
        match magic {
            Magic::Fails(code) => {
                Self::Fails(Failure { code, details: "The recipient's number asks for this failure." })
            }
            Magic::NeverDelivered => Self::Stuck,
            Magic::ReadOnly => Self::ReadAtOnce,
            Magic::Refused(_) | Magic::UsernameOnly | Magic::Offline => Self::Arrives,
        }
    }
}

/// Starts a message's life.
pub(crate) fn begin(world: &Arc<World>, wamid: Arc<str>, fate: Fate) {
    let owned = world.clone();
    world.spawn(async move { live(&owned, wamid, fate).await });
}

async fn live(world: &Arc<World>, wamid: Arc<str>, fate: Fate) {
    let settings = world.settings();
    world.pause(settings.sent_ms).await;
    if let Fate::Fails(failure) = fate {
        report(world, &wamid, Status::Failed, Some(failure));
        return;
    }
    report(world, &wamid, Status::Sent, None);
    if apply_reaction(world, &wamid) || fate == Fate::Stuck {
        return;
    }
    world.pause(settings.delivered_ms.saturating_sub(settings.sent_ms)).await;
    arrive(world, &wamid, fate == Fate::ReadAtOnce || settings.read_without_delivered).await;
}

/// Messages that waited for the phone arrive now.
pub(crate) fn come_online(world: &Arc<World>, customer: usize) {
    let waiting = std::mem::take(&mut lock(&world.phones).customer_mut(customer).waiting);
    for wamid in waiting {
        let owned = world.clone();
        let read_only = world.settings().read_without_delivered;
        world.spawn(async move { arrive(&owned, &wamid, read_only).await });
    }
}

/// The customer looks at the chat: everything that arrived is read.
pub(crate) fn open_chat(world: &Arc<World>, customer: usize, phone_number_id: Option<&str>) -> usize {
    let unread: Vec<Arc<str>> = {
        let phones = lock(&world.phones);
        let is_unread = |wamid: &&Arc<str>| {
            phones.message(wamid).is_some_and(|message| {
                message.from_business
                    && !message.has(Status::Read)
                    && phone_number_id.is_none_or(|id| message.origin.phone_number_id == id)
            })
        };
        phones.customer(customer).transcript.iter().filter(is_unread).cloned().collect()
    };
    for wamid in &unread {
        report(world, wamid, Status::Read, None);
    }
    unread.len()
}

/// The message appears on the phone, or waits for it.
async fn arrive(world: &Arc<World>, wamid: &Arc<str>, read_only: bool) {
    let Some(arrival) = put_on_phone(world, wamid) else { return };
    if !(read_only && arrival.reads) {
        report(world, wamid, Status::Delivered, None);
    }
    if !arrival.reads {
        return;
    }
    let settings = world.settings();
    world.pause(settings.read_ms.saturating_sub(settings.delivered_ms)).await;
    report(world, wamid, Status::Read, None);
    if arrival.is_voice {
        world.pause(settings.played_ms.saturating_sub(settings.read_ms)).await;
        report(world, wamid, Status::Played, None);
    }
}

struct Arrival {
    reads: bool,
    is_voice: bool,
}

fn put_on_phone(world: &World, wamid: &Arc<str>) -> Option<Arrival> {
    let mut entry = LedgerEntry::new(LedgerKind::Phone, "reached");
    let (index, ledger_seq, arrival) = {
        let mut phones = lock(&world.phones);
        let message = phones.message(wamid)?;
        let (index, ledger_seq, is_voice) = (message.customer?, message.ledger_seq, message.is_voice);
        entry.wamids = vec![wamid.to_string()];
        entry.phone_number_id = Some(message.origin.phone_number_id.clone());
        entry.biz_opaque_callback_data.clone_from(&message.opaque);
        let customer = phones.customer_mut(index);
        if !customer.is_online {
            customer.hold(wamid.clone());
            return None;
        }
        customer.show(wamid.clone());
        customer.reached += 1;
        entry.recipient = Some(customer.id.clone());
        (index, ledger_seq, Arrival { reads: customer.reads, is_voice })
    };
    world.record(entry);
    lock(&world.ledger).mark_reached(ledger_seq);
    if let Some(arrivals) = &world.arrivals {
        // The script may have ended already; then nobody answers.
        let _ = arrivals.send(index);
    }
    Some(arrival)
}

/// A reaction changes the message it is about, and only `sent` follows.
fn apply_reaction(world: &World, wamid: &str) -> bool {
    let seq = {
        let mut phones = lock(&world.phones);
        let Some(message) = phones.message(wamid).filter(|message| message.kind == "reaction") else {
            return false;
        };
        let seq = message.ledger_seq;
        let target = message.body["reaction"]["message_id"].as_str().unwrap_or_default().to_owned();
        let emoji = message.body["reaction"]["emoji"].as_str().unwrap_or_default().to_owned();
        if let Some(target) = phones.message_mut(&target) {
            target.react(true, &emoji);
        }
        seq
    };
    lock(&world.ledger).mark_reached(seq);
    true
}

/// Notes a step and tells the business, once.
fn report(world: &Arc<World>, wamid: &str, status: Status, failure: Option<Failure>) {
    let settings = world.settings();
    let now_seconds = world.clock.now_seconds();
    let update = {
        let mut phones = lock(&world.phones);
        let Some(message) = phones.message_mut(wamid) else { return };
        if !message.advance(status, now_seconds) {
            return;
        }
        message.error_code = failure.map(|failure| failure.code).or(message.error_code);
        let Some(message) = phones.message(wamid) else { return };
        let customer = message.customer.map(|index| phones.customer(index));
        message.update(status, customer, failure, &settings)
    };
    world.sender.publish(world, update);
}
