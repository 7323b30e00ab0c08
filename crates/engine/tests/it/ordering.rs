//! Messages of one conversation leave in order and one at a time, with many workers and a failing channel.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use centrala_domain::MessageId;
use centrala_domain::error_code::ErrorClass;
use centrala_domain::inbound::parse_callback_data;
use centrala_domain::message::DeliveryStatus;
use centrala_domain::ports::SendOutcome;
use centrala_engine::worker::{self, Concurrency};
use centrala_store::jobs::{self, Lane};
use proptest::prelude::*;
use tokio_util::sync::CancellationToken;

use crate::converging::{block_on, check};
use crate::scripted::{Plan, accepted, refused};
use crate::world::{Db, World, on_both};

#[derive(Debug, Clone)]
struct Rush {
    /// To which customer each message goes.
    messages: Vec<u32>,
    answers: Vec<u8>,
    workers: usize,
}

fn rush() -> impl Strategy<Value = Rush> {
    (prop::collection::vec(1u32..4, 2..14), prop::collection::vec(any::<u8>(), 16), 1usize..6)
        .prop_map(|(messages, answers, workers)| Rush { messages, answers, workers })
}

/// The channel fails often, and takes its time.
fn stubborn(world: &World, answers: Vec<u8>) {
    world.channel.on_send(move |outgoing, nth| {
        let outcome = match answers[nth % answers.len()] % 5 {
            0 => SendOutcome::NotSent { detail: "connection refused".into() },
            1 => refused(ErrorClass::Throttle),
            2 if nth % 7 == 0 => refused(ErrorClass::Permanent),
            _ => accepted(outgoing),
        };
        Plan { outcome, gate: None, turns_before: nth % 5, turns_after: nth % 3 }
    });
}

async fn queue(world: &World, customers: &[u32]) -> Vec<(u32, MessageId)> {
    let mut conversations = HashMap::new();
    let mut queued = Vec::new();
    for (n, customer) in customers.iter().enumerate() {
        if !conversations.contains_key(customer) {
            let id = world.customer_writes(*customer, &format!("wamid.in.{customer}")).await.id;
            conversations.insert(*customer, id);
        }
        let sent = world.send(conversations[customer], &format!("client-{n}")).await.unwrap();
        queued.push((*customer, sent.message.id));
    }
    queued
}

/// Calls of one customer follow the order in which the messages were written.
fn in_order(world: &World, queued: &[(u32, MessageId)]) -> Result<(), TestCaseError> {
    prop_assert_eq!(world.channel.overlaps(), 0, "two messages of a conversation under way at once");
    let mut reached: HashMap<u32, usize> = HashMap::new();
    for call in world.channel.calls() {
        let (message, _) = parse_callback_data(&call.outgoing.callback_data).unwrap();
        let place = queued.iter().position(|(_, id)| *id == message).unwrap();
        let last = reached.insert(queued[place].0, place);
        prop_assert!(last.is_none_or(|last| last <= place), "message {} after {:?}", place, last);
    }
    Ok(())
}

async fn keeps_order(db: Db, rush: &Rush) -> Result<(), TestCaseError> {
    let world = World::new(db).await;
    stubborn(&world, rush.answers.clone());
    let queued = queue(&world, &rush.messages).await;
    let is_done = AtomicBool::new(false);
    // Each worker is a future on the same task: they meet at every await.
    let worker = || async {
        while !is_done.load(Ordering::Relaxed) {
            let lease = Duration::from_secs(100_000);
            let claimed = world.store.claim_jobs(Lane::Outbound, 2, lease).await.unwrap();
            futures_join(claimed.iter().map(|job| worker::run_job(&world.engine, job)).collect()).await;
            tokio::task::yield_now().await;
        }
    };
    let time = async {
        loop {
            let mut reader = world.store.read().await.unwrap();
            if jobs::backlog(&mut reader).await.unwrap().is_empty() {
                break;
            }
            drop(reader);
            world.clock().advance(Duration::from_secs(20));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        is_done.store(true, Ordering::Relaxed);
    };
    tokio::join!(futures_join((0..rush.workers).map(|_| worker()).collect()), time);
    in_order(&world, &queued)?;
    for (_, id) in &queued {
        let status = world.message(*id).await.status;
        prop_assert!(matches!(status, DeliveryStatus::Accepted | DeliveryStatus::Failed), "{:?}", status);
    }
    prop_assert_eq!(world.dead().await, Vec::new());
    Ok(())
}

/// Waits for all of them, turn by turn.
async fn futures_join<F: Future<Output = ()>>(futures: Vec<F>) {
    let mut waiting: Vec<_> = futures.into_iter().map(Box::pin).collect();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|future| future.as_mut().poll(context).is_pending());
        if waiting.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

#[test]
fn messages_of_a_conversation_leave_in_order_and_one_at_a_time() {
    check(24, &rush(), |rush| block_on(keeps_order(Db::Sqlite, &rush)));
}

#[test]
fn messages_of_a_conversation_leave_in_order_and_one_at_a_time_on_postgres() {
    check(6, &rush(), |rush| block_on(keeps_order(Db::Postgres, &rush)));
}

/// The worker as the program runs it, with its own lanes, hints and waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker_sends_everything_in_order_and_stops_when_told() {
    on_both(async |world| {
        stubborn(&world, (0..16).collect());
        let queued = queue(&world, &[1, 2, 1, 3, 1, 2, 3, 1]).await;
        let stop = CancellationToken::new();
        let clock = world.clock().clone();
        let store = centrala_store::Store::clone(&world.store);
        let stopping = stop.clone();
        let time = async move {
            loop {
                let mut reader = store.read().await.unwrap();
                if jobs::backlog(&mut reader).await.unwrap().is_empty() {
                    break stopping.cancel();
                }
                drop(reader);
                clock.advance(Duration::from_secs(2));
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let run = worker::run(world.engine.clone(), Concurrency::default(), stop);
        let both = async { tokio::join!(run, time) };
        tokio::time::timeout(Duration::from_secs(40), both).await.expect("the worker ends in time");
        in_order(&world, &queued).unwrap();
        let all = world.channel.calls().iter().filter(|call| call.is_taken).count();
        assert!(all >= queued.len() - 2, "{all} of {}", queued.len());
    })
    .await;
}

#[tokio::test]
async fn job_that_waits_behind_another_one_wakes_nobody() {
    on_both(async |world| {
        world.channel.on_send(|outgoing, nth| match nth {
            1 => SendOutcome::NotSent { detail: "connection refused".into() }.into(),
            _ => accepted(outgoing).into(),
        });
        queue(&world, &[1, 1]).await;
        world.run_due_jobs().await;
        let mut reader = world.store.read().await.unwrap();
        let due = jobs::next_due(&mut reader, Lane::Outbound).await.unwrap();
        drop(reader);
        assert!(due.is_some_and(|due| due > world.now()), "the second waits for the first: {due:?}");
        world.run_all_jobs().await;
        assert_eq!(world.channel.calls().len(), 2);
    })
    .await;
}

/// A worker that ended without saying so does not keep its job for ever.
#[tokio::test]
async fn job_of_a_dead_worker_is_claimed_again_when_its_lease_is_over() {
    on_both(async |world| {
        queue(&world, &[1]).await;
        let held = world.claim_one("send_message").await;
        assert!(world.claim(10).await.is_empty());
        world.clock().advance(Duration::from_secs(181));
        world.store.release_expired_jobs(false).await.unwrap();
        let again = world.claim_one("send_message").await;
        assert_eq!((again.claim.job, again.attempt), (held.claim.job, 2));
        // The first one comes back to life: its lease is gone, so it calls nobody.
        worker::run_job(&world.engine, &held).await;
        assert!(world.channel.calls().is_empty());
        worker::run_job(&world.engine, &again).await;
        assert_eq!(world.channel.calls().len(), 1);
    })
    .await;
}
