//! Years of conversations that nobody had: what `centrala demo --conversations` begins with, to try how it feels with
//! them. Written through the store in large transactions, as rows and facts of their time; nothing is sent, and no
//! customer of the town knows of them but the one of the long thread.
//!
//! The same seed tells the same stories, counted back from now.

mod story;
mod words;

use std::sync::Arc;
use std::time::Duration;

use centrala_domain::message::DeliveryStatus;
use centrala_domain::{AgentId, ConversationId, InboxId, LabelId, Timestamp, WorkspaceId};
use centrala_store::{Command, Ctx, Done, Error, Origin, Store, Tx};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use story::{Customer, Pages, Story};

/// Where it happened, and between whom.
#[derive(Debug, Clone)]
pub(super) struct Shop {
    pub(super) workspace: WorkspaceId,
    pub(super) inboxes: Vec<InboxId>,
    pub(super) agents: Vec<AgentId>,
    pub(super) labels: Vec<LabelId>,
    pub(super) seed: u64,
}

/// Conversations of one transaction.
const CHUNK: u64 = 2000;
/// A customer who comes back had his conversation before so many others.
const COMES_BACK_AFTER: usize = 1000;
/// How far back it goes.
const YEARS: Duration = Duration::from_secs(3 * 365 * DAY);
/// The newest thing happened so long ago at least.
const QUIET: Duration = Duration::from_secs(90);
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Writes `count` conversations of three years, most of them of late. With as many as three thousand, a hundred or so
/// are of today.
///
/// # Errors
/// The database's.
pub(super) async fn write(store: &Store, shop: &Arc<Shop>, count: u64) -> Result<(), Error> {
    let now = store.clock().now();
    let mut first = 0;
    while first < count {
        let end = count.min(first + CHUNK);
        let chapter = Chapter { shop: shop.clone(), now, first, end, count };
        store.execute(Origin::system(shop.workspace, store.new_id()), chapter).await?;
        first = end;
    }
    Ok(())
}

/// Writes one thread of so many messages over three years, with a customer of the town, and says which it is.
///
/// # Errors
/// The database's.
pub(super) async fn write_long_thread(
    store: &Store,
    shop: &Arc<Shop>,
    count: u64,
    name: String,
    phone: String,
) -> Result<ConversationId, Error> {
    let thread = LongThread { shop: shop.clone(), now: store.clock().now(), count, name, phone };
    store.execute(Origin::system(shop.workspace, store.new_id()), thread).await
}

struct Chapter {
    shop: Arc<Shop>,
    /// One now for all chapters.
    now: Timestamp,
    first: u64,
    end: u64,
    count: u64,
}

impl Command for Chapter {
    type Out = ();
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, Error> {
        let mut pages = Pages::default();
        let mut done_with = Vec::new();
        for n in self.first..self.end {
            let customer = self.tell(ctx, &mut pages, n, &done_with);
            done_with.push(customer);
        }
        Ok(Done::new((), pages.write(ctx, tx).await?))
    }
}

/// How a conversation stands today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Open,
    Waiting,
    Snoozed,
    Resolved,
}

impl Chapter {
    /// How long ago the n-th conversation began: the density grows towards today.
    fn age(&self, n: u64) -> Duration {
        #[expect(clippy::cast_precision_loss, reason = "a share needs no more digits than these")]
        let share = (self.count - n) as f64 / self.count as f64;
        QUIET + YEARS.mul_f64(share * share)
    }

    /// Tells the n-th conversation. Gives its customer if the matter is resolved, so that he can come with another;
    /// `done_with` are those of this chapter so far.
    fn tell(&self, ctx: &Ctx, pages: &mut Pages, n: u64, done_with: &[Option<Customer>]) -> Option<Customer> {
        let Shop { inboxes, agents, labels, seed, .. } = self.shop.as_ref();
        let mut dice = ChaCha8Rng::seed_from_u64(*seed);
        dice.set_stream(n + 1);
        let dice = &mut dice;
        let age = self.age(n);
        let at = self.now.minus(age);
        // Nothing happens after now: the younger, the quicker.
        let pace = (age.as_secs_f64() / (8 * HOUR) as f64).min(1.0);
        let pause = |dice: &mut ChaCha8Rng, seconds: u64| {
            Duration::from_secs(seconds).mul_f64(pace * dice.random_range(0.3..1.0))
        };
        let ending = ending(dice, age);
        let known = done_with.len().checked_sub(COMES_BACK_AFTER).and_then(|before| done_with[before]);
        let customer = match known {
            Some(known) if self.comes_back(n) => known,
            _ => Customer::new(ctx, pages, words::name(dice), format!("+4078{n:07}"), at),
        };
        let inbox = inboxes[dice.random_range(0..inboxes.len())];
        let agent = agents[dice.random_range(0..agents.len())];
        let mut story = Story::begin(ctx, pages, dice, inbox, customer, at, format!("{n:08}"));
        let text = words::question(story.dice);
        story.customer_writes(text);
        if story.dice.random_range(0..4) == 0 {
            let wait = pause(story.dice, 60);
            story.wait(wait);
            let text = words::follow_up(story.dice);
            story.customer_writes(text);
        }
        let is_owned = ending == Ending::Resolved || story.dice.random_range(0..100) < 55;
        if is_owned {
            let wait = pause(story.dice, HOUR);
            story.wait(wait);
            story.assign(agent, agent);
        }
        if !labels.is_empty() && story.dice.random_range(0..4) == 0 {
            let label = labels[story.dice.random_range(0..labels.len())];
            story.label(agent, label);
        }
        if story.dice.random_range(0..25) == 0 {
            let text = words::note(story.dice);
            story.write_note(agent, text);
        }
        match ending {
            // The older, the surer that somebody has at least looked.
            Ending::Open if age.as_secs() > DAY || story.dice.random_range(0..3) == 0 => story.read(agent),
            Ending::Open => {}
            Ending::Waiting | Ending::Snoozed | Ending::Resolved => {
                let wait = pause(story.dice, HOUR);
                story.wait(wait);
                answer(&mut story, agent);
            }
        }
        if ending == Ending::Resolved {
            let wait = pause(story.dice, HOUR);
            story.wait(wait);
            if story.dice.random_range(0..3) == 0 {
                let text = words::thanks(story.dice);
                story.customer_writes(text);
            }
            story.resolve(agent);
        }
        if ending == Ending::Snoozed {
            let hours = story.dice.random_range(1..24 * 14);
            story.snooze(ctx.now.plus(Duration::from_secs(hours * HOUR)));
        }
        story.end();
        (ending == Ending::Resolved).then_some(customer)
    }

    /// One in ten of the old ones had been here before.
    fn comes_back(&self, n: u64) -> bool {
        n % 10 == 9
            && self.age(n).as_secs() > 2 * DAY
            && self.age(n - COMES_BACK_AFTER as u64).saturating_sub(self.age(n)).as_secs() > 2 * DAY
    }
}

fn ending(dice: &mut ChaCha8Rng, age: Duration) -> Ending {
    let days = age.as_secs() / DAY;
    let (open, waiting, snoozed) = match days {
        0 => (500, 350, 20),
        1..14 => (120, 250, 40),
        _ => (30, 60, 5),
    };
    match dice.random_range(0..1000) {
        it if it < open => Ending::Open,
        it if it < open + waiting => Ending::Waiting,
        it if it < open + waiting + snoozed => Ending::Snoozed,
        _ => Ending::Resolved,
    }
}

fn answer(story: &mut Story<'_>, agent: AgentId) {
    let text = words::answer(story.dice);
    if story.dice.random_range(0..2) == 0 {
        return story.phone_answers(text);
    }
    let status = match story.dice.random_range(0..10) {
        0..7 => DeliveryStatus::Read,
        7..9 => DeliveryStatus::Delivered,
        _ => DeliveryStatus::Sent,
    };
    story.agent_answers(agent, text, status);
}

struct LongThread {
    shop: Arc<Shop>,
    now: Timestamp,
    count: u64,
    name: String,
    phone: String,
}

impl Command for LongThread {
    type Out = ConversationId;
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<ConversationId>, Error> {
        let Shop { inboxes, agents, seed, .. } = self.shop.as_ref();
        let mut dice = ChaCha8Rng::seed_from_u64(*seed);
        let mut pages = Pages::default();
        let begins = self.now.minus(YEARS);
        let step = YEARS.saturating_sub(QUIET) / u32::try_from(self.count.max(1)).unwrap_or(u32::MAX);
        let customer = Customer::new(ctx, &mut pages, self.name.clone(), self.phone.clone(), begins);
        let tag = "LONG".to_owned();
        let mut story = Story::begin(ctx, &mut pages, &mut dice, inboxes[0], customer, begins, tag);
        let mut agent = agents[0];
        for n in 0..self.count {
            // The last one is the customer's, of now, and unread.
            let is_last = n + 1 == self.count;
            if is_last {
                story.at = self.now.minus(QUIET);
            } else if n > 0 {
                // Talk comes in bursts: most of a step's time passes before every eighth message.
                let share = if n % 8 == 0 { 7.0 } else { story.dice.random_range(0.01..0.1) };
                story.wait(step.mul_f64(share));
            }
            if n % 400 == 0 {
                let to = agents[story.dice.random_range(0..agents.len())];
                story.assign(agent, to);
                agent = to;
            }
            if n % 150 == 140 {
                let text = words::note(story.dice);
                story.write_note(agent, text);
            }
            if n > 0 && !is_last && story.dice.random_range(0..2) == 0 {
                answer(&mut story, agent);
            } else {
                let text =
                    if n % 3 == 0 { words::follow_up(story.dice) } else { words::question(story.dice) };
                story.customer_writes(format!("{text} ({})", n + 1));
            }
        }
        let it = story.end();
        Ok(Done::new(it.id, pages.write(ctx, tx).await?))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use centrala_domain::conversation::{Conversation, Status};
    use centrala_domain::event::Event;
    use centrala_domain::fold;
    use centrala_domain::permission::{Role, Scope};
    use centrala_domain::ports::Clock as _;
    use centrala_store::conversations::{self, ConversationFilter};
    use centrala_store::messages::{self, ThreadFrom};
    use centrala_store::{contacts, events};
    use centrala_testkit::TestStore;
    use centrala_testkit::store::on_both_engines;

    use super::*;

    async fn shop(store: &TestStore) -> Arc<Shop> {
        let shop = store.workspace().await;
        let (inbox, label) = (shop.inbox().await, shop.label("urgent").await);
        let agents = vec![shop.owner().await.id, shop.agent(Role::Agent).await.id];
        let (workspace, inboxes, labels) = (shop.id(), vec![inbox.id], vec![label.id]);
        Arc::new(Shop { workspace, inboxes, agents, labels, seed: 7 })
    }

    /// What the facts say, beside what the rows say.
    async fn folded_and_kept(store: &TestStore, scope: &Scope) -> (Vec<Conversation>, Vec<Conversation>) {
        let mut reader = store.read().await.unwrap();
        let mut folded: HashMap<ConversationId, Conversation> = HashMap::new();
        let (facts, mut last) = (events::after(scope, &mut reader, 0, 1_000_000).await.unwrap(), 0);
        for fact in facts {
            assert_eq!(fact.seq, last + 1, "no number is left out");
            last = fact.seq;
            if let Event::ConversationOpened { conversation, inbox, contact, identity } = fact.event {
                let opened = Conversation::open(conversation, inbox, contact, identity, fact.at);
                folded.insert(conversation, opened);
            } else if let Some(it) = fact.event.conversation().and_then(|id| folded.get_mut(&id)) {
                fold::conversation(it, &fact.event);
            }
        }
        let mut folded: Vec<_> = folded.into_values().collect();
        folded.sort_by_key(|it| std::cmp::Reverse((it.last_message_at, it.id)));
        let filter = ConversationFilter::default();
        let kept = conversations::list(scope, &mut reader, &filter, 1_000_000).await.unwrap();
        (folded, kept)
    }

    #[tokio::test]
    async fn facts_of_the_past_fold_to_its_rows_and_nothing_is_in_the_future() {
        on_both_engines(async |store| {
            let shop = shop(&store).await;
            let scope = Scope::system(shop.workspace);
            write(&store, &shop, 1200).await.unwrap();
            let phone = "+40749555108".to_owned();
            write_long_thread(&store, &shop, 300, "Ștefan Lungu".into(), phone).await.unwrap();
            let (folded, kept) = folded_and_kept(&store, &scope).await;
            assert_eq!(kept.len(), 1201);
            assert_eq!(folded, kept);
            let now = store.clock().now();
            assert!(kept.iter().all(|it| it.last_message_at < now));
            for status in Status::ALL {
                assert!(kept.iter().any(|it| it.status == status), "none is {status:?}");
            }
            assert!(kept.iter().any(|it| it.unread > 0) && kept.iter().any(|it| it.assignee.is_none()));
            // Only what wakes later is told: nothing follows from the rest.
            let told = store.take_events();
            assert!(told.iter().all(|event| matches!(event, Event::ConversationSnoozed { .. })), "{told:?}");
        })
        .await;
    }

    #[tokio::test]
    async fn the_same_seed_tells_the_same_stories_which_search_finds() {
        let mut told = Vec::new();
        for seed in [7, 7, 8] {
            let store = TestStore::sqlite().await;
            let shop = Arc::new(Shop { seed, ..shop(&store).await.as_ref().clone() });
            let scope = Scope::system(shop.workspace);
            write(&store, &shop, 60).await.unwrap();
            let mut reader = store.read().await.unwrap();
            let filter = ConversationFilter::default();
            let listed = conversations::list(&scope, &mut reader, &filter, 100).await.unwrap();
            let mut lines = Vec::new();
            for it in listed {
                let contact = contacts::find(&scope, &mut reader, it.contact).await.unwrap().unwrap();
                let thread = messages::list(&scope, &mut reader, it.id, ThreadFrom::End, 100).await.unwrap();
                let texts: Vec<_> =
                    thread.iter().map(|it| it.content.search_text().unwrap_or_default().to_owned()).collect();
                lines.push((contact.name.map(centrala_domain::Private::into_exposed), it.status, texts));
            }
            let found = messages::search(&scope, &mut reader, "comanda", 100).await.unwrap();
            assert!(!found.is_empty());
            told.push(lines);
        }
        assert_eq!(told[0], told[1]);
        assert_ne!(told[0], told[2]);
    }

    #[tokio::test]
    async fn long_thread_has_as_many_messages_as_asked_for_and_ends_with_an_unread_one_of_today() {
        let store = TestStore::sqlite().await;
        let shop = shop(&store).await;
        let scope = Scope::system(shop.workspace);
        let phone = "+40749555108".to_owned();
        let id = write_long_thread(&store, &shop, 250, "Ștefan Lungu".into(), phone).await.unwrap();
        let mut reader = store.read().await.unwrap();
        let thread = messages::list(&scope, &mut reader, id, ThreadFrom::End, 1000).await.unwrap();
        assert_eq!(thread.len(), 250);
        let it = conversations::find(&scope, &mut reader, id).await.unwrap().unwrap();
        assert_eq!((it.last_message, it.status, it.unread > 0), (Some(thread[0].id), Status::Open, true));
        assert!(it.is_window_open(Duration::from_secs(DAY), store.clock().now()));
        let first = thread.last().unwrap();
        assert!(store.clock().now().since(first.position).as_secs() > 2 * 365 * DAY);
    }
}
