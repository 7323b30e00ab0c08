//! Every job twice with the same payload: the same state as once, and nothing more at the channel.

use std::time::Duration;

use centrala_domain::event::Event;
use centrala_domain::message::DeliveryStatus;
use centrala_domain::ports::SendOutcome;
use centrala_engine::commands::conversations::read::ReadConversation;
use centrala_engine::commands::conversations::snooze::SnoozeConversation;
use centrala_engine::route;
use centrala_engine::worker;
use centrala_store::jobs;

use crate::converging::visible;
use crate::scripted::{What, accepted};
use crate::world::{World, on_both, phone, text};

/// Makes the jobs of every fact so far once more: the same kinds with the same payloads.
async fn once_more(world: &World) {
    let facts = world.store.recorded().into_iter().map(|(_, fact)| fact);
    let with_jobs: Vec<Event> = facts
        .filter(|fact| route::route(fact).iter().any(|change| matches!(change, jobs::JobChange::Add(_))))
        .map(|fact| fact.event)
        .collect();
    assert!(!with_jobs.is_empty());
    world.store.emit(world.shop.workspace, with_jobs).await.unwrap();
    world.store.take_events();
}

#[tokio::test]
async fn every_job_run_twice_ends_in_the_same_state() {
    on_both(async |world| {
        world.channel.on_send(|outgoing, nth| match nth {
            2 => SendOutcome::Unknown { detail: "reset".into() }.into(),
            3 => SendOutcome::NotSent { detail: "no network".into() }.into(),
            _ => accepted(outgoing).into(),
        });
        let at = world.now_seconds();
        let file = What::Picture { id: "wamid.file".into(), from: phone(2), at, file: "file".into() };
        world.receive([text("wamid.1", phone(1), at, "bună"), file]).await;
        let (talk, other) =
            (world.conversation_of("wamid.1").await, world.conversation_of("wamid.file").await);
        world.store.execute(world.by_agent(), ReadConversation { conversation: other.id }).await.unwrap();
        let until = world.now().plus(Duration::from_secs(60));
        let snooze = SnoozeConversation { conversation: other.id, until };
        world.store.execute(world.by_agent(), snooze).await.unwrap();
        let mut sent = Vec::new();
        for n in 0..3 {
            sent.push(world.send(talk.id, &format!("client-{n}")).await.unwrap().message.id);
        }
        world.run_all_jobs().await;
        let state = async || {
            let mut statuses = Vec::new();
            for id in &sent {
                statuses.push(world.message(*id).await.status);
            }
            (visible(&world, &world.shop).await, statuses)
        };
        let before = state().await;
        assert_eq!(before.1[1], DeliveryStatus::Uncertain);
        let (calls, fetches) = (world.channel.calls(), world.channel.fetches());
        once_more(&world).await;
        world.run_all_jobs().await;
        assert_eq!(state().await, before);
        assert_eq!((world.channel.calls(), world.channel.fetches()), (calls, fetches));
        // A read tick may go out again: it says the same.
        assert!(world.channel.read().iter().all(|id| id == "wamid.file"));
        assert_eq!(world.dead().await, []);
    })
    .await;
}

/// The same claim run twice at once, as by a worker that was taken for dead and was not.
#[tokio::test]
async fn one_job_in_two_hands_is_done_once() {
    on_both(async |world| {
        let conversation = world.customer_writes(1, "wamid.1").await;
        let message = world.send(conversation.id, "client").await.unwrap().message;
        let job = world.claim_one("send_message").await;
        tokio::join!(worker::run_job(&world.engine, &job), worker::run_job(&world.engine, &job));
        world.run_all_jobs().await;
        assert_eq!(world.channel.calls().len(), 1);
        let status = world.message(message.id).await.status;
        assert!(matches!(status, DeliveryStatus::Accepted | DeliveryStatus::Uncertain), "{status:?}");
    })
    .await;
}
