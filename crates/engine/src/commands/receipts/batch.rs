//! What most deliveries are: a known customer writes something plain into his open conversation. Such messages
//! are read ahead and written together, a few statements for a whole batch. Part of the command that applies
//! receipts.

use std::collections::HashMap;

use centrala_domain::contact::{AddressKind, Sighting};
use centrala_domain::conversation::Conversation;
use centrala_domain::event::Event;
use centrala_domain::inbound::InboundMessage;
use centrala_domain::message::{Author, DeliveryStatus, Direction, Message, position};
use centrala_domain::{ChannelKind, ConversationId, InboxId, Private};
use centrala_store::contacts::{KnownAddress, SeenAgain};
use centrala_store::messages::{Expected, NewMessage};
use centrala_store::{Ctx, Error, Tx, contacts, conversations, messages};

use super::apply::Delivery;

/// By what somebody can be recognised.
pub(super) type Addresses = Vec<(AddressKind, Private)>;

/// Customers read ahead, and what is not written yet.
#[derive(Default)]
pub(super) struct Batch {
    known: HashMap<(InboxId, AddressKind, String), KnownAddress>,
    seen: HashMap<(&'static str, AddressKind, String), SeenAgain>,
    changed: HashMap<ConversationId, Conversation>,
    new: Vec<NewMessage>,
}

impl Batch {
    /// Reads ahead who wrote.
    pub(super) async fn read_ahead(
        &mut self,
        ctx: &Ctx,
        tx: &mut Tx,
        who: HashMap<(InboxId, ChannelKind), Addresses>,
    ) -> Result<(), Error> {
        for ((inbox, channel), keys) in who {
            for known in contacts::resolve_many(&ctx.scope, tx, inbox, channel.family(), &keys).await? {
                let key = (inbox, known.address.kind, known.address.value.expose().clone());
                self.known.insert(key, known);
            }
        }
        Ok(())
    }

    /// Takes a message that is plain or here already; false for one that must be applied by itself, after
    /// [`Self::make_way`].
    pub(super) fn take(
        &mut self,
        ctx: &Ctx,
        delivery: &Delivery,
        inbox: InboxId,
        inbound: &InboundMessage,
        expected: &mut Expected,
        events: &mut Vec<Event>,
    ) -> bool {
        if expected.known.contains(&inbound.upstream_id) {
            return true;
        }
        if expected.waited_for.contains(&inbound.upstream_id) || !is_plain(inbound) {
            return false;
        }
        let Some(mut conversation) = self.open_with(inbox, inbound) else { return false };
        expected.known.insert(inbound.upstream_id.clone());
        let message = Message {
            id: ctx.new_id(),
            conversation: conversation.id,
            inbox,
            direction: Direction::In,
            author: Author::Contact { id: conversation.contact },
            content: inbound.content.clone(),
            reply_to: None,
            reply_to_upstream_id: None,
            status: DeliveryStatus::Received,
            error_code: None,
            client_id: None,
            upstream_id: Some(inbound.upstream_id.clone()),
            sent_at: inbound.sent_at,
            received_at: delivery.received_at,
            position: position(inbound.sent_at, delivery.received_at),
            is_forwarded: inbound.is_forwarded,
            edited_at: None,
            revoked_at: None,
            reactions: Vec::new(),
        };
        events.extend(conversation.on_inbound(message.id, message.sent_at, message.position, true));
        events.push(Event::MessageReceived {
            conversation: conversation.id,
            message: message.id,
            content_kind: message.content.kind().to_owned(),
            sent_at: message.sent_at,
            position: message.position,
            is_listed: true,
            receipt: Some(delivery.receipt),
        });
        let (family, identity, at) = (delivery.channel.family(), conversation.identity, inbound.sent_at);
        for (kind, value) in inbound.from.keys() {
            let key = (family, kind, value.expose().clone());
            let seen = self.seen.entry(key).or_insert(SeenAgain { family, kind, value, identity, at });
            seen.at = seen.at.max(at);
        }
        self.changed.insert(conversation.id, conversation);
        self.new.push(NewMessage {
            message,
            client_digest: None,
            referral: inbound.referral.clone(),
            receipt: Some(delivery.receipt),
            trace: delivery.trace,
        });
        true
    }

    /// The open conversation of whoever wrote, if everything that the message says of him is known and current.
    fn open_with(&self, inbox: InboxId, inbound: &InboundMessage) -> Option<Conversation> {
        let from = &inbound.from;
        if from.is_empty() || from.previous_bsuid.is_some() || from.previous_phone.is_some() {
            return None;
        }
        let mut open: Option<&Conversation> = None;
        for (kind, value) in from.keys() {
            let known = self.known.get(&(inbox, kind, value.expose().clone()))?;
            let is_same = known.address.is_current
                && open.is_none_or(|open| open.identity == known.identity)
                && (known.is_name_set_by_agent || from.name.is_none() || from.name == known.name);
            open = Some(known.open.as_ref().filter(|_| is_same)?);
        }
        // A username alone is weak evidence, and taken with care.
        let is_strong = from.bsuid.is_some() || from.phone.is_some();
        let open = open.filter(|_| is_strong)?;
        Some(self.changed.get(&open.id).unwrap_or(open).clone())
    }

    /// Makes way for something that is applied by itself and says who somebody is: what was taken is written, as
    /// far as it may be looked at, and what is known of him holds no longer.
    ///
    /// Every address that such an item shows was read ahead, so whoever it touches (the holders of those addresses,
    /// before or after a merge) is found by them.
    pub(super) async fn make_way(
        &mut self,
        ctx: &Ctx,
        tx: &mut Tx,
        inbox: InboxId,
        who: &Sighting,
        is_plain: bool,
    ) -> Result<(), Error> {
        let keys: Vec<_> =
            who.keys().into_iter().map(|(kind, value)| (inbox, kind, value.into_exposed())).collect();
        let touched: Vec<_> = keys
            .iter()
            .filter_map(|key| self.known.get(key))
            .map(|known| (known.identity, known.contact))
            .collect();
        // A newcomer's first plain words have nothing to do with what others said.
        if touched.is_empty() && is_plain {
            return Ok(());
        }
        self.known.retain(|_, known| {
            !touched
                .iter()
                .any(|(identity, contact)| known.identity == *identity || known.contact == *contact)
        });
        self.flush(ctx, tx).await
    }

    /// Writes what was taken.
    pub(super) async fn flush(&mut self, ctx: &Ctx, tx: &mut Tx) -> Result<(), Error> {
        if self.new.is_empty() {
            return Ok(());
        }
        contacts::see_many(&ctx.scope, tx, self.seen.drain().map(|(_, seen)| seen)).await?;
        conversations::save_many(&ctx.scope, tx, self.changed.values()).await?;
        // What was written is what is known from here on.
        for known in self.known.values_mut() {
            if let Some(open) = &mut known.open
                && let Some(written) = self.changed.get(&open.id)
            {
                open.clone_from(written);
            }
        }
        self.changed.clear();
        messages::insert_many(&ctx.scope, tx, &self.new).await?;
        self.new.clear();
        Ok(())
    }
}

/// Whether a message needs nothing but to be kept: no file to fetch, nothing that it is about.
pub(super) const fn is_plain(inbound: &InboundMessage) -> bool {
    inbound.content.is_listed() && inbound.media.is_none() && inbound.reply_to_upstream_id.is_none()
}
