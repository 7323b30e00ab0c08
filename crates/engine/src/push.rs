//! Wakes the browsers of agents when a customer writes.
//!
//! A notice is a hint and may be lost, so that it costs the way of a message nothing: what was committed is put into a
//! queue that takes no more when it is full, and whoever works it off keeps nothing
//! (`docs/adr/0012-notices-may-be-lost.md`). Not here: how push services are spoken with (the port [`Push`]).

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use centrala_domain::conversation::Conversation;
use centrala_domain::event::{Event, Recorded};
use centrala_domain::hours::{TimeOfDay, Weekday};
use centrala_domain::permission::Scope;
use centrala_domain::ports::{Push, PushOutcome};
use centrala_domain::preferences::{Notifications, NotifyAbout};
use centrala_domain::push::{PushAddress, PushNotice};
use centrala_domain::{
    AgentId, ConversationId, MessageId, Private, PushSubscriptionId, Timestamp, WorkspaceId,
};
use centrala_store::login_sessions::LoginSession;
use centrala_store::push::Target;
use centrala_store::{Origin, Result, conversations, preferences, push, workspaces};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::commands::push::note_use::NotePushUse;
use crate::commands::push::unsubscribe::Unsubscribe;
use crate::{Engine, backoff};

/// Messages that may wait to be looked at.
const WAITING_MAX: usize = 10_000;
/// What comes in this time is looked at together.
const GATHER: Duration = Duration::from_millis(300);
/// Notices that are handed over at the same time.
const AT_ONCE: usize = 8;
/// Notices that may be on their way, those that wait to be tried again included.
const UNDER_WAY_MAX: usize = 2000;
/// A notice that was refused so often helps nobody any more: a minute and a half has passed.
const TRIES: u32 = 5;
/// The use of a browser is written down this often.
const NOTE_USE_EVERY: Duration = Duration::from_secs(3600);

/// How long login sessions are good: whoever is signed out by time is told of nothing.
#[derive(Debug, Clone, Copy)]
pub struct SessionRules {
    /// How long one may rest.
    pub idle: Duration,
    /// How long one may last.
    pub lifetime: Duration,
}

impl SessionRules {
    fn is_standing(self, session: &LoginSession, now: Timestamp) -> bool {
        now < session.expires_at.min(session.created_at.plus(self.lifetime))
            && now.since(session.last_seen_at) <= self.idle
    }
}

/// A message of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Said {
    workspace: WorkspaceId,
    conversation: ConversationId,
    message: MessageId,
}

/// Messages of customers that were committed by this process. Cloning is cheap.
#[derive(Clone)]
pub struct PushQueue(Arc<Queue>);

struct Queue {
    into: mpsc::Sender<Said>,
    out_of: Mutex<Option<mpsc::Receiver<Said>>>,
    is_heard: AtomicBool,
    lost: AtomicU64,
}

impl Default for PushQueue {
    fn default() -> Self {
        let (into, out_of) = mpsc::channel(WAITING_MAX);
        let (is_heard, lost) = (AtomicBool::new(false), AtomicU64::new(0));
        Self(Arc::new(Queue { into, out_of: Mutex::new(Some(out_of)), is_heard, lost }))
    }
}

impl PushQueue {
    /// Takes in what was committed. Never waits.
    pub(crate) fn put(&self, workspace: WorkspaceId, facts: &[Recorded]) {
        if !self.0.is_heard.load(Ordering::Relaxed) {
            return;
        }
        for fact in facts {
            if let Event::MessageReceived { conversation, message, is_listed: true, .. } = fact.event {
                let said = Said { workspace, conversation, message };
                if self.0.into.try_send(said).is_err() {
                    self.0.lost.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }

    /// The other end, for the first who asks.
    fn listen(&self) -> Option<mpsc::Receiver<Said>> {
        let out_of = lock(&self.0.out_of).take()?;
        self.0.is_heard.store(true, Ordering::Relaxed);
        Some(out_of)
    }
}

/// Newest message of each conversation on its way to each browser.
type Newest = Arc<Mutex<HashMap<(PushSubscriptionId, ConversationId), MessageId>>>;

/// Hands notices over.
#[derive(Clone)]
struct Sender {
    engine: Engine,
    port: Arc<dyn Push>,
    rules: SessionRules,
    newest: Newest,
    turns: Arc<Semaphore>,
}

/// A notice on its way to one browser.
struct Delivery {
    workspace: WorkspaceId,
    agent: AgentId,
    subscription: PushSubscriptionId,
    is_use_noted: bool,
    key: Private<Vec<u8>>,
    address: PushAddress,
    conversation: ConversationId,
    message: MessageId,
}

/// Tells of what customers write until told to stop. Only the first call for an engine does anything.
pub async fn run(engine: Engine, port: Arc<dyn Push>, rules: SessionRules, stop: CancellationToken) {
    let Some(mut said) = engine.push.listen() else { return };
    let queue = engine.push.clone();
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let sender = Sender { engine, port, rules, newest: Newest::default(), turns };
    let mut under_way = JoinSet::new();
    loop {
        let mut batch = Vec::new();
        tokio::select! {
            () = stop.cancelled() => return,
            Some(_) = under_way.join_next() => continue,
            count = said.recv_many(&mut batch, WAITING_MAX) => if count == 0 { return },
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(GATHER) => {}
        }
        while let Ok(more) = said.try_recv() {
            batch.push(more);
        }
        let lost = queue.0.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            tracing::warn!(lost, "more messages came than notices can be made of");
        }
        for (workspace, news) in by_workspace(&batch) {
            match sender.deliveries(workspace, &news).await {
                Ok(deliveries) => sender.send_off(deliveries, &mut under_way),
                Err(error) => tracing::warn!(error = %error, "nobody could be told of new messages"),
            }
        }
    }
}

/// The newest message of each conversation.
fn by_workspace(batch: &[Said]) -> HashMap<WorkspaceId, HashMap<ConversationId, MessageId>> {
    let mut all: HashMap<_, HashMap<_, _>> = HashMap::new();
    for said in batch {
        all.entry(said.workspace).or_default().insert(said.conversation, said.message);
    }
    all
}

impl Sender {
    /// Whom to tell of what.
    async fn deliveries(
        &self,
        workspace: WorkspaceId,
        news: &HashMap<ConversationId, MessageId>,
    ) -> Result<Vec<Delivery>> {
        let (scope, now) = (Scope::system(workspace), self.engine.store.clock().now());
        let mut reader = self.engine.store.read().await?;
        let mut targets = push::targets(&scope, &mut reader).await?;
        targets.retain(|target| {
            self.rules.is_standing(&target.session, now)
                && !self.engine.attention.is_at_screen(target.agent, now)
        });
        if targets.is_empty() {
            return Ok(Vec::new());
        }
        let Some(key) = push::key(&scope, &mut reader, &self.engine.vault).await? else {
            return Ok(Vec::new());
        };
        let Some(settings) = workspaces::find(&scope, &mut reader).await? else { return Ok(Vec::new()) };
        let zone = settings.settings.time_zone;
        let ids: Vec<_> = news.keys().copied().collect();
        let mut deliveries = Vec::new();
        for of_agent in targets.chunk_by(|a, b| a.agent == b.agent) {
            let Some(Target { agent, role, .. }) = of_agent.first() else { continue };
            let wishes = preferences::find(&scope, &mut reader, *agent).await?.notifications;
            if is_quiet(&wishes, now, &zone) {
                continue;
            }
            let browsers: Vec<_> = of_agent.iter().filter_map(|target| self.open(target)).collect();
            // The same look as when he would fetch it.
            let seen =
                conversations::find_many(&Scope::of(workspace, *agent, *role), &mut reader, &ids).await?;
            for conversation in seen.iter().filter(|it| is_wanted(&wishes, it, *agent)) {
                let Some(message) = news.get(&conversation.id) else { continue };
                for (target, address) in &browsers {
                    deliveries.push(Delivery {
                        workspace,
                        agent: *agent,
                        subscription: target.id,
                        is_use_noted: target.last_used_at.is_some_and(|at| now.since(at) < NOTE_USE_EVERY),
                        key: key.clone(),
                        address: address.clone(),
                        conversation: conversation.id,
                        message: *message,
                    });
                }
            }
        }
        Ok(deliveries)
    }

    /// A browser and its address. One that does not open keeps the others from nothing.
    fn open<'a>(&self, target: &'a Target) -> Option<(&'a Target, PushAddress)> {
        match target.address(&self.engine.vault) {
            Ok(address) => Some((target, address)),
            Err(error) => {
                tracing::warn!(subscription.id = %target.id, error = %error, "a browser's address does not open");
                None
            }
        }
    }

    fn send_off(&self, deliveries: Vec<Delivery>, under_way: &mut JoinSet<()>) {
        let room = UNDER_WAY_MAX.saturating_sub(under_way.len());
        if deliveries.len() > room {
            tracing::warn!(lost = deliveries.len() - room, "too many notices are on their way");
        }
        for delivery in deliveries.into_iter().take(room) {
            let about = (delivery.subscription, delivery.conversation);
            lock(&self.newest).insert(about, delivery.message);
            let sender = self.clone();
            under_way.spawn(async move {
                if let Err(error) = sender.deliver(&delivery).await {
                    tracing::warn!(error = %error, "what became of a notice could not be written down");
                }
                let mut newest = lock(&sender.newest);
                if newest.get(&about) == Some(&delivery.message) {
                    newest.remove(&about);
                }
            });
        }
    }

    /// Hands one notice over, in several tries if need be.
    async fn deliver(&self, delivery: &Delivery) -> Result<()> {
        let Delivery { conversation, message, .. } = *delivery;
        for tries in 1..=TRIES {
            if !self.is_wanted_still(delivery, tries).await? {
                return Ok(());
            }
            let Ok(turn) = self.turns.acquire().await else { return Ok(()) };
            let notice = PushNotice::Message { conversation, message };
            let outcome = self.port.send(&delivery.key, &delivery.address, notice).await;
            drop(turn);
            match outcome {
                PushOutcome::Taken => return self.note_use(delivery).await,
                PushOutcome::Gone => return self.forget(delivery).await,
                PushOutcome::Later { retry_after, .. } if tries < TRIES => {
                    tokio::time::sleep(backoff::after(tries, retry_after)).await;
                }
                PushOutcome::Later { detail, .. } | PushOutcome::Refused { detail } => {
                    let id = delivery.subscription;
                    tracing::warn!(subscription.id = %id, attempt = tries, detail, "a notice was given up");
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Whether there is no newer one, and the browser has not been signed out while this one waited.
    async fn is_wanted_still(&self, delivery: &Delivery, tries: u32) -> Result<bool> {
        let about = (delivery.subscription, delivery.conversation);
        if lock(&self.newest).get(&about) != Some(&delivery.message) {
            return Ok(false);
        }
        if tries == 1 {
            return Ok(true);
        }
        let scope = Scope::system(delivery.workspace);
        let mut reader = self.engine.store.read().await?;
        let (agent, id) = (delivery.agent, delivery.subscription);
        Ok(push::address(&scope, &mut reader, agent, id, &self.engine.vault).await?.is_some())
    }

    async fn note_use(&self, delivery: &Delivery) -> Result<()> {
        if delivery.is_use_noted {
            return Ok(());
        }
        let command = NotePushUse { subscription: delivery.subscription };
        self.engine.store.execute(self.origin(delivery), command).await
    }

    async fn forget(&self, delivery: &Delivery) -> Result<()> {
        let command = Unsubscribe { agent: delivery.agent, subscription: delivery.subscription };
        self.engine.store.execute(self.origin(delivery), command).await.map(drop)
    }

    fn origin(&self, delivery: &Delivery) -> Origin {
        Origin::system(delivery.workspace, self.engine.store.new_id())
    }
}

/// Whether an agent wants to be told of a conversation that he may see.
fn is_wanted(wishes: &Notifications, conversation: &Conversation, agent: AgentId) -> bool {
    let is_his = conversation.assignee == Some(agent);
    match wishes.about {
        NotifyAbout::All => true,
        NotifyAbout::MineAndUnassigned => is_his || conversation.assignee.is_none(),
        NotifyAbout::Mine => is_his,
        NotifyAbout::None => false,
    }
}

/// Whether an agent wants to be left alone now, by the workspace's clock. In a zone that nobody knows, he is told.
fn is_quiet(wishes: &Notifications, now: Timestamp, zone: &str) -> bool {
    let Some(quiet) = &wishes.quiet_hours else { return false };
    let Some((day, time)) = on_the_wall(now, zone) else { return false };
    quiet.are_on(day, time)
}

/// What calendar and clock on the wall show.
fn on_the_wall(now: Timestamp, zone: &str) -> Option<(Weekday, TimeOfDay)> {
    let now = jiff::Timestamp::from_microsecond(now.micros()).ok()?.in_tz(zone).ok()?;
    let days = usize::try_from(now.weekday().to_monday_zero_offset()).ok()?;
    let (hour, minute) = (u16::try_from(now.hour()).ok()?, u16::try_from(now.minute()).ok()?);
    Some((*Weekday::ALL.get(days)?, TimeOfDay::new(hour, minute)?))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_domain::preferences::QuietHours;

    fn id<T: From<uuid::Uuid>>(n: u128) -> T {
        T::from(uuid::Uuid::from_u128(n))
    }

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn quiet_hours_are_those_of_the_workspaces_clock() {
        let time = |text| TimeOfDay::parse(text).unwrap();
        let days = [Weekday::Friday].into();
        let quiet = QuietHours { from: time("22:00"), to: time("07:00"), days };
        let wishes = Notifications { quiet_hours: Some(quiet), ..Notifications::default() };
        // Friday, and Bucharest is two hours ahead in winter.
        for (now, expected) in [
            ("2026-11-20T19:59:00Z", false),
            ("2026-11-20T20:00:00Z", true),
            ("2026-11-21T04:59:00Z", true),
            ("2026-11-21T05:00:00Z", false),
            ("2026-11-21T21:00:00Z", false),
        ] {
            assert_eq!(is_quiet(&wishes, at(now), "Europe/Bucharest"), expected, "{now}");
        }
        // Three hours ahead in summer.
        assert!(is_quiet(&wishes, at("2026-07-03T19:00:00Z"), "Europe/Bucharest"));
        assert!(!is_quiet(&wishes, at("2026-07-03T19:00:00Z"), "UTC"));
        assert!(!is_quiet(&wishes, at("2026-07-03T23:00:00Z"), "Nowhere/Atlantis"));
        assert!(!is_quiet(&Notifications::default(), at("2026-11-20T20:00:00Z"), "Europe/Bucharest"));
    }

    #[test]
    fn agent_is_told_of_what_he_wants_to_hear() {
        let (ana, ion) = (id::<AgentId>(1), id::<AgentId>(2));
        let open = Conversation::open(id(1), id(2), id(3), id(4), Timestamp(0));
        let of = |assignee| Conversation { assignee, ..open.clone() };
        let cases = [
            (NotifyAbout::All, [true, true, true]),
            (NotifyAbout::MineAndUnassigned, [true, true, false]),
            (NotifyAbout::Mine, [false, true, false]),
            (NotifyAbout::None, [false, false, false]),
        ];
        for (about, expected) in cases {
            let wishes = Notifications { about, ..Notifications::default() };
            let wanted = [None, Some(ana), Some(ion)].map(|assignee| is_wanted(&wishes, &of(assignee), ana));
            assert_eq!(wanted, expected, "{about:?}");
        }
    }

    #[test]
    fn newest_message_of_each_conversation_is_told() {
        let said = |workspace, conversation, message| Said {
            workspace: id(workspace),
            conversation: id(conversation),
            message: id(message),
        };
        let all = by_workspace(&[said(1, 1, 1), said(1, 2, 2), said(1, 1, 3), said(2, 4, 4)]);
        assert_eq!(all[&id(1)], HashMap::from([(id(1), id(3)), (id(2), id(2))]));
        assert_eq!(all[&id(2)], HashMap::from([(id(4), id(4))]));
    }

    #[test]
    fn queue_that_nobody_empties_takes_no_more_and_does_not_wait() {
        let queue = PushQueue::default();
        let fact = |n: u128| Recorded {
            seq: 1,
            id: id(n),
            at: Timestamp(0),
            actor: centrala_domain::agent::Actor::System,
            cause: None,
            depth: 0,
            trace: id(1),
            event: Event::MessageReceived {
                conversation: id(1),
                message: id(n),
                content_kind: "text".into(),
                sent_at: Timestamp(0),
                position: Timestamp(0),
                is_listed: true,
                receipt: None,
            },
        };
        queue.put(id(1), &[fact(1)]);
        let mut said = queue.listen().unwrap();
        assert!(queue.listen().is_none());
        assert!(said.try_recv().is_err(), "nobody listened");
        for n in 0..=WAITING_MAX as u128 {
            queue.put(id(1), &[fact(n)]);
        }
        assert_eq!(queue.0.lost.load(Ordering::Relaxed), 1);
        assert_eq!(said.try_recv().unwrap().message, id(0));
    }
}
