//! One conversation, told step by step. Each step asks the domain what it changes, and keeps rows and facts together,
//! so that the facts fold to the rows.

use std::time::Duration;

use centrala_domain::agent::Actor;
use centrala_domain::contact::{AddressKind, Contact};
use centrala_domain::content::Content;
use centrala_domain::conversation::Conversation;
use centrala_domain::event::{Event, Recorded};
use centrala_domain::message::{Author, DeliveryStatus, Direction, Message, position};
use centrala_domain::{
    AgentId, ChannelKind, ContactId, IdentityId, InboxId, LabelId, MessageId, Private, Timestamp, TraceId,
};
use centrala_store::attempts::{self, Taken};
use centrala_store::contacts::{self, SeenAgain};
use centrala_store::messages::{self, NewMessage};
use centrala_store::notes::{self, Note};
use centrala_store::{Ctx, Error, Tx, conversations, events, labels};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

/// Rows and facts that wait to be written, many with one statement.
#[derive(Default)]
pub(super) struct Pages {
    contacts: Vec<Contact>,
    identities: Vec<(IdentityId, ContactId, Timestamp)>,
    addresses: Vec<SeenAgain>,
    conversations: Vec<Conversation>,
    messages: Vec<NewMessage>,
    taken: Vec<Taken>,
    statuses: Vec<(MessageId, DeliveryStatus, Timestamp)>,
    labels: Vec<(centrala_domain::ConversationId, LabelId)>,
    notes: Vec<Note>,
    facts: Vec<Recorded>,
    /// Facts of now, from which something follows.
    pub(super) news: Vec<Event>,
}

impl Pages {
    /// Writes everything but the news.
    pub(super) async fn write(self, ctx: &Ctx, tx: &mut Tx) -> Result<Vec<Event>, Error> {
        let scope = &ctx.scope;
        contacts::insert_many(scope, tx, &self.contacts).await?;
        contacts::insert_identities(scope, tx, self.identities, FAMILY.family()).await?;
        contacts::see_many(scope, tx, self.addresses).await?;
        conversations::insert_many(scope, tx, &self.conversations).await?;
        messages::insert_many(scope, tx, &self.messages).await?;
        attempts::insert_taken(scope, tx, self.taken).await?;
        attempts::insert_statuses(scope, tx, self.statuses).await?;
        labels::put_many(scope, tx, self.labels).await?;
        for note in &self.notes {
            notes::insert(scope, tx, note).await?;
        }
        events::bring_along(scope, tx, self.facts).await?;
        Ok(self.news)
    }
}

const FAMILY: ChannelKind = ChannelKind::WhatsappCloud;

/// Who a conversation is with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Customer {
    pub(super) contact: ContactId,
    pub(super) identity: IdentityId,
}

impl Customer {
    /// Somebody who was never here before.
    pub(super) fn new(ctx: &Ctx, pages: &mut Pages, name: String, phone: String, at: Timestamp) -> Self {
        let it = Self { contact: ctx.new_id(), identity: ctx.new_id() };
        pages.contacts.push(Contact {
            id: it.contact,
            name: Some(Private::new(name)),
            is_name_set_by_agent: false,
            created_at: at,
            updated_at: at,
        });
        pages.identities.push((it.identity, it.contact, at));
        pages.addresses.push(SeenAgain {
            family: FAMILY.family(),
            kind: AddressKind::Phone,
            value: Private::new(phone),
            identity: it.identity,
            at,
        });
        pages.facts.push(fact(ctx, at, Actor::System, Event::ContactCreated { contact: it.contact }));
        it
    }
}

/// A conversation while it goes on.
pub(super) struct Story<'a> {
    ctx: &'a Ctx,
    pages: &'a mut Pages,
    pub(super) dice: &'a mut ChaCha8Rng,
    pub(super) it: Conversation,
    /// What time it is in the story.
    pub(super) at: Timestamp,
    /// Begins the channel's ids of its messages.
    tag: String,
    written: u32,
    last_of_customer: Option<MessageId>,
}

impl<'a> Story<'a> {
    pub(super) fn begin(
        ctx: &'a Ctx,
        pages: &'a mut Pages,
        dice: &'a mut ChaCha8Rng,
        inbox: InboxId,
        customer: Customer,
        at: Timestamp,
        tag: String,
    ) -> Self {
        let it = Conversation::open(ctx.new_id(), inbox, customer.contact, customer.identity, at);
        pages.facts.push(fact(ctx, at, Actor::System, it.opened()));
        Self { ctx, pages, dice, it, at, tag, written: 0, last_of_customer: None }
    }

    /// Lets so much time pass.
    pub(super) fn wait(&mut self, duration: Duration) {
        self.at = self.at.plus(duration);
    }

    /// The customer writes.
    pub(super) fn customer_writes(&mut self, body: String) {
        let sent_at = Timestamp::from_unix_seconds(self.at.micros() / 1_000_000);
        let mut message = self.message(Direction::In, Author::Contact { id: self.it.contact }, body);
        message.status = DeliveryStatus::Received;
        message.sent_at = sent_at;
        message.position = position(sent_at, self.at);
        let facts = self.it.on_inbound(message.id, sent_at, message.position, true);
        self.note(Actor::System, facts);
        self.last_of_customer = Some(message.id);
        let received = Event::MessageReceived {
            conversation: self.it.id,
            message: message.id,
            content_kind: message.content.kind().to_owned(),
            sent_at,
            position: message.position,
            is_listed: true,
            receipt: None,
        };
        self.note(Actor::System, [received]);
        self.keep(message);
    }

    /// An agent answers from here; the customer's phone has it, or has shown it already.
    pub(super) fn agent_answers(&mut self, agent: AgentId, body: String, status: DeliveryStatus) {
        let mut message = self.message(Direction::Out, Author::Agent { id: agent }, body);
        message.status = status;
        message.client_id = Some(format!("past-{}-{}", self.tag, self.written));
        if self.dice.random_range(0..5) == 0 {
            message.reply_to = self.last_of_customer;
        }
        let (conversation, id) = (self.it.id, message.id);
        let queued = Event::MessageQueued {
            conversation,
            message: id,
            content_kind: message.content.kind().to_owned(),
            position: message.position,
            attempt: 1,
            is_listed: true,
        };
        let follows = self.it.on_outbound(id, message.position);
        self.note(Actor::Agent { id: agent }, std::iter::once(queued).chain(follows));
        let at = self.at.plus(Duration::from_secs(1));
        self.pages.taken.push(Taken {
            message: id,
            inbox: self.it.inbox,
            upstream_id: message.upstream_id.clone().unwrap_or_default(),
            at,
        });
        self.pages.statuses.push((id, status, at));
        let error_code = None;
        let seen =
            Event::MessageStatusChanged { conversation, message: id, attempt: 1, status, at, error_code };
        self.at = at;
        self.note(Actor::System, [seen]);
        self.keep(message);
    }

    /// The business answers from its phone.
    pub(super) fn phone_answers(&mut self, body: String) {
        let message = self.message(Direction::Out, Author::Phone, body);
        let facts = self.it.on_echo(message.id, message.position);
        let echoed = Event::MessageEchoed {
            conversation: self.it.id,
            message: message.id,
            content_kind: message.content.kind().to_owned(),
            position: message.position,
        };
        self.note(Actor::System, facts.into_iter().chain([echoed]));
        self.keep(message);
    }

    pub(super) fn assign(&mut self, by: AgentId, to: AgentId) {
        let facts = self.it.assign(to);
        self.note(Actor::Agent { id: by }, facts);
    }

    pub(super) fn read(&mut self, by: AgentId) {
        let facts = self.it.read();
        self.note(Actor::Agent { id: by }, facts);
    }

    pub(super) fn resolve(&mut self, by: AgentId) {
        let facts = self.it.resolve(self.at);
        self.note(Actor::Agent { id: by }, facts);
    }

    pub(super) fn label(&mut self, by: AgentId, label: LabelId) {
        self.pages.labels.push((self.it.id, label));
        self.note(Actor::Agent { id: by }, [Event::ConversationLabelled { conversation: self.it.id, label }]);
    }

    pub(super) fn write_note(&mut self, by: AgentId, body: String) {
        let note = Note {
            id: self.ctx.new_id(),
            conversation: self.it.id,
            author: by,
            body: Private::new(body),
            client_id: None,
            created_at: self.at,
        };
        let added = Event::NoteAdded { conversation: self.it.id, note: note.id };
        self.note(Actor::Agent { id: by }, [added]);
        self.pages.notes.push(note);
    }

    /// Snoozes it now, so that it wakes: the one fact from which something has to follow.
    pub(super) fn snooze(&mut self, until: Timestamp) {
        // Not in the past and not resolved: it is never refused here.
        let news = self.it.snooze(until, self.ctx.now).ok().flatten();
        self.pages.news.extend(news);
    }

    /// Nothing more happens.
    pub(super) fn end(self) -> Conversation {
        self.pages.conversations.push(self.it.clone());
        self.it
    }

    fn message(&mut self, direction: Direction, author: Author, body: String) -> Message {
        self.written += 1;
        Message {
            id: self.ctx.new_id(),
            conversation: self.it.id,
            inbox: self.it.inbox,
            direction,
            author,
            content: Content::Text { body: Private::new(body), preview_url: false },
            reply_to: None,
            reply_to_upstream_id: None,
            status: DeliveryStatus::Sent,
            error_code: None,
            client_id: None,
            upstream_id: Some(format!("wamid.PAST{}.{:05}", self.tag, self.written)),
            sent_at: self.at,
            received_at: self.at,
            position: self.at,
            is_forwarded: false,
            edited_at: None,
            revoked_at: None,
            reactions: Vec::new(),
        }
    }

    fn keep(&mut self, message: Message) {
        let trace: TraceId = self.ctx.new_id();
        let new = NewMessage { message, client_digest: None, referral: None, receipt: None, trace };
        self.pages.messages.push(new);
    }

    fn note(&mut self, actor: Actor, facts: impl IntoIterator<Item = Event>) {
        self.pages.facts.extend(facts.into_iter().map(|event| fact(self.ctx, self.at, actor, event)));
    }
}

fn fact(ctx: &Ctx, at: Timestamp, actor: Actor, event: Event) -> Recorded {
    Recorded { seq: 0, id: ctx.new_id(), at, actor, cause: None, depth: 0, trace: ctx.trace, event }
}
