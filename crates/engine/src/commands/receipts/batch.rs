//! What most deliveries are: a known customer writes something plain into his open conversation. Such messages
//! are read ahead and written together, a few statements for a whole batch. Part of the command that applies
//! receipts.

use std::collections::HashMap;

use centrala_domain::contact::AddressKind;
use centrala_domain::conversation::Conversation;
use centrala_domain::event::Event;
use centrala_domain::inbound::InboundMessage;
use centrala_domain::message::{Author, DeliveryStatus, Direction, Message, position};
use centrala_domain::{ChannelKind, ConversationId, IdentityId, InboxId, Private, Timestamp};
use centrala_store::contacts::KnownAddress;
use centrala_store::messages::{Expected, NewMessage};
use centrala_store::{Ctx, Error, Tx, contacts, conversations, messages};

use super::apply::Delivery;

/// Customers read ahead, and what is not written yet.
#[derive(Default)]
pub(super) struct Batch {
    known: HashMap<(InboxId, AddressKind, String), KnownAddress>,
    is_stale: bool,
    seen: HashMap<(IdentityId, Private), Timestamp>,
    changed: HashMap<ConversationId, Conversation>,
    new: Vec<NewMessage>,
}

impl Batch {
    /// Reads ahead who wrote.
    pub(super) async fn read_ahead(
        &mut self,
        ctx: &Ctx,
        tx: &mut Tx,
        who: Vec<(InboxId, ChannelKind, Vec<Private>)>,
    ) -> Result<(), Error> {
        for (inbox, channel, values) in who {
            for known in contacts::resolve_many(&ctx.scope, tx, inbox, channel.family(), &values).await? {
                let key = (inbox, known.address.kind, known.address.value.expose().clone());
                self.known.insert(key, known);
            }
        }
        Ok(())
    }

    /// Takes a message that is plain; false for one that must be applied by itself, after [`Self::flush`].
    pub(super) fn take(
        &mut self,
        ctx: &Ctx,
        delivery: &Delivery,
        inbox: InboxId,
        inbound: &InboundMessage,
        expected: &mut Expected,
        events: &mut Vec<Event>,
    ) -> bool {
        let is_expected = expected.known.contains(&inbound.upstream_id)
            || expected.waited_for.contains(&inbound.upstream_id);
        let is_plain =
            inbound.content.is_listed() && inbound.media.is_none() && inbound.reply_to_upstream_id.is_none();
        if self.is_stale || is_expected || !is_plain {
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
        for (_, value) in inbound.from.keys() {
            let seen = self.seen.entry((conversation.identity, value)).or_insert(inbound.sent_at);
            *seen = (*seen).max(inbound.sent_at);
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

    /// Writes what was taken. What was read ahead holds no longer when something else is applied after this.
    pub(super) async fn flush(&mut self, ctx: &Ctx, tx: &mut Tx, more_follows: bool) -> Result<(), Error> {
        self.is_stale |= more_follows;
        if self.new.is_empty() {
            return Ok(());
        }
        let seen = self.seen.drain().map(|((identity, value), at)| (identity, value, at)).collect();
        contacts::see_many(&ctx.scope, tx, seen).await?;
        conversations::save_many(&ctx.scope, tx, self.changed.values()).await?;
        self.changed.clear();
        messages::insert_many(&ctx.scope, tx, &self.new).await?;
        self.new.clear();
        Ok(())
    }
}
