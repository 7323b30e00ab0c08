//! Applies raw deliveries: every item of theirs becomes rows and facts, in one transaction.
//!
//! Items are independent of each other. When one cannot be applied, the command says which, and the projector
//! runs it again without that item: a poisoned item never blocks its neighbours.

use std::collections::HashMap;

use centrala_domain::contact::Sighting;
use centrala_domain::event::Event;
use centrala_domain::inbound::{Inbound, Item};
use centrala_domain::inbox::HealthProblem;
use centrala_domain::{ChannelKind, InboxId, Timestamp};
use centrala_store::messages::Expected;
use centrala_store::receipts::ReceiptProblem;
use centrala_store::{Command, Ctx, Done, Error, Tx, inboxes, messages, receipts};

use super::batch::{self, Addresses, Batch};
use super::delivery::Delivery;
use crate::commands::messages::{receive, record_status};

/// Applies deliveries of one workspace, in order of arrival.
#[derive(Debug)]
pub struct ApplyReceipts {
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
    /// Whether these are parts of deliveries, which wait on: their ends are not written.
    pub is_part: bool,
}

/// An item that could not be applied.
#[derive(Debug, thiserror::Error)]
#[error("item {item} of delivery {delivery} cannot be applied: {source}")]
pub struct ApplyError {
    /// Index into [`ApplyReceipts::deliveries`].
    pub delivery: usize,
    /// Index into its items.
    pub item: usize,
    /// Why.
    pub source: Error,
}

impl From<Error> for ApplyError {
    fn from(source: Error) -> Self {
        Self { delivery: usize::MAX, item: usize::MAX, source }
    }
}

impl Command for ApplyReceipts {
    type Out = ();
    type Error = ApplyError;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, ApplyError> {
        let mut events = Vec::new();
        let mut applied = Vec::new();
        let mut seen_inboxes: HashMap<InboxId, Timestamp> = HashMap::new();
        let mut endpoints: HashMap<(InboxId, String), Option<InboxId>> = HashMap::new();
        let mut expected = self.expected(ctx, tx, &mut endpoints).await?;
        let mut batch = Batch::default();
        batch.read_ahead(ctx, tx, self.people(&endpoints)).await?;
        for (n, delivery) in self.deliveries.iter().enumerate() {
            let mut problems = delivery.problems.clone();
            let mut of_delivery = Vec::new();
            for (item, inbound) in delivery.items.iter().enumerate() {
                let of_item = |source| ApplyError { delivery: n, item, source };
                let inbox = inbox_of(ctx, tx, delivery, inbound, &mut endpoints).await.map_err(of_item)?;
                match inbox {
                    None => problems.push(ReceiptProblem {
                        pointer: String::new(),
                        reason: "an item is for a number that is not connected here".into(),
                    }),
                    Some(inbox) => {
                        seen_inboxes.insert(inbox, ctx.now);
                        let expected = expected.entry(inbox).or_default();
                        if let Item::Message(message) = &inbound.item
                            && batch.take(ctx, delivery, inbox, message, expected, &mut of_delivery)
                        {
                            continue;
                        }
                        if let Some(who) = sighting(&inbound.item) {
                            let is_plain =
                                matches!(&inbound.item, Item::Message(message) if batch::is_plain(message));
                            batch.make_way(ctx, tx, inbox, who, is_plain).await.map_err(of_item)?;
                        }
                        apply(ctx, tx, delivery, inbox, inbound, expected, &mut problems, &mut of_delivery)
                            .await
                            .map_err(of_item)?;
                    }
                }
            }
            if !self.is_part && problems.is_empty() {
                applied.push(delivery.receipt);
            } else if !self.is_part {
                receipts::mark_rejected(&ctx.scope, tx, delivery.receipt, &problems, ctx.now).await?;
                of_delivery.push(Event::ReceiptRejected { receipt: delivery.receipt, inbox: delivery.inbox });
            }
            events.extend(of_delivery.into_iter().map(|event| (delivery.trace, event)));
        }
        batch.flush(ctx, tx).await?;
        receipts::mark_applied(&ctx.scope, tx, &applied, ctx.now).await?;
        for (inbox, at) in seen_inboxes {
            inboxes::note_inbound(&ctx.scope, tx, inbox, at).await?;
        }
        Ok(Done::traced((), events))
    }
}

impl ApplyReceipts {
    /// By what everybody in all deliveries can be recognised, for each inbox that [`Self::expected`] found.
    fn people(
        &self,
        endpoints: &HashMap<(InboxId, String), Option<InboxId>>,
    ) -> HashMap<(InboxId, ChannelKind), Addresses> {
        let mut people: HashMap<(InboxId, ChannelKind), Addresses> = HashMap::new();
        for delivery in &self.deliveries {
            for inbound in &delivery.items {
                let Some(who) = sighting(&inbound.item) else { continue };
                let inbox = match &inbound.endpoint {
                    None => Some(delivery.inbox),
                    Some(endpoint) => endpoints.get(&(delivery.inbox, endpoint.clone())).copied().flatten(),
                };
                if let Some(inbox) = inbox {
                    people.entry((inbox, delivery.channel)).or_default().extend(who.keys());
                }
            }
        }
        people
    }

    /// What is known, before they are applied, of the messages in all deliveries: asked once, not for each.
    async fn expected(
        &self,
        ctx: &Ctx,
        tx: &mut Tx,
        endpoints: &mut HashMap<(InboxId, String), Option<InboxId>>,
    ) -> Result<HashMap<InboxId, Expected>, Error> {
        let mut ids: HashMap<InboxId, Vec<String>> = HashMap::new();
        for delivery in &self.deliveries {
            for inbound in &delivery.items {
                let id = match &inbound.item {
                    Item::Message(message) => &message.upstream_id,
                    Item::Echo(echo) => &echo.upstream_id,
                    Item::Status(_)
                    | Item::Notice { .. }
                    | Item::EndpointError { .. }
                    | Item::Unreadable { .. } => {
                        continue;
                    }
                };
                if let Some(inbox) = inbox_of(ctx, tx, delivery, inbound, endpoints).await? {
                    ids.entry(inbox).or_default().push(id.clone());
                }
            }
        }
        let mut expected = HashMap::new();
        for (inbox, ids) in ids {
            expected.insert(inbox, messages::expected(&ctx.scope, tx, inbox, &ids).await?);
        }
        Ok(expected)
    }
}

/// What an item says of the customer it is from or to.
const fn sighting(item: &Item) -> Option<&Sighting> {
    match item {
        Item::Message(message) => Some(&message.from),
        Item::Echo(echo) => Some(&echo.to),
        Item::Status(_) | Item::Notice { .. } | Item::EndpointError { .. } | Item::Unreadable { .. } => None,
    }
}

/// The inbox that an item is for: the one whose address was called, or a sibling of the same workspace that the
/// channel delivers to the same address.
async fn inbox_of(
    ctx: &Ctx,
    tx: &mut Tx,
    delivery: &Delivery,
    inbound: &Inbound,
    endpoints: &mut HashMap<(InboxId, String), Option<InboxId>>,
) -> Result<Option<InboxId>, Error> {
    let Some(endpoint) = &inbound.endpoint else { return Ok(Some(delivery.inbox)) };
    let key = (delivery.inbox, endpoint.clone());
    if let Some(known) = endpoints.get(&key) {
        return Ok(*known);
    }
    let found =
        inboxes::find_by_endpoint(&ctx.scope, tx, delivery.channel, endpoint).await?.map(|inbox| inbox.id);
    endpoints.insert(key, found);
    Ok(found)
}

#[expect(clippy::too_many_arguments, reason = "what one item needs; a struct would only rename it")]
async fn apply(
    ctx: &Ctx,
    tx: &mut Tx,
    delivery: &Delivery,
    inbox: InboxId,
    inbound: &Inbound,
    expected: &mut Expected,
    problems: &mut Vec<ReceiptProblem>,
    events: &mut Vec<Event>,
) -> Result<(), Error> {
    match &inbound.item {
        Item::Message(message) => receive::message(ctx, tx, delivery, inbox, message, expected, events).await,
        Item::Status(status) => record_status::status(ctx, tx, delivery, inbox, status, events).await,
        Item::Echo(echo) => receive::echo(ctx, tx, delivery, inbox, echo, expected, events).await,
        Item::Notice { field, .. } => {
            events.push(Event::InboxNoticeReceived { inbox, field: field.clone() });
            Ok(())
        }
        Item::EndpointError { code, detail } => {
            let problem = HealthProblem { at: ctx.now, code: *code, detail: detail.clone() };
            inboxes::note_problem(&ctx.scope, tx, inbox, &problem).await
        }
        Item::Unreadable { pointer, reason } => {
            problems.push(ReceiptProblem { pointer: pointer.clone(), reason: reason.clone() });
            Ok(())
        }
    }
}
