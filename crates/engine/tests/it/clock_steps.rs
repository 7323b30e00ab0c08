//! The clock is set while messages wait or are under way: no second call, and nothing fails or is forgotten for it.

use std::time::Duration;

use centrala_domain::conversation::Status;
use centrala_domain::error_code::ErrorClass;
use centrala_domain::message::DeliveryStatus;
use centrala_engine::commands::conversations::snooze::SnoozeConversation;
use centrala_engine::worker;
use centrala_store::jobs::{self, Lane};

use crate::scripted::{Plan, accepted, refused};
use crate::world::on_both;

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn job_claimed_again_while_it_is_under_way_makes_no_second_call() {
    on_both(async |world| {
        world.channel.on_send(|outgoing, _| Plan {
            outcome: accepted(outgoing),
            gate: None,
            turns_before: 0,
            turns_after: 200,
        });
        let conversation = world.customer_writes(1, "wamid.in").await.id;
        let message = world.send(conversation, "client").await.unwrap().message.id;
        let first = world.claim_one("send_message").await;
        let forward = async {
            while world.channel.calls().is_empty() {
                tokio::task::yield_now().await;
            }
            world.clock().advance(24 * HOUR);
            world.store.release_expired_jobs(false).await.unwrap();
            let second = world.claim_one("send_message").await;
            worker::run_job(&world.engine, &second).await;
        };
        tokio::join!(worker::run_job(&world.engine, &first), forward);
        assert_eq!(world.channel.calls().len(), 1);
        let status = world.message(message).await.status;
        assert!(matches!(status, DeliveryStatus::Uncertain | DeliveryStatus::Accepted), "{status:?}");
        world.run_all_jobs().await;
        assert_eq!(world.channel.calls().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn message_that_waits_for_its_next_try_does_not_fail_because_the_clock_is_ahead() {
    on_both(async |world| {
        world.channel.on_send(|outgoing, nth| Plan {
            outcome: if nth < 2 { refused(ErrorClass::Throttle) } else { accepted(outgoing) },
            gate: None,
            turns_before: 0,
            turns_after: 0,
        });
        let conversation = world.customer_writes(1, "wamid.in").await.id;
        let message = world.send(conversation, "client").await.unwrap().message.id;
        let job = world.claim_one("send_message").await;
        let start = world.now();
        // A customer who writes by the same clock keeps the window open: what is asked here is the patience.
        world.clock().advance(25 * HOUR);
        world.customer_writes(1, "wamid.again").await;
        worker::run_job(&world.engine, &job).await;
        assert_eq!(world.message(message).await.status, DeliveryStatus::Queued);

        // The clock is right again: the wait is as long as it was.
        world.clock().set(start);
        assert!(world.store.was_clock_set_back());
        world.store.follow_clock_back(HOUR, HOUR).await.unwrap();
        let mut reader = world.store.read().await.unwrap();
        let due = jobs::next_due(&mut reader, Lane::Outbound).await.unwrap().unwrap();
        drop(reader);
        assert!(due.since(start) <= Duration::from_secs(2), "{due:?}");
        world.run_all_jobs().await;
        assert_eq!(world.message(message).await.status, DeliveryStatus::Accepted);
    })
    .await;
}

#[tokio::test]
async fn snooze_whose_job_was_claimed_before_the_clock_was_set_back_ends_at_its_time() {
    on_both(async |world| {
        let conversation = world.customer_writes(1, "wamid.in").await.id;
        let (start, until) = (world.now(), world.now().plus(HOUR));
        world.store.execute(world.by_agent(), SnoozeConversation { conversation, until }).await.unwrap();
        world.clock().set(until);
        let job = world.claim_one("wake_conversation").await;
        world.clock().set(start);
        worker::run_job(&world.engine, &job).await;
        assert_eq!(world.conversation(conversation).await.status, Status::Snoozed);
        world.run_all_jobs().await;
        assert_eq!(world.conversation(conversation).await.status, Status::Open);
        assert_eq!(world.now(), until);
    })
    .await;
}
