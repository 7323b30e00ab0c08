//! The clock is set: what waits, waits no longer for that; what is held is let go in time; order stays.

use std::sync::Arc;
use std::time::Duration;

use centrala_domain::event::{Event, Recorded};
use centrala_domain::{ConversationId, NoteId, ReceiptId, Timestamp};
use centrala_store::jobs::{self, Due, JobChange, Lane, NewJob};
use centrala_store::receipts::{self, KeepReceipt};
use centrala_store::write::Hooks;
use centrala_store::{Options, Store};
use centrala_testkit::clock::START;
use centrala_testkit::{TestClock, TestStore};
use uuid::Uuid;

const HOUR: Duration = Duration::from_secs(3600);
const LEASE: Duration = Duration::from_secs(60);
const SHORT_LEASE: Duration = Duration::from_secs(20);
const WAIT: Duration = Duration::from_secs(4);

/// A note waits for [`WAIT`], a deleted note is due at once, a snooze is an appointment. A reopened conversation waits
/// instead of its snooze.
fn route(fact: &Recorded) -> Vec<JobChange> {
    let add = |kind, key, order_key, due| {
        let payload = serde_json::Value::Null;
        vec![JobChange::Add(NewJob { kind, lane: Lane::Other, key, order_key, due, payload, subject: None })]
    };
    match &fact.event {
        Event::NoteAdded { .. } => add("wait", None, None, Due::After(WAIT)),
        Event::NoteDeleted { conversation, .. } => add("now", None, Some(conversation.to_string()), Due::Now),
        Event::ConversationSnoozed { conversation, until } => {
            add("appointment", Some(conversation.to_string()), None, Due::At(*until))
        }
        Event::ConversationReopened { conversation } => {
            add("wait instead", Some(conversation.to_string()), None, Due::After(WAIT))
        }
        _ => vec![],
    }
}

async fn on_both_engines(test: impl AsyncFn(TestStore)) {
    println!("on SQLite:");
    test(TestStore::sqlite_with(route).await).await;
    println!("on PostgreSQL:");
    test(TestStore::postgres_with(route).await).await;
}

fn earlier(instant: Timestamp, by: Duration) -> Timestamp {
    Timestamp(instant.0 - i64::try_from(by.as_micros()).unwrap())
}

async fn next_due(store: &Store) -> Option<Timestamp> {
    let mut reader = store.read().await.unwrap();
    jobs::next_due(&mut reader, Lane::Other).await.unwrap()
}

async fn claim(store: &Store) -> Vec<jobs::ClaimedJob> {
    store.claim_jobs(Lane::Other, 100, LEASE).await.unwrap()
}

#[tokio::test]
async fn wait_is_as_long_when_the_clock_is_set_back_and_an_appointment_stays() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let (conversation, note): (ConversationId, NoteId) = (store.new_id(), store.new_id());
        let until = START.plus(2 * HOUR);
        let facts =
            vec![Event::NoteAdded { conversation, note }, Event::ConversationSnoozed { conversation, until }];
        store.emit(shop.id(), facts).await.unwrap();
        let back = earlier(START, 2 * HOUR);
        store.clock().set(back);
        assert!(store.was_clock_set_back());
        assert_eq!(store.follow_clock_back(LEASE, SHORT_LEASE).await.unwrap(), 1);
        assert_eq!(next_due(&store).await, Some(back.plus(WAIT)));
        assert_eq!(store.follow_clock_back(LEASE, SHORT_LEASE).await.unwrap(), 0, "once is enough");

        store.clock().set(back.plus(WAIT));
        let first = claim(&store).await.remove(0);
        assert_eq!(first.kind, "wait");
        assert!(!store.was_clock_set_back());
        store.finish_job(first.claim).await.unwrap();
        assert_eq!(next_due(&store).await, Some(until));

        // A wait in the place of an appointment is a wait, and the other way round.
        store.emit(shop.id(), vec![Event::ConversationReopened { conversation }]).await.unwrap();
        store.clock().set(earlier(back, HOUR));
        assert_eq!(store.follow_clock_back(LEASE, SHORT_LEASE).await.unwrap(), 1);
        assert_eq!(next_due(&store).await, Some(earlier(back, HOUR).plus(WAIT)));
        store.emit(shop.id(), vec![Event::ConversationSnoozed { conversation, until }]).await.unwrap();
        store.clock().set(earlier(back, 2 * HOUR));
        assert_eq!(store.follow_clock_back(LEASE, SHORT_LEASE).await.unwrap(), 0);
        assert_eq!(next_due(&store).await, Some(until));
    })
    .await;
}

#[tokio::test]
async fn postponed_job_and_one_whose_worker_died_follow_the_clock_back() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        for _ in 0..2 {
            let fact = Event::NoteDeleted { conversation: store.new_id(), note: store.new_id() };
            store.emit(shop.id(), vec![fact]).await.unwrap();
        }
        let claimed = claim(&store).await;
        store.postpone_job(claimed[0].claim, WAIT, "the channel is slow").await.unwrap();
        let back = earlier(START, 2 * HOUR);
        store.clock().set(back);
        assert_eq!(store.follow_clock_back(LEASE, SHORT_LEASE).await.unwrap(), 1);
        store.clock().set(back.plus(WAIT));
        let again = claim(&store).await;
        assert_eq!(again.iter().map(|job| job.claim.job).collect::<Vec<_>>(), [claimed[0].claim.job]);
        store.finish_job(again[0].claim).await.unwrap();

        // The other one is still claimed: freed a lease later, it is due at once.
        store.clock().set(back.plus(LEASE));
        store.release_expired_jobs(false).await.unwrap();
        assert_eq!(claim(&store).await[0].claim.job, claimed[1].claim.job);
    })
    .await;
}

#[tokio::test]
async fn lease_of_before_the_step_ends_a_lease_from_now_and_a_living_holder_keeps_it() {
    on_both_engines(async |store| {
        let (dead, alive, other): (Uuid, Uuid, Uuid) = (store.new_id(), store.new_id(), store.new_id());
        let until = START.plus(SHORT_LEASE);
        for (name, holder) in [("dead", dead), ("alive", alive)] {
            assert!(store.take_lease(name, holder, until).await.unwrap());
        }
        let back = earlier(START, 2 * HOUR);
        store.clock().set(back);
        store.follow_clock_back(LEASE, SHORT_LEASE).await.unwrap();
        let now = store.clock().advance(SHORT_LEASE / 2);
        assert!(store.take_lease("alive", alive, now.plus(SHORT_LEASE)).await.unwrap());
        assert!(!store.take_lease("dead", other, now.plus(SHORT_LEASE)).await.unwrap());
        let now = store.clock().advance(SHORT_LEASE / 2);
        assert!(store.take_lease("dead", other, now.plus(SHORT_LEASE)).await.unwrap());
        assert!(!store.take_lease("alive", other, now.plus(SHORT_LEASE)).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn order_of_arrival_survives_a_restart_with_a_clock_that_was_set_back() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let (inbox, conversation): (_, ConversationId) = (shop.inbox().await.id, store.new_id());
        let keep = async |store: &Store, raw: &[u8]| -> ReceiptId {
            store.execute(shop.origin(), KeepReceipt { inbox, raw: raw.to_vec() }).await.unwrap()
        };
        let (earlier_note, later_note): (NoteId, NoteId) = (store.new_id(), store.new_id());
        let first = keep(&store, b"first").await;
        store.emit(shop.id(), vec![Event::NoteDeleted { conversation, note: earlier_note }]).await.unwrap();

        let clock = TestClock::at(earlier(START, 2 * HOUR));
        let hooks = Hooks { route, ..Hooks::none() };
        let options = Options::new(store.engine().clone());
        let again = Store::open(options, Arc::new(clock.clone()), hooks).await.unwrap();
        again.continue_ids().await.unwrap();
        let second = keep(&again, b"second").await;
        let mut reader = again.read().await.unwrap();
        let waiting: Vec<_> =
            receipts::waiting(&mut reader, 10).await.unwrap().iter().map(|it| it.id).collect();
        drop(reader);
        assert_eq!(waiting, [first, second]);

        let fact = Event::NoteDeleted { conversation, note: later_note };
        let emitted = again.execute(shop.origin(), Says(fact)).await;
        emitted.unwrap();
        again.follow_clock_back(LEASE, SHORT_LEASE).await.unwrap();
        let mut reader = again.read().await.unwrap();
        let rows = reader.all(ORDER, vec![]).await.unwrap();
        let ids: Vec<Uuid> = rows.iter().map(|row| row.get("id").unwrap()).collect();
        drop(reader);
        let claimed = claim(&again).await;
        assert_eq!(claimed.iter().map(|job| job.claim.job.0).collect::<Vec<_>>(), ids[..1], "{ids:?}");
        again.close().await;
    })
    .await;
}

/// By when the fact behind it was numbered: `seq` does not ask any clock.
const ORDER: centrala_store::Sql = {
    const TEXT: &str = "SELECT j.id FROM jobs j JOIN events e ON e.id = j.cause ORDER BY e.seq";
    centrala_store::Sql { name: "order", sqlite: TEXT, postgres: TEXT }
};

struct Says(Event);

impl centrala_store::Command for Says {
    type Out = ();
    type Error = centrala_store::Error;

    async fn run(
        &self,
        _: &centrala_store::Ctx,
        _: &mut centrala_store::Tx,
    ) -> centrala_store::Result<centrala_store::Done<()>> {
        Ok(centrala_store::Done::new((), [self.0.clone()]))
    }
}
