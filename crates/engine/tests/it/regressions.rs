//! What went wrong elsewhere does not go wrong here.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use centrala_domain::contact::{PhoneNumber, Sighting};
use centrala_domain::content::Content;
use centrala_domain::conversation::Conversation;
use centrala_domain::error_code::ErrorClass;
use centrala_domain::event::Event;
use centrala_domain::media::{Media, MediaState};
use centrala_domain::message::{Author, DeliveryStatus};
use centrala_domain::{MediaId, Private, ReceiptId};
use centrala_engine::commands::conversations::ConversationError;
use centrala_engine::commands::conversations::claim::ClaimConversation;
use centrala_engine::commands::media::add::AddMedia;
use centrala_engine::commands::media::request::{RequestMedia, RequestMediaError};
use centrala_engine::commands::messages::send::{SendError, SendMessage};
use centrala_engine::commands::receipts::replay::ReplayReceipt;
use centrala_store::receipts::{self, KeepReceipt, ReceiptRecord};
use centrala_store::{Origin, Store, contacts, events, media, messages};
use tokio::task::JoinSet;

use crate::converging::visible;
use crate::scripted::{What, Wire, accepted, failure, limits};
use crate::world::{Db, World, on_both, phone, text};

async fn receipt(world: &World, id: ReceiptId) -> ReceiptRecord {
    let mut reader = world.store.read().await.unwrap();
    receipts::find(&world.shop.scope(), &mut reader, id).await.unwrap().unwrap()
}

/// Delivers from several tasks at once while deliveries are applied.
async fn deliver_at_once(world: &World, tasks: usize, deliveries: Vec<Vec<Wire>>) {
    let mut set = JoinSet::new();
    for n in 0..tasks {
        let (store, shop) = (Store::clone(&world.store), world.shop.clone());
        let mine: Vec<_> = deliveries.iter().skip(n).step_by(tasks).cloned().collect();
        set.spawn(async move {
            for items in mine {
                let raw = serde_json::to_vec(&items).unwrap();
                let origin = Origin::system(shop.workspace, store.new_id());
                store.execute(origin, KeepReceipt { inbox: shop.inbox.id, raw }).await.unwrap();
            }
        });
    }
    let engine = world.engine.clone();
    while !set.is_empty() {
        // Two projectors at once: a lease that was lost must not matter either.
        let both = async {
            tokio::join!(
                centrala_engine::projector::apply_waiting(&engine),
                centrala_engine::projector::apply_waiting(&engine)
            )
        };
        let (first, second) = both.await;
        first.unwrap();
        second.unwrap();
        while let Some(ended) = set.try_join_next() {
            ended.unwrap();
        }
    }
    world.project().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_deliveries_of_one_message_at_once_make_one_row() {
    on_both(async |world| {
        let item = || vec![Wire::from(text("wamid.1", phone(1), world.now_seconds(), "bună"))];
        deliver_at_once(&world, 10, (0..50).map(|_| item()).collect()).await;
        let conversations = world.conversations(&world.shop).await;
        assert_eq!(conversations.len(), 1);
        assert_eq!(conversations[0].unread, 1);
        assert_eq!(world.thread(&world.shop, conversations[0].id).await.len(), 1);
        let received = |event: &&Event| matches!(event, Event::MessageReceived { .. });
        assert_eq!(world.store.events().iter().filter(received).count(), 1);
        let mut reader = world.store.read().await.unwrap();
        assert_eq!(receipts::counts(&world.shop.scope(), &mut reader).await.unwrap().received, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn album_of_a_new_customer_makes_one_contact_and_one_conversation_in_order() {
    on_both(async |world| {
        let start = world.now_seconds() - 100;
        let both = || Sighting { bsuid: Some(Private::from("RO.1")), ..phone(1) };
        let picture = |n: i64| {
            let from = match n % 3 {
                0 => both(),
                1 => phone(1),
                _ => Sighting { phone: None, ..both() },
            };
            vec![
                What::Picture { id: format!("wamid.{n}"), from, at: start + n, file: format!("file-{n}") }
                    .into(),
            ]
        };
        deliver_at_once(&world, 8, (0..20).map(picture).collect()).await;
        let conversations = world.conversations(&world.shop).await;
        assert_eq!(conversations.len(), 1);
        let mut reader = world.store.read().await.unwrap();
        let listed = contacts::list(&world.shop.scope(), &mut reader, &Default::default(), 10).await.unwrap();
        assert_eq!(listed.len(), 1);
        drop(reader);
        let thread = world.thread(&world.shop, conversations[0].id).await;
        let ids: Vec<_> = thread.iter().map(|it| it.upstream_id.clone().unwrap()).collect();
        assert_eq!(ids, (0..20).map(|n| format!("wamid.{n}")).collect::<Vec<_>>());
        world.run_all_jobs().await;
        assert_eq!(world.channel.fetches(), 20);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_agents_who_claim_a_conversation_one_wins() {
    on_both(async |world| {
        let conversation = world.customer_writes(1, "wamid.1").await;
        let mut set = JoinSet::new();
        for _ in 0..100 {
            let (store, origin, id) = (Store::clone(&world.store), world.by_agent(), conversation.id);
            // Whoever claims is checked by the route; here a hundred names are enough.
            let by = if set.is_empty() { world.shop.agent.id } else { world.store.new_id() };
            set.spawn(async move { store.execute(origin, ClaimConversation { conversation: id, by }).await });
        }
        let ended: Vec<Result<Conversation, ConversationError>> = set.join_all().await;
        let won: Vec<_> = ended.iter().filter_map(|it| it.as_ref().ok()).collect();
        assert_eq!(won.len(), 1);
        let owner = world.conversation(conversation.id).await.assignee;
        assert_eq!(owner, won[0].assignee);
        assert!(owner.is_some());
        let assigned = |event: &&Event| matches!(event, Event::ConversationAssigned { .. });
        assert_eq!(world.store.events().iter().filter(assigned).count(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_client_id_makes_one_message_and_another_content_is_refused() {
    on_both(async |world| {
        let conversation = world.customer_writes(1, "wamid.1").await;
        let mut set = JoinSet::new();
        for _ in 0..10 {
            let (store, origin) = (Store::clone(&world.store), world.by_agent());
            let answer = world.answer(conversation.id, "client", "hello");
            set.spawn(async move { store.execute(origin, answer).await.unwrap() });
        }
        let sent = set.join_all().await;
        let ids: HashSet<_> = sent.iter().map(|it| it.message.id).collect();
        assert_eq!((ids.len(), sent.iter().filter(|it| it.is_new).count()), (1, 1));
        let other =
            world.store.execute(world.by_agent(), world.answer(conversation.id, "client", "other")).await;
        assert!(matches!(other, Err(SendError::ClientIdReused)));
        world.run_all_jobs().await;
        let late =
            world.store.execute(world.by_agent(), world.answer(conversation.id, "client", "hello")).await;
        let late = late.unwrap();
        assert_eq!((late.is_new, late.message.status), (false, DeliveryStatus::Accepted));
        world.run_all_jobs().await;
        assert_eq!(world.channel.calls().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn closed_window_is_refused_before_anything_is_kept() {
    on_both(async |world| {
        let conversation = world.customer_writes(1, "wamid.1").await;
        world.clock().advance(Duration::from_secs(24 * 3600));
        let before = (world.conversation(conversation.id).await, world.store.events().len());
        let refused = world.send(conversation.id, "client").await;
        let since = conversation.last_inbound_at.unwrap().plus(Duration::from_secs(24 * 3600));
        assert!(matches!(refused, Err(SendError::WindowClosed { since: Some(at) }) if at == since));
        assert_eq!((world.conversation(conversation.id).await, world.store.events().len()), before);
        let mut reader = world.store.read().await.unwrap();
        let kept = messages::find_by_client_id(&world.shop.scope(), &mut reader, "client").await.unwrap();
        assert_eq!(kept, None);
    })
    .await;
}

#[tokio::test]
async fn window_that_closes_while_a_message_waits_fails_it_without_a_call() {
    on_both(async |world| {
        let conversation = world.customer_writes(1, "wamid.1").await;
        world.clock().advance(Duration::from_secs(24 * 3600 - 1));
        let message = world.send(conversation.id, "client").await.unwrap().message;
        world.clock().advance(Duration::from_secs(1));
        world.run_all_jobs().await;
        let ended = world.message(message.id).await;
        assert_eq!((ended.status, ended.error_code), (DeliveryStatus::Failed, Some(131_047)));
        assert!(world.channel.calls().is_empty());
    })
    .await;
}

#[tokio::test]
async fn item_that_cannot_be_applied_is_marked_and_its_neighbours_are_applied() {
    on_both(async |world| {
        let is_sqlite = matches!(world.store.engine(), centrala_store::Engine::Sqlite { .. });
        let at = world.now_seconds();
        let nowhere = Wire {
            endpoint: Some("404".into()),
            what: text("wamid.nowhere", phone(3), at, "for another number"),
        };
        let good = |n: u32| Wire::from(text(&format!("wamid.{n}"), phone(n), at, "bună"));
        let before = world.keep_at(&world.shop, vec![good(1)]).await;
        // PostgreSQL keeps no NUL in a text; SQLite does.
        let nul = Wire::from(text("wamid.nul", phone(4), at, "a\0b"));
        let mixed = world.keep_at(&world.shop, vec![good(2), nul, nowhere.clone(), good(5)]).await;
        let unreadable = What::Unreadable { pointer: "/entry/0\0".into(), reason: "no \0 sense".into() };
        let strange = world.keep_at(&world.shop, vec![unreadable.into(), good(6)]).await;
        let notice = What::Notice { field: "alerts\0".into() };
        let noticed = world.keep_at(&world.shop, vec![good(7), notice.into(), good(8)]).await;
        let after = world.keep_at(&world.shop, vec![good(9)]).await;
        world.project().await;
        let mut bodies = Vec::new();
        for conversation in world.conversations(&world.shop).await {
            for message in world.thread(&world.shop, conversation.id).await {
                bodies.push(message.upstream_id.unwrap());
            }
        }
        bodies.retain(|id| id != "wamid.nul");
        bodies.sort();
        assert_eq!(bodies, [1, 2, 5, 6, 7, 8, 9].map(|n| format!("wamid.{n}")));
        for whole in [before, after] {
            assert_eq!(receipt(&world, whole).await.state, "applied");
        }
        let mixed = receipt(&world, mixed).await;
        assert_eq!(mixed.state, "rejected");
        assert_eq!(mixed.problems.len(), if is_sqlite { 1 } else { 2 }, "{:?}", mixed.problems);
        assert_eq!(receipt(&world, strange).await.state, "rejected");
        let noticed = receipt(&world, noticed).await;
        assert_eq!(noticed.state, if is_sqlite { "applied" } else { "rejected" });
    })
    .await;
}

#[tokio::test]
async fn delivery_that_is_no_json_is_kept_and_marked() {
    on_both(async |world| {
        let command = KeepReceipt { inbox: world.shop.inbox.id, raw: b"\xff not json".to_vec() };
        let id = world.store.execute(world.origin(), command).await.unwrap();
        world.project().await;
        let kept = receipt(&world, id).await;
        assert_eq!((kept.state.as_str(), kept.problems.len()), ("rejected", 1));
        let rejected = Event::ReceiptRejected { receipt: id, inbox: world.shop.inbox.id };
        assert_eq!(world.store.events(), [rejected]);
    })
    .await;
}

#[tokio::test]
async fn replay_of_an_applied_delivery_changes_nothing() {
    on_both(async |world| {
        let at = world.now_seconds();
        let conversation = world.customer_writes(1, "wamid.0").await;
        let message = world.send(conversation.id, "client").await.unwrap().message;
        world.run_all_jobs().await;
        let reaction = Content::Reaction {
            target_upstream_id: Some("wamid.1".into()),
            target: None,
            emoji: Some("👍".into()),
        };
        let replacement = Box::new(Content::Text { body: Private::from("edited"), preview_url: false });
        let edit = Content::Edit { target_upstream_id: "wamid.1".into(), replacement };
        let change =
            |id: &str, content| What::Message { id: id.into(), from: phone(1), at, content, reply_to: None };
        let of_ours = world.message(message.id).await.upstream_id.unwrap();
        let delivered =
            What::Status { id: of_ours, status: DeliveryStatus::Delivered, at, reference: None, error: None };
        let named =
            Sighting { name: Some(Private::from("Ana")), bsuid: Some(Private::from("RO.1")), ..phone(1) };
        let receipt = world
            .receive([
                text("wamid.1", named, at, "bună"),
                change("wamid.2", reaction),
                change("wamid.3", edit),
                change("wamid.4", Content::Revoke { target_upstream_id: "wamid.1".into() }),
                delivered,
                What::Picture { id: "wamid.5".into(), from: phone(1), at, file: "file".into() },
                What::Echo {
                    id: "wamid.6".into(),
                    to: phone(1),
                    at,
                    content: Content::Text { body: Private::from("from the phone"), preview_url: false },
                },
            ])
            .await;
        world.run_all_jobs().await;
        let before = (visible(&world, &world.shop).await, world.store.events());
        world.clock().advance(Duration::from_secs(3600));
        assert!(world.store.execute(world.by_agent(), ReplayReceipt { receipt }).await.unwrap());
        assert!(!world.store.execute(world.by_agent(), ReplayReceipt { receipt }).await.unwrap());
        world.project().await;
        world.run_all_jobs().await;
        assert_eq!((visible(&world, &world.shop).await, world.store.events()), before);
    })
    .await;
}

async fn file_of(world: &World, upstream_id: &str) -> Media {
    let mut reader = world.store.read().await.unwrap();
    let scope = world.shop.scope();
    let message = messages::find_by_upstream_id(&scope, &mut reader, world.shop.inbox.id, upstream_id);
    let id = message.await.unwrap().unwrap().content.media().unwrap();
    media::find(&scope, &mut reader, id).await.unwrap().unwrap()
}

#[tokio::test]
async fn file_is_fetched_after_passing_failures() {
    on_both(async |world| {
        world.channel.on_fetch(|_, nth| match nth {
            1..4 => Err(failure(ErrorClass::Retry, false)),
            _ => Ok(b"bytes".to_vec()),
        });
        let at = world.now_seconds();
        world.receive([What::Picture { id: "wamid.1".into(), from: phone(1), at, file: "f".into() }]).await;
        assert_eq!(file_of(&world, "wamid.1").await.state, MediaState::Pending);
        world.run_all_jobs().await;
        let file = file_of(&world, "wamid.1").await;
        assert_eq!((file.state, file.size_bytes), (MediaState::Stored, Some(5)));
        let path = world.engine.blobs.path(&file.sha256.unwrap()).unwrap();
        assert_eq!(std::fs::read(path).unwrap(), b"bytes");
        assert_eq!(world.channel.fetches(), 4);
    })
    .await;
}

#[tokio::test]
async fn file_that_is_gone_expires_and_an_agent_may_ask_again() {
    on_both(async |world| {
        world.channel.on_fetch(|_, nth| match nth {
            1 => Err(failure(ErrorClass::Permanent, true)),
            2 => Err(failure(ErrorClass::Permanent, false)),
            _ => Ok(b"bytes".to_vec()),
        });
        let at = world.now_seconds();
        world.receive([What::Picture { id: "wamid.1".into(), from: phone(1), at, file: "f".into() }]).await;
        let mut file = file_of(&world, "wamid.1").await;
        let ask = RequestMedia { media: file.id };
        let early = world.store.execute(world.by_agent(), ask).await;
        assert!(matches!(early, Err(RequestMediaError::NotNeeded)));
        for wanted in [MediaState::Expired, MediaState::Failed, MediaState::Stored] {
            world.run_all_jobs().await;
            file = file_of(&world, "wamid.1").await;
            assert_eq!(file.state, wanted);
            let asked = world.store.execute(world.by_agent(), RequestMedia { media: file.id }).await;
            assert_eq!(asked.is_ok(), wanted != MediaState::Stored);
        }
        assert_eq!((world.channel.fetches(), file.problem), (3, None));
        assert_eq!(world.dead().await, []);
    })
    .await;
}

/// An agent's file, kept.
async fn own_file(world: &World, bytes: &[u8]) -> MediaId {
    let mut writer = world.engine.blobs.writer(world.store.new_id()).await.unwrap();
    writer.write(bytes).await.unwrap();
    let (path, sha256, size_bytes) = writer.finish().await.unwrap();
    world.engine.blobs.keep(&path, &sha256).await.unwrap();
    let size_bytes = i64::try_from(size_bytes).unwrap();
    let add = AddMedia { mime_type: "image/jpeg".into(), filename: None, sha256, size_bytes };
    world.store.execute(world.by_agent(), add).await.unwrap().id
}

fn picture(world: &World, conversation: &Conversation, client_id: &str, media: MediaId) -> SendMessage {
    SendMessage {
        conversation: conversation.id,
        author: Author::Agent { id: world.shop.agent.id },
        client_id: client_id.into(),
        client_digest: Vec::new(),
        content: Content::Image { media, caption: None },
        reply_to: None,
        limits: limits(),
    }
}

#[tokio::test]
async fn file_is_handed_over_once_for_several_messages() {
    on_both(async |world| {
        world.channel.fail_uploads(vec![failure(ErrorClass::Retry, false)]);
        let media = own_file(&world, b"picture").await;
        for n in 1..4 {
            let conversation = world.customer_writes(n, &format!("wamid.{n}")).await;
            let send = picture(&world, &conversation, &format!("client-{n}"), media);
            world.store.execute(world.by_agent(), send).await.unwrap();
            world.run_all_jobs().await;
        }
        assert_eq!(world.channel.uploads(), 2, "one that failed, and one");
        let calls = world.channel.calls();
        assert_eq!(calls.len(), 3);
        assert!(calls.iter().all(|call| call.outgoing.upstream_media_id.as_deref() == Some("file-2")));
        world.clock().advance(Duration::from_secs(31 * 86_400));
        let conversation = world.customer_writes(1, "wamid.later").await;
        world.store.execute(world.by_agent(), picture(&world, &conversation, "later", media)).await.unwrap();
        world.run_all_jobs().await;
        assert_eq!(world.channel.uploads(), 3, "the channel forgot it");
    })
    .await;
}

#[tokio::test]
async fn file_that_cannot_be_handed_over_fails_its_message() {
    on_both(async |world| {
        let conversation = world.customer_writes(1, "wamid.1").await;
        let media = own_file(&world, b"picture").await;
        for (n, class) in [ErrorClass::Permanent, ErrorClass::Retry].into_iter().enumerate() {
            world.channel.fail_uploads((0..200).map(|_| failure(class, false)).collect());
            let send = picture(&world, &conversation, &format!("client-{n}"), media);
            let message = world.store.execute(world.by_agent(), send).await.unwrap().message;
            let before = world.channel.uploads();
            world.run_all_jobs().await;
            assert_eq!(world.message(message.id).await.status, DeliveryStatus::Failed, "{class:?}");
            let tries = world.channel.uploads() - before;
            assert!(tries <= 8, "{tries} tries");
        }
        assert_eq!(world.dead().await, []);
    })
    .await;
}

#[tokio::test]
async fn message_whose_file_is_lost_has_failed_and_holds_up_nobody() {
    on_both(async |world| {
        let conversation = world.customer_writes(1, "wamid.1").await;
        let add = AddMedia {
            mime_type: "image/jpeg".into(),
            filename: None,
            sha256: "not a hash".into(),
            size_bytes: 1,
        };
        let media = world.store.execute(world.by_agent(), add).await.unwrap().id;
        let lost = picture(&world, &conversation, "lost", media);
        let lost = world.store.execute(world.by_agent(), lost).await.unwrap().message;
        let next = world.send(conversation.id, "next").await.unwrap().message;
        world.run_all_jobs().await;
        assert_eq!(world.message(lost.id).await.status, DeliveryStatus::Failed);
        assert_eq!(world.message(next.id).await.status, DeliveryStatus::Accepted);
    })
    .await;
}

#[tokio::test]
async fn answer_goes_to_the_address_that_is_current() {
    on_both(async |world| {
        let number = |n: u32| PhoneNumber::parse(&format!("+4072100000{n}"));
        let moved = Sighting {
            bsuid: Some(Private::from("RO.2")),
            previous_bsuid: Some(Private::from("RO.1")),
            phone: number(2),
            previous_phone: number(1),
            ..Sighting::default()
        };
        let content = Content::System { event: "user_changed_number".into(), body: Private::from("moved") };
        let at = world.now_seconds();
        world
            .receive([What::Message { id: "wamid.1".into(), from: moved, at, content, reply_to: None }])
            .await;
        let conversation = world.conversation_of("wamid.1").await;
        world.channel.on_send(|outgoing, _| accepted(outgoing).into());
        world.send(conversation.id, "client").await.unwrap();
        world.run_all_jobs().await;
        let to = world.channel.calls()[0].outgoing.to.clone();
        assert_eq!((to.phone, to.bsuid), (number(2), Some(Private::from("RO.2"))));
    })
    .await;
}

#[tokio::test]
async fn conversation_that_was_merged_away_takes_no_message() {
    on_both(async |world| {
        let at = world.now_seconds();
        let both = || Sighting { bsuid: Some(Private::from("RO.1")), ..phone(1) };
        world.receive([text("wamid.1", phone(1), at, "by number")]).await;
        let gone = world.conversation_of("wamid.1").await;
        world.receive([text("wamid.2", Sighting { phone: None, ..both() }, at, "by id")]).await;
        world.receive([text("wamid.3", both(), at, "both")]).await;
        let stays = world.conversation_of("wamid.3").await;
        assert_eq!(world.conversation(gone.id).await.merged_into, Some(stays.id));
        assert_eq!(world.thread(&world.shop, stays.id).await.len(), 3);
        assert_eq!(stays.unread, 3);
        use centrala_engine::commands::conversations::resolve::ResolveConversation;
        for _ in 0..2 {
            let refused = world.send(gone.id, "client").await;
            assert!(matches!(refused, Err(SendError::AnotherIsOpen)), "{refused:?}");
            let resolve = ResolveConversation { conversation: stays.id };
            world.store.execute(world.by_agent(), resolve).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
#[should_panic(expected = "the test leaves jobs behind")]
async fn test_that_leaves_jobs_behind_fails() {
    let world = World::new(Db::Sqlite).await;
    let conversation = world.customer_writes(1, "wamid.1").await;
    world.send(conversation.id, "client").await.unwrap();
}

#[tokio::test]
async fn test_that_says_so_may_leave_jobs_behind() {
    let world = World::new(Db::Sqlite).await;
    let conversation = world.customer_writes(1, "wamid.1").await;
    world.send(conversation.id, "client").await.unwrap();
    world.may_leave_jobs();
}

/// One engine in two processes would see each other's facts through the log; here the hub of one is enough.
#[tokio::test]
async fn follower_gets_every_fact_of_his_workspace_once_and_in_order() {
    let world = World::new(Db::Sqlite).await;
    let other = world.another_shop().await;
    let hub = centrala_engine::live::LiveHub::default();
    let mut follower = hub.subscribe(world.shop.workspace);
    world.customer_writes(1, "wamid.1").await;
    let facts: Vec<_> = world.store.recorded().into_iter().map(|(_, fact)| fact).collect();
    hub.publish(other.workspace, &facts);
    hub.publish(world.shop.workspace, &facts);
    let batch: Arc<_> = follower.recv().await.unwrap();
    let seqs: Vec<i64> = batch.events.iter().map(|it| it.recorded.seq).collect();
    assert_eq!(seqs, (batch.seq_from..=batch.seq_to).collect::<Vec<_>>());
    assert_eq!(seqs.len(), facts.len());
    let first: centrala_domain::event::Recorded = serde_json::from_slice(&batch.events[0].json).unwrap();
    assert_eq!(first, facts[0]);
    assert_eq!(hub.followed(), [world.shop.workspace]);
    drop(follower);
    hub.publish(world.shop.workspace, &facts);
    assert!(hub.followed().is_empty());
    world.run_all_jobs().await;
}

#[tokio::test]
async fn facts_of_deliveries_applied_together_keep_their_own_trace() {
    on_both(async |world| {
        let at = world.now_seconds();
        let (first, second) = (
            world.keep([text("a", phone(1), at, "one")]).await,
            world.keep([text("b", phone(2), at, "two")]).await,
        );
        world.project().await;
        let mut reader = world.store.read().await.unwrap();
        let facts = events::after(&world.shop.scope(), &mut reader, 0, 100).await.unwrap();
        drop(reader);
        for kept in [first, second] {
            let trace = receipt(&world, kept).await.trace;
            let is_of = |event: &Event| matches!(event, Event::MessageReceived { receipt, .. } if *receipt == Some(kept));
            let fact = facts.iter().find(|fact| is_of(&fact.event)).expect("its message was received");
            assert_eq!(fact.trace, trace);
        }
    })
    .await;
}
