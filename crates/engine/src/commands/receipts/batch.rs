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

use super::delivery::Delivery;

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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use centrala_domain::Timestamp;
    use centrala_domain::contact::PhoneNumber;
    use centrala_domain::content::Content;
    use centrala_domain::inbound::Item;
    use serde_json::{Value, json};

    use super::*;
    use crate::commands::receipts::apply::ApplyReceipts;
    use crate::testing::{Scene, inbound, text};

    /// How a customer shows himself: by phone, by id, or both, with or without a name.
    fn who(phone: Option<&str>, bsuid: Option<&str>, name: Option<&str>) -> Sighting {
        Sighting {
            phone: phone.and_then(PhoneNumber::parse),
            bsuid: bsuid.map(Private::from),
            name: name.map(Private::from),
            ..Sighting::default()
        }
    }

    struct Story<'a> {
        scene: &'a Scene,
        items: Vec<Item>,
    }

    impl Story<'_> {
        fn says(&mut self, id: &str, from: Sighting, content: Content) {
            let seconds = u64::try_from(self.items.len()).unwrap();
            let at = self.scene.now().plus(Duration::from_secs(seconds));
            let mut item = inbound(id, content, at);
            if let Item::Message(message) = &mut item {
                message.from = from;
            }
            self.items.push(item);
        }

        fn quotes(&mut self, id: &str, from: Sighting, quoted: &str) {
            self.says(id, from, text("quoting"));
            if let Some(Item::Message(message)) = self.items.last_mut() {
                message.reply_to_upstream_id = Some(quoted.to_owned());
            }
        }
    }

    /// Everything that came of a story, told without ids.
    async fn told(scene: &Scene, ids: &[&str]) -> Value {
        let mut told = Vec::new();
        for id in ids {
            let it = scene.message_of(id).await;
            let conversation = scene.conversation(it.conversation).await;
            let last = scene.message(conversation.last_message.unwrap()).await;
            let quoted = match it.reply_to {
                Some(quoted) => scene.message(quoted).await.upstream_id,
                None => None,
            };
            let mut reader = scene.store.read().await.unwrap();
            let contact = contacts::find(&scene.scope(), &mut reader, conversation.contact).await.unwrap();
            let identity = contacts::identity(&scene.scope(), &mut reader, conversation.identity)
                .await
                .unwrap()
                .unwrap();
            let addresses: Vec<_> = identity
                .addresses
                .iter()
                .map(|it| json!([it.kind, it.value.expose(), it.is_current, it.last_seen_at]))
                .collect();
            told.push(json!({
                "message": [id, it.position, it.content, quoted],
                "conversation": [conversation.status, conversation.unread, last.upstream_id,
                    conversation.last_message_at, conversation.last_inbound_at],
                "name": contact.unwrap().name.map(Private::into_exposed),
                "addresses": addresses,
            }));
        }
        Value::Array(told)
    }

    /// Tells a story to two shops, item by item and in one go, and expects the same of both.
    async fn is_the_same_in_one_go(ids: &[&str], story: impl Fn(&mut Story<'_>)) {
        let (one_by_one, together) = (Scene::new().await, Scene::new().await);
        let mut seen = Vec::new();
        for (scene, at_once) in [(&one_by_one, 1), (&together, usize::MAX)] {
            // Ana is known by phone and id, with an open conversation.
            let mut known = Story { scene, items: Vec::new() };
            known.says("wamid.known", who(Some("+40721000111"), Some("RO.1"), Some("Ana")), text("hi"));
            scene.receive(known.items).await;
            scene.store.clock().advance(Duration::from_secs(60));
            let mut it = Story { scene, items: Vec::new() };
            story(&mut it);
            for items in it.items.chunks(at_once.min(it.items.len())) {
                let mut deliveries = Vec::new();
                for item in items {
                    deliveries.push(scene.delivery([item.clone()]).await);
                }
                let apply = ApplyReceipts { deliveries, is_part: false };
                scene.store.execute(scene.origin(), apply).await.unwrap();
            }
            let facts: Vec<&str> = scene.store.take_events().iter().map(Event::kind).collect();
            seen.push((told(scene, ids).await, facts));
        }
        assert_eq!(seen[0], seen[1]);
    }

    fn ana() -> Sighting {
        who(Some("+40721000111"), Some("RO.1"), Some("Ana"))
    }

    #[tokio::test]
    async fn plain_messages_of_known_and_new_customers_are_the_same_in_one_go() {
        is_the_same_in_one_go(&["wamid.1", "wamid.2", "wamid.3", "wamid.4"], |story| {
            story.says("wamid.1", ana(), text("one"));
            story.says("wamid.2", who(Some("+40721000222"), None, None), text("new here"));
            story.says("wamid.3", ana(), text("two"));
            story.says("wamid.1", ana(), text("one"));
            story.says("wamid.4", who(Some("+40721000222"), None, None), text("again"));
        })
        .await;
    }

    #[tokio::test]
    async fn quote_of_a_message_of_the_same_batch_is_found() {
        is_the_same_in_one_go(&["wamid.1", "wamid.2", "wamid.3"], |story| {
            story.says("wamid.1", ana(), text("one"));
            story.quotes("wamid.2", ana(), "wamid.1");
            story.says("wamid.3", ana(), text("three"));
        })
        .await;
    }

    #[tokio::test]
    async fn whoever_changes_his_name_or_is_merged_in_the_middle_is_not_written_as_he_was() {
        is_the_same_in_one_go(&["wamid.1", "wamid.3", "wamid.5"], |story| {
            story.says("wamid.1", ana(), text("one"));
            story.says("wamid.2", who(None, Some("RO.2"), Some("Dan")), text("by id alone"));
            story.says("wamid.3", who(Some("+40721000333"), None, None), text("by phone alone"));
            story.says("wamid.4", who(Some("+40721000333"), Some("RO.2"), Some("Dan")), text("both are me"));
            story.says("wamid.5", who(Some("+40721000333"), None, None), text("still me"));
            story.says(
                "wamid.6",
                who(Some("+40721000111"), Some("RO.1"), Some("Ana Maria")),
                text("renamed"),
            );
            story.says("wamid.7", who(None, Some("RO.1"), Some("Ana Maria")), text("and again"));
        })
        .await;
    }

    #[tokio::test]
    async fn late_message_in_a_batch_moves_no_time_back() {
        let scene = Scene::new().await;
        scene.receive([inbound("wamid.0", text("hi"), scene.now())]).await;
        let late = Timestamp(scene.now().0 - 3_600_000_000);
        let mut deliveries = Vec::new();
        for (id, at) in [("wamid.1", scene.now().plus(Duration::from_secs(1))), ("wamid.2", late)] {
            deliveries.push(scene.delivery([inbound(id, text(id), at)]).await);
        }
        scene.store.execute(scene.origin(), ApplyReceipts { deliveries, is_part: false }).await.unwrap();
        let last = scene.message_of("wamid.1").await;
        let it = scene.conversation(last.conversation).await;
        assert_eq!((it.last_message, it.last_inbound_at, it.unread), (Some(last.id), Some(last.sent_at), 3));
    }
}
