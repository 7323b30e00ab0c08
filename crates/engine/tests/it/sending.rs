//! A message of ours goes out once, whatever dies on the way, and its state only ever moves up.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use centrala_domain::MessageId;
use centrala_domain::content::Content;
use centrala_domain::error_code::ErrorClass;
use centrala_domain::event::{Event, MAX_DEPTH};
use centrala_domain::fold;
use centrala_domain::inbound::{UpstreamError, callback_data, parse_callback_data};
use centrala_domain::message::DeliveryStatus;
use centrala_domain::ports::SendOutcome;
use centrala_engine::commands::messages::retry::{RetryError, RetryMessage};
use centrala_engine::worker;
use centrala_store::attempts::{self, AttemptState};
use centrala_store::{Origin, messages};
use proptest::prelude::*;
use tokio::sync::Notify;

use crate::converging::{block_on, check};
use crate::scripted::{Plan, What, accepted, limits, refused, upstream_id};
use crate::world::{Db, World, on_both, phone};

/// How the channel answers, by a small number.
fn outcome(choice: u8, outgoing: &centrala_domain::ports::Outgoing) -> SendOutcome {
    match choice % 6 {
        0 | 1 => accepted(outgoing),
        2 => SendOutcome::NotSent { detail: "connection refused".into() },
        3 => refused(ErrorClass::Retry),
        4 => SendOutcome::Unknown { detail: "no answer".into() },
        _ => refused(ErrorClass::Permanent),
    }
}

/// Lives for some turns of the runtime, then dies wherever it stands. False when it died.
async fn live_for(turns: usize, life: impl Future<Output = ()>) -> bool {
    let mut life = pin!(life);
    let mut turn = 0;
    poll_fn(|context| {
        turn += 1;
        if turn > turns {
            return Poll::Ready(false);
        }
        life.as_mut().poll(context).map(|()| true)
    })
    .await
}

#[derive(Debug, Clone)]
struct Lives {
    messages: usize,
    answers: Vec<u8>,
    turns: Vec<usize>,
    /// Turns of the runtime around the call.
    waits: Vec<(usize, usize)>,
}

fn lives() -> impl Strategy<Value = Lives> {
    (
        1usize..4,
        prop::collection::vec(any::<u8>(), 12),
        prop::collection::vec(prop_oneof![1usize..12, 8usize..40, Just(10_000)], 12),
        prop::collection::vec((0usize..6, 0usize..6), 12),
    )
        .prop_map(|(messages, answers, turns, waits)| Lives { messages, answers, turns, waits })
}

async fn goes_out_once(db: Db, lives: &Lives) -> Result<(), TestCaseError> {
    let world = World::new(db).await;
    let (answers, waits) = (lives.answers.clone(), lives.waits.clone());
    world.channel.on_send(move |outgoing, nth| {
        let (turns_before, turns_after) = waits[nth % waits.len()];
        Plan {
            outcome: outcome(answers[nth % answers.len()], outgoing),
            gate: None,
            turns_before,
            turns_after,
        }
    });
    let conversation = world.customer_writes(1, "wamid.in").await;
    let mut sent = Vec::new();
    for n in 0..lives.messages {
        sent.push(world.send(conversation.id, &format!("client-{n}")).await.unwrap().message.id);
    }
    let mut deaths = 0;
    for turns in lives.turns.iter().cycle().take(60) {
        let claimed = world.claim(2).await;
        if claimed.is_empty() {
            world.clock().advance(std::time::Duration::from_secs(400));
            continue;
        }
        for job in claimed {
            let turns = if deaths > 20 { 10_000 } else { *turns };
            if !live_for(turns, worker::run_job(&world.engine, &job)).await {
                deaths += 1;
                // What the dead process asked for last is done or not, before the next one starts.
                world.store.emit(world.shop.workspace, Vec::new()).await.unwrap();
                world.store.release_expired_jobs(true).await.unwrap();
            }
        }
    }
    world.run_all_jobs().await;
    prop_assert_eq!(world.dead().await, Vec::new());
    for id in sent {
        ended_well(&world, id).await?;
    }
    Ok(())
}

/// The message ended, and the channel saw each attempt at most once and none after one that may have arrived.
async fn ended_well(world: &World, id: MessageId) -> Result<(), TestCaseError> {
    let status = world.message(id).await.status;
    let mut calls: HashMap<u32, usize> = HashMap::new();
    let mut taken = 0;
    let mut last = 0;
    for call in world.channel.calls() {
        let (of, attempt) = parse_callback_data(&call.outgoing.callback_data).unwrap();
        if of == id {
            *calls.entry(attempt).or_default() += 1;
            prop_assert!(attempt > last, "attempt {} after {}", attempt, last);
            prop_assert_eq!(taken, 0, "called again after it may have arrived");
            taken += usize::from(call.is_taken);
            last = attempt;
        }
    }
    prop_assert!(calls.values().all(|count| *count == 1), "an attempt called twice: {:?}", calls);
    match status {
        DeliveryStatus::Accepted => prop_assert_eq!(taken, 1),
        DeliveryStatus::Failed => prop_assert_eq!(taken, 0),
        DeliveryStatus::Uncertain => {}
        other => prop_assert!(false, "ended as {:?}", other),
    }
    let mut reader = world.store.read().await.unwrap();
    let attempts = attempts::of_message(&world.shop.scope(), &mut reader, id).await.unwrap();
    prop_assert!(attempts.iter().all(|attempt| attempt.state != AttemptState::InFlight), "{:?}", attempts);
    Ok(())
}

#[test]
fn message_goes_out_once_although_the_process_dies_anywhere() {
    check(24, &lives(), |lives| block_on(goes_out_once(Db::Sqlite, &lives)));
}

#[test]
fn message_goes_out_once_although_the_process_dies_anywhere_on_postgres() {
    check(6, &lives(), |lives| block_on(goes_out_once(Db::Postgres, &lives)));
}

#[derive(Debug, Clone)]
struct Ticks {
    is_answered: bool,
    /// Status, and whether it carries our reference.
    seen: Vec<(u8, bool)>,
    /// How many of them come while the call hangs.
    early: usize,
    reaction_is_early: bool,
}

fn ticks() -> impl Strategy<Value = Ticks> {
    let seen = prop::collection::vec((0u8..5, any::<bool>()), 0..7);
    (any::<bool>(), seen, 0usize..5, any::<bool>()).prop_map(
        |(is_answered, seen, early, reaction_is_early)| Ticks { is_answered, seen, early, reaction_is_early },
    )
}

const STATUSES: [DeliveryStatus; 5] = [
    DeliveryStatus::Sent,
    DeliveryStatus::Failed,
    DeliveryStatus::Delivered,
    DeliveryStatus::Read,
    DeliveryStatus::Played,
];
const ERROR: i64 = 131_026;

async fn ticks_end_the_same(db: Db, ticks: &Ticks) -> Result<(), TestCaseError> {
    let world = World::new(db).await;
    let gate = Arc::new(Notify::new());
    let (hangs, is_answered) = (gate.clone(), ticks.is_answered);
    world.channel.on_send(move |outgoing, _| {
        let unknown = SendOutcome::Unknown { detail: "no answer".into() };
        let outcome = if is_answered { accepted(outgoing) } else { unknown };
        Plan { gate: Some(hangs.clone()), ..outcome.into() }
    });
    let conversation = world.customer_writes(1, "wamid.in").await;
    let message = world.send(conversation.id, "client").await.unwrap().message;
    let reference = callback_data(message.id, 1);
    let at_channel = format!("wamid.{reference}");
    let status = |(choice, has_reference): (u8, bool)| What::Status {
        id: at_channel.clone(),
        status: STATUSES[usize::from(choice)],
        at: world.now_seconds(),
        reference: has_reference.then(|| reference.clone()),
        error: (choice == 1).then(|| UpstreamError { code: ERROR, detail: "undeliverable".into() }),
    };
    let reaction = What::Message {
        id: "wamid.reaction".into(),
        from: phone(1),
        at: world.now_seconds(),
        content: Content::Reaction {
            target_upstream_id: Some(at_channel.clone()),
            target: None,
            emoji: Some("👍".into()),
        },
        reply_to: None,
    };
    let (early, late) = ticks.seen.split_at(ticks.early.min(ticks.seen.len()));
    let job = world.claim_one("send_message").await;
    let call = worker::run_job(&world.engine, &job);
    let meanwhile = async {
        while world.channel.calls().is_empty() {
            tokio::task::yield_now().await;
        }
        if ticks.reaction_is_early {
            world.receive([reaction.clone()]).await;
        }
        for seen in early {
            world.receive([status(*seen)]).await;
        }
        gate.notify_one();
    };
    tokio::join!(call, meanwhile);
    world.receive(late.iter().map(|seen| status(*seen))).await;
    if !ticks.reaction_is_early {
        world.receive([reaction.clone()]).await;
    }
    let is_proven = ticks.is_answered || ticks.seen.iter().any(|(_, has_reference)| *has_reference);
    let start = if ticks.is_answered { DeliveryStatus::Accepted } else { DeliveryStatus::Uncertain };
    let wanted =
        ticks.seen.iter().filter(|_| is_proven).fold(start, |status, (choice, _)| {
            status.advance(STATUSES[usize::from(*choice)]).unwrap_or(status)
        });
    world.run_all_jobs().await;
    let ended = world.message(message.id).await;
    prop_assert_eq!(ended.status, wanted);
    prop_assert_eq!(ended.error_code, (wanted == DeliveryStatus::Failed).then_some(ERROR));
    prop_assert_eq!(ended.reactions.len(), usize::from(is_proven), "the reaction waits for the proof");
    prop_assert_eq!(world.channel.calls().len(), 1);
    let start = fold::Delivery {
        message: message.id,
        status: message.status,
        error_code: None,
        at: message.received_at,
    };
    let followed = world.store.recorded().iter().fold(start, |mut state, (_, fact)| {
        fold::delivery(&mut state, &fact.event, fact.at);
        state
    });
    prop_assert_eq!((followed.status, followed.error_code), (ended.status, ended.error_code));
    Ok(())
}

#[test]
fn any_order_of_statuses_ends_in_the_highest() {
    check(24, &ticks(), |ticks| block_on(ticks_end_the_same(Db::Sqlite, &ticks)));
}

#[test]
fn any_order_of_statuses_ends_in_the_highest_on_postgres() {
    check(6, &ticks(), |ticks| block_on(ticks_end_the_same(Db::Postgres, &ticks)));
}

#[tokio::test]
async fn unknown_outcome_asks_an_agent_in_the_end_and_only_he_sends_again() {
    on_both(async |world| {
        world.channel.on_send(|outgoing, nth| match nth {
            1 => SendOutcome::Unknown { detail: "reset".into() }.into(),
            _ => accepted(outgoing).into(),
        });
        let conversation = world.customer_writes(1, "wamid.in").await;
        let message = world.send(conversation.id, "client").await.unwrap().message;
        world.run_all_jobs().await;
        assert_eq!(world.message(message.id).await.status, DeliveryStatus::Uncertain);
        let asked =
            Event::MessageNeedsDecision { conversation: conversation.id, message: message.id, attempt: 1 };
        assert_eq!(world.store.events().iter().filter(|event| **event == asked).count(), 1);
        let again = || RetryMessage { message: message.id, limits: limits() };
        world.store.execute(world.by_agent(), again()).await.unwrap();
        let twice = world.store.execute(world.by_agent(), again()).await;
        assert!(matches!(twice, Err(RetryError::NotFailed { status: DeliveryStatus::Queued })));
        world.run_all_jobs().await;
        assert_eq!(world.message(message.id).await.status, DeliveryStatus::Accepted);
        assert_eq!(world.channel.calls().len(), 2);
    })
    .await;
}

/// Attempt 1 is uncertain, an agent asks for attempt 2, and while that is under way (or waits) comes the proof
/// that attempt 1 arrived.
#[tokio::test]
async fn proof_of_an_earlier_attempt_outweighs_the_outcome_of_a_later_one() {
    on_both(async |world| {
        let ends: [fn() -> SendOutcome; 4] = [
            || SendOutcome::Unknown { detail: "reset".into() },
            || SendOutcome::NotSent { detail: "refused".into() },
            || refused(ErrorClass::Retry),
            || refused(ErrorClass::Permanent),
        ];
        for (n, end) in ends.into_iter().enumerate() {
            let number = u32::try_from(n).unwrap();
            let gate = Arc::new(Notify::new());
            let hangs = gate.clone();
            let before = world.channel.calls().len();
            world.channel.on_send(move |outgoing, _| match parse_callback_data(&outgoing.callback_data) {
                Some((_, 1)) => SendOutcome::Unknown { detail: "reset".into() }.into(),
                Some((_, 2)) => Plan { gate: Some(hangs.clone()), ..end().into() },
                _ => end().into(),
            });
            let conversation = world.customer_writes(number, &format!("wamid.in.{n}")).await;
            let message = world.send(conversation.id, &format!("client-{n}")).await.unwrap().message;
            world.run_due_jobs().await;
            let again = RetryMessage { message: message.id, limits: limits() };
            world.store.execute(world.by_agent(), again).await.unwrap();
            let job = world.claim_one("send_message").await;
            let proof = async {
                while world.message(message.id).await.status != DeliveryStatus::Sending {}
                let reference = callback_data(message.id, 1);
                let id = format!("wamid.{reference}");
                let (status, at) = (DeliveryStatus::Delivered, world.now_seconds());
                world
                    .receive([What::Status { id, status, at, reference: Some(reference), error: None }])
                    .await;
                gate.notify_one();
            };
            tokio::join!(worker::run_job(&world.engine, &job), proof);
            world.run_all_jobs().await;
            assert_eq!(world.message(message.id).await.status, DeliveryStatus::Delivered, "after end {n}");
            assert!(world.channel.calls().len() <= before + 2, "sent again after end {n}");
        }
    })
    .await;
}

#[tokio::test]
async fn refusal_after_the_channel_proved_that_it_took_the_message_is_not_tried_again() {
    on_both(async |world| {
        let gate = Arc::new(Notify::new());
        let hangs = gate.clone();
        world.channel.on_send(move |_, nth| match nth {
            1 => Plan { gate: Some(hangs.clone()), ..refused(ErrorClass::Retry).into() },
            _ => refused(ErrorClass::Permanent).into(),
        });
        let conversation = world.customer_writes(1, "wamid.in").await;
        let message = world.send(conversation.id, "client").await.unwrap().message;
        let job = world.claim_one("send_message").await;
        let proof = async {
            while world.channel.calls().is_empty() {
                tokio::task::yield_now().await;
            }
            let id = upstream_id(&world.channel.calls()[0].outgoing);
            let (status, at) = (DeliveryStatus::Sent, world.now_seconds());
            let reference = Some(callback_data(message.id, 1));
            world.receive([What::Status { id, status, at, reference, error: None }]).await;
            gate.notify_one();
        };
        tokio::join!(worker::run_job(&world.engine, &job), proof);
        world.run_all_jobs().await;
        assert_eq!(world.message(message.id).await.status, DeliveryStatus::Sent);
        assert_eq!(world.channel.calls().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn proof_of_an_attempt_stops_the_next_one_that_still_waits() {
    on_both(async |world| {
        world.channel.on_send(|_, _| refused(ErrorClass::Retry).into());
        let conversation = world.customer_writes(1, "wamid.in").await;
        let message = world.send(conversation.id, "client").await.unwrap().message;
        world.run_due_jobs().await;
        assert_eq!(world.message(message.id).await.status, DeliveryStatus::Queued);
        let reference = callback_data(message.id, 1);
        let (status, at) = (DeliveryStatus::Sent, world.now_seconds());
        let id = "wamid.late".into();
        world.receive([What::Status { id, status, at, reference: Some(reference), error: None }]).await;
        world.run_all_jobs().await;
        assert_eq!(world.message(message.id).await.status, DeliveryStatus::Sent);
        assert_eq!(world.channel.calls().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn message_that_cannot_leave_for_a_day_has_failed() {
    on_both(async |world| {
        world.channel.on_send(|_, _| SendOutcome::NotSent { detail: "no network".into() }.into());
        let conversation = world.customer_writes(1, "wamid.in").await;
        let message = world.send(conversation.id, "client").await.unwrap().message;
        world.run_all_jobs().await;
        assert_eq!(world.message(message.id).await.status, DeliveryStatus::Failed);
        assert_eq!(world.dead().await, []);
        assert!(world.now().since(message.sent_at) < std::time::Duration::from_secs(25 * 3600));
    })
    .await;
}

#[tokio::test]
async fn job_deeper_than_the_limit_is_buried_and_its_message_has_failed() {
    on_both(async |world| {
        let conversation = world.customer_writes(1, "wamid.in").await;
        for (depth, wanted) in
            [(MAX_DEPTH, DeliveryStatus::Accepted), (MAX_DEPTH + 1, DeliveryStatus::Failed)]
        {
            let origin = Origin { depth, ..world.by_agent() };
            let answer = world.answer(conversation.id, &format!("depth-{depth}"), "hello");
            let message = world.store.execute(origin, answer).await.unwrap().message;
            world.run_all_jobs().await;
            assert_eq!(world.message(message.id).await.status, wanted, "at depth {depth}");
        }
        assert_eq!(world.channel.calls().len(), 1);
        let dead = world.dead().await;
        assert_eq!(dead.len(), 1);
        assert!(dead[0].1.contains("too deep"), "{dead:?}");
    })
    .await;
}

#[tokio::test]
async fn channel_that_gives_one_id_twice_leaves_no_message_without_an_end() {
    on_both(async |world| {
        world.channel.on_send(|_, _| SendOutcome::Accepted { upstream_id: "wamid.same".into() }.into());
        let conversation = world.customer_writes(1, "wamid.in").await;
        let first = world.send(conversation.id, "client-1").await.unwrap().message;
        let second = world.send(conversation.id, "client-2").await.unwrap().message;
        world.run_all_jobs().await;
        assert_eq!(world.message(first.id).await.status, DeliveryStatus::Accepted);
        assert_eq!(world.message(second.id).await.status, DeliveryStatus::Uncertain);
        assert_eq!(world.dead().await.len(), 1);
        let mut reader = world.store.read().await.unwrap();
        let state = messages::send_state(&world.shop.scope(), &mut reader, second.id).await.unwrap().unwrap();
        assert!(state.needs_decision);
    })
    .await;
}
