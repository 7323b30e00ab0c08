//! A shop in a fresh SQLite file for the commands' own tests, and the fixtures that the web client replays.

use std::collections::BTreeSet;
use std::path::PathBuf;

use centrala_domain::agent::{Actor, Agent};
use centrala_domain::contact::{PhoneNumber, Sighting};
use centrala_domain::content::Content;
use centrala_domain::conversation::Conversation;
use centrala_domain::event::Event;
use centrala_domain::fold;
use centrala_domain::inbound::{Inbound, InboundMessage, Item};
use centrala_domain::inbox::Inbox;
use centrala_domain::limits::{Limits, MediaLimit};
use centrala_domain::message::{Author, Message};
use centrala_domain::permission::{Role, Scope};
use centrala_domain::ports::Clock as _;
use centrala_domain::{ChannelKind, ConversationId, MessageId, Private, ReceiptId, Timestamp, WorkspaceId};
use centrala_store::receipts::KeepReceipt;
use centrala_store::{Command, Origin, conversations, messages};
use centrala_testkit::TestStore;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands::messages::send::SendMessage;
use crate::commands::receipts::apply::ApplyReceipts;
use crate::commands::receipts::delivery::Delivery;

/// What the channel of these tests carries.
pub(crate) static LIMITS: Limits = Limits {
    text_characters: 10,
    caption_characters: 5,
    window_hours: 24,
    media: &[
        MediaLimit { kind: "image", mime_types: &["image/jpeg"], max_bytes: 100 },
        MediaLimit { kind: "document", mime_types: &[], max_bytes: 100 },
    ],
    inbound_media_bytes: 1000,
};

/// A shop with one inbox and one agent. No jobs follow from its facts.
pub(crate) struct Scene {
    pub(crate) store: TestStore,
    pub(crate) workspace: WorkspaceId,
    pub(crate) inbox: Inbox,
    pub(crate) agent: Agent,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let store = TestStore::sqlite().await;
        let shop = store.workspace().await;
        let (workspace, inbox, agent) = (shop.id(), shop.inbox().await, shop.agent(Role::Owner).await);
        shop.join(&inbox, &[&agent]).await;
        Self { store, workspace, inbox, agent }
    }

    pub(crate) const fn scope(&self) -> Scope {
        Scope::system(self.workspace)
    }

    /// On behalf of the agent.
    pub(crate) fn origin(&self) -> Origin {
        let origin = Origin::system(self.workspace, self.store.new_id());
        Origin { actor: Actor::Agent { id: self.agent.id }, ..origin }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.store.clock().now()
    }

    /// Items of one delivery arrive and are applied.
    pub(crate) async fn receive(&self, items: impl IntoIterator<Item = Item>) -> ReceiptId {
        let delivery = self.delivery(items).await;
        let receipt = delivery.receipt;
        let apply = ApplyReceipts { deliveries: vec![delivery], is_part: false };
        self.store.execute(self.origin(), apply).await.unwrap();
        receipt
    }

    /// Items of one delivery arrive.
    pub(crate) async fn delivery(&self, items: impl IntoIterator<Item = Item>) -> Delivery {
        let keep = KeepReceipt { inbox: self.inbox.id, raw: b"raw".to_vec() };
        Delivery {
            receipt: self.store.execute(self.origin(), keep).await.unwrap(),
            inbox: self.inbox.id,
            channel: ChannelKind::WhatsappCloud,
            received_at: self.now(),
            trace: self.store.new_id(),
            items: items.into_iter().map(|item| Inbound { endpoint: None, item }).collect(),
            problems: Vec::new(),
        }
    }

    /// The customer writes now; gives the conversation and forgets the facts so far.
    pub(crate) async fn customer_writes(&self, id: &str) -> Conversation {
        self.receive([inbound(id, text("hi"), self.now())]).await;
        self.store.take_events();
        self.conversation(self.message_of(id).await.conversation).await
    }

    pub(crate) async fn message_of(&self, upstream_id: &str) -> Message {
        let mut reader = self.store.read().await.unwrap();
        let found =
            messages::find_by_upstream_id(&self.scope(), &mut reader, self.inbox.id, upstream_id).await;
        let id = found.unwrap().unwrap().id;
        drop(reader);
        self.message(id).await
    }

    pub(crate) async fn message(&self, id: MessageId) -> Message {
        let mut reader = self.store.read().await.unwrap();
        messages::find(&self.scope(), &mut reader, id).await.unwrap().unwrap()
    }

    pub(crate) async fn conversation(&self, id: ConversationId) -> Conversation {
        let mut reader = self.store.read().await.unwrap();
        conversations::find(&self.scope(), &mut reader, id).await.unwrap().unwrap()
    }

    /// What the agent sends when he writes this.
    pub(crate) fn answer(
        &self,
        conversation: ConversationId,
        client_id: &str,
        content: Content,
    ) -> SendMessage {
        SendMessage {
            conversation,
            author: Author::Agent { id: self.agent.id },
            client_id: client_id.into(),
            client_digest: client_id.as_bytes().to_vec(),
            content,
            reply_to: None,
            limits: &LIMITS,
        }
    }

    /// The agent writes; gives the message and forgets the facts so far.
    pub(crate) async fn sends(&self, conversation: ConversationId, client_id: &str) -> Message {
        let sent = self.store.execute(self.origin(), self.answer(conversation, client_id, text("yes"))).await;
        self.store.take_events();
        sent.unwrap().message
    }

    /// Executes a command and checks that its facts, folded into the conversation before, give the one that is
    /// fetched after; the three are the fixture `name`.
    pub(crate) async fn folds<C: Command>(
        &self,
        name: &str,
        id: ConversationId,
        command: C,
    ) -> (C::Out, Vec<Event>)
    where
        C::Error: std::fmt::Debug,
    {
        let before = self.conversation(id).await;
        self.store.take_events();
        let out = self.store.execute(self.origin(), command).await.unwrap();
        let recorded = self.store.recorded();
        let events = self.store.take_events();
        let after = self.conversation(id).await;
        let mut folded = before.clone();
        for event in &events {
            fold::conversation(&mut folded, event);
        }
        assert_eq!(folded, after, "the facts do not tell what was written: {events:?}");
        let facts: Vec<Value> =
            recorded.iter().map(|(_, it)| json!({ "at": it.at, "event": it.event })).collect();
        fixture(name, &json!({ "of": "conversation", "before": before, "facts": facts, "after": after }));
        (out, events)
    }

    /// The same for the delivery state of a message.
    pub(crate) async fn folds_delivery<C: Command>(
        &self,
        name: &str,
        id: MessageId,
        command: C,
    ) -> (C::Out, Vec<Event>)
    where
        C::Error: std::fmt::Debug,
    {
        let before = self.message(id).await;
        self.store.take_events();
        let out = self.store.execute(self.origin(), command).await.unwrap();
        let recorded = self.store.recorded();
        let events = self.store.take_events();
        let after = self.message(id).await;
        let state = |it: &Message| fold::Delivery {
            message: id,
            status: it.status,
            error_code: it.error_code,
            at: it.received_at,
        };
        let mut folded = state(&before);
        for (_, fact) in &recorded {
            fold::delivery(&mut folded, &fact.event, fact.at);
        }
        let shown =
            |it: &fold::Delivery| json!({ "message": id, "status": it.status, "error_code": it.error_code });
        assert_eq!(
            shown(&folded),
            shown(&state(&after)),
            "the facts do not tell what was written: {events:?}"
        );
        let facts: Vec<Value> =
            recorded.iter().map(|(_, it)| json!({ "at": it.at, "event": it.event })).collect();
        let (before, after) = (shown(&state(&before)), shown(&folded));
        fixture(name, &json!({ "of": "delivery", "before": before, "facts": facts, "after": after }));
        (out, events)
    }
}

/// A plain text.
pub(crate) fn text(body: &str) -> Content {
    Content::Text { body: Private::from(body), preview_url: false }
}

/// A message of the one customer.
pub(crate) fn inbound(id: &str, content: Content, at: Timestamp) -> Item {
    Item::Message(Box::new(InboundMessage {
        upstream_id: id.into(),
        from: Sighting { phone: PhoneNumber::parse("+40721000111"), ..Sighting::default() },
        sent_at: at,
        content,
        media: None,
        reply_to_upstream_id: None,
        is_forwarded: false,
        referral: None,
    }))
}

/// Compares with `fixtures/fold/<name>.json`, or writes it with `UPDATE=1`. Ids are numbered in their order, so
/// that a fixture is the same in every run.
fn fixture(name: &str, value: &Value) {
    let mut ids = BTreeSet::new();
    collect(value, &mut ids);
    let ids: Vec<String> = ids.into_iter().collect();
    let text = serde_json::to_string_pretty(&numbered(value, &ids)).unwrap() + "\n";
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fold");
    let file = folder.join(format!("{name}.json"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&file, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(text, kept, "fixtures/fold/{name}.json is out of date; UPDATE=1 writes it");
}

/// What stands behind the underscore of an id.
fn id_of(text: &str) -> Option<(&str, &str)> {
    let (prefix, rest) = text.split_once('_')?;
    (rest.len() == 26 && rest.bytes().all(|b| b.is_ascii_alphanumeric())).then_some((prefix, rest))
}

fn collect(value: &Value, ids: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => ids.extend(id_of(text).map(|(_, rest)| rest.to_owned())),
        Value::Array(values) => values.iter().for_each(|value| collect(value, ids)),
        Value::Object(members) => members.values().for_each(|value| collect(value, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn numbered(value: &Value, ids: &[String]) -> Value {
    match value {
        Value::String(text) => {
            let Some((prefix, rest)) = id_of(text) else { return value.clone() };
            let n = ids.iter().position(|id| id == rest).unwrap() as u128 + 1;
            let number = ConversationId(Uuid::from_u128(n)).to_string();
            Value::String(number.replacen("conv", prefix, 1))
        }
        Value::Array(values) => values.iter().map(|value| numbered(value, ids)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), numbered(value, ids))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}
