//! The outbox: order, leases, keys, dead letters.

use std::collections::BTreeSet;
use std::time::Duration;

use centrala_domain::event::{Event, Recorded};
use centrala_domain::permission::Scope;
use centrala_domain::{ConversationId, MessageId, NoteId, Timestamp};
use centrala_store::jobs::{self, ClaimedJob, Due, JobChange, Lane, NewJob};
use centrala_store::write::{JobClaim, JobEnd};
use centrala_store::{Command, Ctx, Done, Error, Origin, Result, Tx};
use centrala_testkit::clock::START;
use centrala_testkit::{TestStore, TestWorkspace};
use futures_util::future::join_all;
use uuid::Uuid;

const LEASE: Duration = Duration::from_secs(60);

/// A note is work in the order of its conversation; a snooze is a timer of its conversation, which resolving
/// stops; a deleted note is work without an order.
fn route(fact: &Recorded) -> Vec<JobChange> {
    let job = |kind, payload: String| NewJob {
        kind,
        lane: Lane::Other,
        key: None,
        order_key: None,
        due: Due::Now,
        payload: serde_json::Value::String(payload),
        subject: None,
    };
    if let Event::NoteAdded { conversation, note } = &fact.event {
        return vec![JobChange::Add(NewJob {
            order_key: Some(conversation.to_string()),
            subject: Some(note.0),
            ..job("ordered", note.to_string())
        })];
    }
    if let Event::NoteDeleted { note, .. } = &fact.event {
        return vec![JobChange::Add(job("free", note.to_string()))];
    }
    if let Event::ConversationSnoozed { conversation, until } = &fact.event {
        return vec![JobChange::Add(NewJob {
            key: Some(conversation.to_string()),
            due: Due::At(*until),
            ..job("timer", until.to_string())
        })];
    }
    if let Event::ConversationResolved { conversation, .. } = &fact.event {
        return vec![JobChange::Cancel { key: conversation.to_string() }];
    }
    vec![]
}

/// `on_both_engines` for a store with these jobs.
async fn on_both_engines(test: impl AsyncFn(TestStore)) {
    println!("on SQLite:");
    test(TestStore::sqlite_with(route).await).await;
    println!("on PostgreSQL:");
    test(TestStore::postgres_with(route).await).await;
}

/// Ends the job it runs for, as told.
struct EndJob(JobEnd);

impl Command for EndJob {
    type Out = ();
    type Error = Error;

    async fn run(&self, _: &Ctx, _: &mut Tx) -> Result<Done<()>> {
        Ok(Done::new((), [Event::WorkspaceChanged]).with_job(self.0.clone()))
    }
}

async fn end(store: &TestStore, shop: &TestWorkspace<'_>, claim: JobClaim, how: JobEnd) -> Result<()> {
    store.execute(Origin { job: Some(claim), ..shop.origin() }, EndJob(how)).await
}

async fn claim(store: &TestStore) -> Vec<ClaimedJob> {
    let mut claimed = store.claim_jobs(Lane::Other, 100, LEASE).await.unwrap();
    claimed.sort_by_key(|job| job.claim.job);
    claimed
}

async fn backlog(store: &TestStore) -> Vec<(String, String, i64)> {
    let mut reader = store.read().await.unwrap();
    let backlog = jobs::backlog(&mut reader).await.unwrap();
    let mut all: Vec<_> = backlog.into_iter().map(|it| (it.kind, it.state, it.count)).collect();
    all.sort();
    all
}

fn payloads(jobs: &[ClaimedJob]) -> Vec<&str> {
    jobs.iter().map(|job| job.payload.as_str().unwrap()).collect()
}

#[tokio::test]
async fn earlier_unfinished_job_blocks_a_later_one_of_its_order_key() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let (one, two): (ConversationId, ConversationId) = (store.new_id(), store.new_id());
        let notes: Vec<NoteId> = (0..3).map(|_| store.new_id()).collect();
        let added = [(one, notes[0]), (one, notes[1]), (two, notes[2])];
        let facts = added.map(|(conversation, note)| Event::NoteAdded { conversation, note });
        store.emit(shop.id(), facts.to_vec()).await.unwrap();

        let first = claim(&store).await;
        assert_eq!(payloads(&first), [notes[0].to_string(), notes[2].to_string()]);
        assert_eq!((first[0].attempt, first[0].depth, first[0].workspace), (1, 1, shop.id()));
        assert!(claim(&store).await.is_empty());

        // A job that waits for its next try still blocks.
        let wait = Duration::from_secs(5);
        store.postpone_job(first[0].claim, wait, "the channel is slow").await.unwrap();
        assert!(claim(&store).await.is_empty());
        store.clock().advance(wait);
        let again = claim(&store).await;
        assert_eq!((payloads(&again), again[0].attempt), (vec![notes[0].to_string().as_str()], 2));

        end(&store, &shop, again[0].claim, JobEnd::Finish).await.unwrap();
        assert_eq!(payloads(&claim(&store).await), [notes[1].to_string()]);
    })
    .await;
}

#[tokio::test]
async fn buried_job_blocks_nobody_and_is_shown() {
    on_both_engines(async |store| {
        let (shop, other) = (store.workspace().await, store.workspace().await);
        let conversation: ConversationId = store.new_id();
        let notes: [NoteId; 2] = [store.new_id(), store.new_id()];
        let facts = notes.map(|note| Event::NoteAdded { conversation, note });
        store.emit(shop.id(), facts.to_vec()).await.unwrap();
        let first = claim(&store).await;
        store.bury_job(first[0].claim, "no such template").await.unwrap();
        assert_eq!(payloads(&claim(&store).await), [notes[1].to_string()]);

        let mut reader = store.read().await.unwrap();
        let dead = jobs::dead(&shop.scope(), &mut reader, 10).await.unwrap();
        assert_eq!(dead.len(), 1);
        assert_eq!(
            (dead[0].state.as_str(), dead[0].last_error.as_deref()),
            ("dead", Some("no such template"))
        );
        assert!(jobs::dead(&other.scope(), &mut reader, 10).await.unwrap().is_empty());
        let subject = MessageId(notes[0].0);
        let shown = jobs::of_message(&shop.scope(), &mut reader, subject).await.unwrap();
        assert_eq!((shown.len(), shown[0].id, shown[0].finished_at), (1, first[0].claim.job, Some(START)));
        assert!(jobs::of_message(&other.scope(), &mut reader, subject).await.unwrap().is_empty());
    })
    .await;
}

async fn free_jobs(store: &TestStore, shop: &TestWorkspace<'_>, count: usize) {
    let conversation = store.new_id();
    let facts = (0..count).map(|_| Event::NoteDeleted { conversation, note: store.new_id() });
    store.emit(shop.id(), facts.collect()).await.unwrap();
}

#[tokio::test]
async fn job_whose_worker_died_is_claimed_again_when_its_lease_is_over() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        free_jobs(&store, &shop, 1).await;
        let old = claim(&store).await.remove(0);
        store.clock().advance(LEASE - Duration::from_secs(1));
        store.release_expired_jobs(false).await.unwrap();
        assert!(claim(&store).await.is_empty());

        // A worker that lives keeps its lease for longer.
        let until = store.clock().advance(Duration::ZERO).plus(LEASE);
        store.extend_lease(old.claim, until).await.unwrap();
        store.clock().advance(LEASE - Duration::from_secs(1));
        store.release_expired_jobs(false).await.unwrap();
        assert!(claim(&store).await.is_empty());

        store.clock().advance(Duration::from_secs(1));
        store.release_expired_jobs(false).await.unwrap();
        let new = claim(&store).await.remove(0);
        assert_eq!((new.claim.job, new.attempt), (old.claim.job, 2));
        assert_ne!(new.claim.token, old.claim.token);

        // Whatever the first worker still does has no effect.
        store.take_events();
        let far = Timestamp(i64::MAX);
        for how in [JobEnd::Finish, JobEnd::Continue, JobEnd::Again { at: far, note: "late".into() }] {
            let refused = end(&store, &shop, old.claim, how).await;
            assert!(refused.unwrap_err().is_conflict_on("lease"));
        }
        store.postpone_job(old.claim, LEASE, "late").await.unwrap();
        store.bury_job(old.claim, "late").await.unwrap();
        store.finish_job(old.claim).await.unwrap();
        assert!(store.events().is_empty());
        assert_eq!(backlog(&store).await, [("free".into(), "claimed".into(), 1)]);

        store.release_expired_jobs(true).await.unwrap();
        assert_eq!(claim(&store).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn command_ends_keeps_or_postpones_its_job_in_its_own_commit() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        free_jobs(&store, &shop, 1).await;
        let job = claim(&store).await.remove(0);
        end(&store, &shop, job.claim, JobEnd::Continue).await.unwrap();
        let at = START.plus(Duration::from_secs(30));
        end(&store, &shop, job.claim, JobEnd::Again { at, note: "wait".into() }).await.unwrap();
        assert_eq!(backlog(&store).await, [("free".into(), "ready".into(), 1)]);
        let mut reader = store.read().await.unwrap();
        assert_eq!(jobs::next_due(&mut reader, Lane::Other).await.unwrap(), Some(at));
        assert_eq!(jobs::next_due(&mut reader, Lane::Media).await.unwrap(), None);
        drop(reader);

        store.clock().set(at);
        assert!(store.claim_jobs(Lane::Media, 10, LEASE).await.unwrap().is_empty());
        let job = claim(&store).await.remove(0);
        end(&store, &shop, job.claim, JobEnd::Finish).await.unwrap();
        assert!(backlog(&store).await.is_empty());
        assert_eq!(store.events().iter().filter(|event| **event == Event::WorkspaceChanged).count(), 3);
    })
    .await;
}

#[tokio::test]
async fn finished_job_stays_finished() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        free_jobs(&store, &shop, 1).await;
        let job = claim(&store).await.remove(0);
        end(&store, &shop, job.claim, JobEnd::Finish).await.unwrap();

        // The answer to the commit was lost, and the worker thinks that it failed.
        for how in [JobEnd::Finish, JobEnd::Continue, JobEnd::Again { at: START, note: "lost".into() }] {
            let refused = end(&store, &shop, job.claim, how).await;
            assert!(refused.unwrap_err().is_conflict_on("lease"));
        }
        store.postpone_job(job.claim, Duration::ZERO, "lost").await.unwrap();
        store.bury_job(job.claim, "lost").await.unwrap();
        assert!(claim(&store).await.is_empty());
        let mut reader = store.read().await.unwrap();
        assert!(jobs::dead(&shop.scope(), &mut reader, 10).await.unwrap().is_empty());
        drop(reader);

        let forget = async |before| {
            let forget = store.write(shop.scope(), (), move |(), ctx, tx| {
                Box::pin(async move { jobs::forget_before(&ctx.scope, tx, before, 10).await })
            });
            forget.await.unwrap()
        };
        assert_eq!(forget(START).await, 0);
        assert_eq!(forget(Timestamp(START.0 + 1)).await, 1);
    })
    .await;
}

async fn snooze(store: &TestStore, scope: Scope, conversation: ConversationId, until: Timestamp) {
    store.emit(scope.workspace, vec![Event::ConversationSnoozed { conversation, until }]).await.unwrap();
}

#[tokio::test]
async fn job_of_the_same_key_is_replaced_also_when_it_is_under_way() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let conversation: ConversationId = store.new_id();
        let (first, second) = (START.plus(LEASE), START.plus(2 * LEASE));
        snooze(&store, shop.scope(), conversation, first).await;
        snooze(&store, shop.scope(), conversation, second).await;
        assert_eq!(backlog(&store).await, [("timer".into(), "ready".into(), 1)]);
        store.clock().set(first);
        assert!(claim(&store).await.is_empty());
        store.clock().set(second);
        let old = claim(&store).await.remove(0);
        assert_eq!(old.payload, serde_json::json!(second.to_string()));

        let third = second.plus(LEASE);
        snooze(&store, shop.scope(), conversation, third).await;
        let refused = end(&store, &shop, old.claim, JobEnd::Finish).await;
        assert!(refused.unwrap_err().is_conflict_on("lease"));
        store.clock().set(third);
        let new = claim(&store).await.remove(0);
        // It is new work: the tries of the old one do not count.
        assert_eq!((new.payload, new.attempt), (serde_json::json!(third.to_string()), 1));
        end(&store, &shop, new.claim, JobEnd::Finish).await.unwrap();

        // A finished one leaves its key.
        snooze(&store, shop.scope(), conversation, third).await;
        assert_eq!(claim(&store).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn job_that_has_not_begun_is_cancelled_by_its_key() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        let (one, two): (ConversationId, ConversationId) = (store.new_id(), store.new_id());
        for conversation in [one, two] {
            snooze(&store, shop.scope(), conversation, START).await;
        }
        let resolved = |conversation| vec![Event::ConversationResolved { conversation, at: START }];
        store.emit(shop.id(), resolved(one)).await.unwrap();
        assert_eq!(backlog(&store).await, [("timer".into(), "ready".into(), 1)]);
        let begun = claim(&store).await.remove(0);
        store.emit(shop.id(), resolved(two)).await.unwrap();
        end(&store, &shop, begun.claim, JobEnd::Finish).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn two_claimers_never_get_the_same_job() {
    on_both_engines(async |store| {
        let shop = store.workspace().await;
        free_jobs(&store, &shop, 120).await;
        let claimers = (0..4).map(|_| async {
            let mut got: Vec<Uuid> = Vec::new();
            loop {
                let claimed = store.claim_jobs(Lane::Other, 7, LEASE).await.unwrap();
                if claimed.is_empty() {
                    return got;
                }
                assert!(claimed.len() <= 7);
                got.extend(claimed.iter().map(|job| job.claim.job.0));
            }
        });
        let got: Vec<Uuid> = join_all(claimers).await.concat();
        assert_eq!(got.len(), 120);
        assert_eq!(got.iter().collect::<BTreeSet<_>>().len(), 120);
        assert_eq!(backlog(&store).await, [("free".into(), "claimed".into(), 120)]);
    })
    .await;
}
