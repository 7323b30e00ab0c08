//! Any order, repetition and batching of what customers did ends in the same visible state.

use centrala_domain::contact::{PhoneNumber, Sighting};
use centrala_domain::content::Content;
use centrala_domain::{Private, Timestamp};
use centrala_store::contacts::{self, ContactFilter};
use centrala_store::messages;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Value, json};

use crate::scripted::{What, Wire};
use crate::world::{Db, Shop, World};

/// Runs a property with few cases, because each has a database of its own. `PROPTEST_CASES` raises them,
/// `PROPTEST_RNG_SEED` repeats a run.
pub(crate) fn check<S: Strategy>(
    cases: u32,
    strategy: &S,
    property: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let seed =
        std::env::var("PROPTEST_RNG_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(20_261_102);
    println!("PROPTEST_RNG_SEED={seed}");
    let config = Config {
        cases: wanted.unwrap_or(cases),
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    };
    if let Err(error) = TestRunner::new(config).run(strategy, property) {
        panic!("{error}");
    }
}

/// Waits for a test's future.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime can be made").block_on(future)
}

/// How a customer shows himself over time.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// By his number alone.
    Phone,
    /// By id and number, by one of them, and at least once by both.
    Linked,
    /// By id alone.
    Id,
    /// By username alone, and at least once with his id.
    Username,
    /// He changes his number, and with it his id.
    Moved,
}

/// What a customer does, one after the other.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Text,
    Reply(usize),
    React(usize, u8),
    Edit(usize),
    Revoke(usize),
}

#[derive(Debug, Clone)]
struct Customer {
    kind: Kind,
    deeds: Vec<(Deed, u8, bool)>,
}

#[derive(Debug, Clone)]
struct Story {
    customers: Vec<Customer>,
    /// Where each item goes, which are repeated, and how they are batched.
    order: Vec<u32>,
    repeated: Vec<usize>,
    batches: Vec<usize>,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => Just(Deed::Text),
        1 => (0usize..6).prop_map(Deed::Reply),
        2 => (0usize..6, 0u8..3).prop_map(|(of, emoji)| Deed::React(of, emoji)),
        1 => (0usize..6).prop_map(Deed::Edit),
        1 => (0usize..6).prop_map(Deed::Revoke),
    ]
}

fn customer() -> impl Strategy<Value = Customer> {
    let kind = prop_oneof![
        Just(Kind::Phone),
        Just(Kind::Linked),
        Just(Kind::Id),
        Just(Kind::Username),
        Just(Kind::Moved)
    ];
    // With each deed: how he shows himself, and whether it falls into the second of the one before.
    (kind, prop::collection::vec((deed(), any::<u8>(), any::<bool>()), 1..7))
        .prop_map(|(kind, deeds)| Customer { kind, deeds })
}

fn story() -> impl Strategy<Value = Story> {
    (
        prop::collection::vec(customer(), 1..4),
        prop::collection::vec(any::<u32>(), 40),
        prop::collection::vec(0usize..40, 0..8),
        prop::collection::vec(1usize..6, 40),
    )
        .prop_map(|(customers, order, repeated, batches)| Story { customers, order, repeated, batches })
}

const EMOJI: [Option<&str>; 3] = [Some("👍"), Some("❤️"), None];

/// How customer `n` shows himself: `way` chooses, `has_moved` tells before from after.
fn sighting(kind: Kind, n: usize, way: u8, has_moved: bool, at: i64) -> Sighting {
    let phone = |number: usize| PhoneNumber::parse(&format!("+4072100{n}00{number}"));
    let id = |number: usize| Some(Private::new(format!("RO.{n}x{number}")));
    let username = Some(Private::new(format!("@client{n}")));
    let name = (way & 4 != 0).then(|| Private::new(format!("Client {n} at {at}")));
    let now = usize::from(has_moved);
    let (bsuid, phone, username) = match (kind, way % 3) {
        (Kind::Phone, _) => (None, phone(0), None),
        (Kind::Id, _) => (id(0), None, None),
        (Kind::Username, 0) => (id(0), None, username),
        (Kind::Username, _) => (None, None, username),
        (Kind::Linked | Kind::Moved, 0) => (id(now), phone(now), None),
        (Kind::Linked | Kind::Moved, 1) => (id(now), None, None),
        (Kind::Linked | Kind::Moved, _) => (None, phone(now), None),
    };
    Sighting { bsuid, phone, username, name, ..Sighting::default() }
}

/// What the customers did, in order of the provider's time.
fn items(story: &Story) -> Vec<What> {
    let mut items = Vec::new();
    for (n, customer) in story.customers.iter().enumerate() {
        let mut at = 1_793_600_000;
        let mut texts: Vec<String> = Vec::new();
        let moves_after = customer.deeds.len() / 2;
        for (k, (deed, way, is_same_second)) in customer.deeds.iter().enumerate() {
            let is_last = k + 1 == customer.deeds.len();
            // Once he shows all that he is known by, so that the parts belong together.
            let way = if is_last { way / 3 * 3 } else { *way };
            let has_moved = matches!(customer.kind, Kind::Moved) && k >= moves_after;
            // Changes of one message within one second have no order but that of arrival.
            at += i64::from(!(*is_same_second && matches!(deed, Deed::Text | Deed::Reply(_))));
            let id = format!("wamid.{n}.{k}");
            if has_moved && k == moves_after {
                items.push(moved(n, at));
                at += 1;
            }
            let target = |of: usize| texts.get(of % texts.len().max(1)).cloned();
            let plain = |text: &str| Content::Text { body: Private::from(text), preview_url: false };
            let body = format!("text {n}.{k}");
            let (content, reply_to) = match *deed {
                Deed::Text => (plain(&body), None),
                Deed::Reply(of) => (plain(&body), target(of)),
                Deed::React(of, emoji) => match target(of) {
                    None => (plain(&body), None),
                    target_upstream_id => {
                        let emoji = EMOJI[usize::from(emoji)].map(str::to_owned);
                        (Content::Reaction { target_upstream_id, target: None, emoji }, None)
                    }
                },
                Deed::Edit(of) => match target(of) {
                    None => (plain(&body), None),
                    Some(target_upstream_id) => {
                        let replacement = Box::new(plain(&format!("edited {k}")));
                        (Content::Edit { target_upstream_id, replacement }, None)
                    }
                },
                Deed::Revoke(of) => match target(of) {
                    None => (plain(&body), None),
                    Some(target_upstream_id) => (Content::Revoke { target_upstream_id }, None),
                },
            };
            if content.is_listed() {
                texts.push(id.clone());
            }
            let from = sighting(customer.kind, n, way, has_moved, at);
            items.push(What::Message { id, from, at, content, reply_to });
        }
    }
    items
}

fn moved(n: usize, at: i64) -> What {
    let before = sighting(Kind::Moved, n, 0, false, at);
    let after = sighting(Kind::Moved, n, 0, true, at);
    let from = Sighting { previous_bsuid: before.bsuid, previous_phone: before.phone, ..after };
    let content =
        Content::System { event: "user_changed_number".into(), body: Private::from("changed number") };
    What::Message { id: format!("wamid.{n}.moved"), from, at, content, reply_to: None }
}

/// The same items shuffled, repeated and batched.
fn deliveries(story: &Story, items: &[What]) -> Vec<Vec<Wire>> {
    let mut shuffled: Vec<(u32, What)> =
        items.iter().enumerate().map(|(k, item)| (story.order[k % 40], item.clone())).collect();
    shuffled.sort_by_key(|(place, _)| *place);
    let mut all: Vec<What> = shuffled.into_iter().map(|(_, item)| item).collect();
    for again in &story.repeated {
        let item = all[again % all.len()].clone();
        all.insert((again * 7) % (all.len() + 1), item);
    }
    let mut batches = story.batches.iter().cycle();
    let mut deliveries = Vec::new();
    let mut rest = all.as_slice();
    while !rest.is_empty() {
        let (batch, later) = rest.split_at((*batches.next().unwrap()).min(rest.len()));
        deliveries.push(batch.iter().cloned().map(Wire::from).collect());
        rest = later;
    }
    deliveries
}

/// What an agent sees, without ids.
pub(crate) async fn visible(world: &World, shop: &Shop) -> Value {
    let scope = shop.scope();
    let mut all = Vec::new();
    let mut reader = world.store.read().await.unwrap();
    let listed = contacts::list(&scope, &mut reader, &ContactFilter::default(), 500).await.unwrap();
    let conversations = world.conversations(shop).await;
    for contact in &listed {
        let mut addresses = Vec::new();
        let identities = contacts::identities(&scope, &mut reader, contact.id).await.unwrap();
        for identity in &identities {
            addresses.extend(identity.addresses.iter().map(|it| {
                let last = it.last_seen_at;
                json!([it.kind, it.value, it.is_current, last])
            }));
        }
        addresses.sort_by_key(Value::to_string);
        let mut threads = Vec::new();
        for conversation in conversations.iter().filter(|it| it.contact == contact.id) {
            assert!(identities.iter().any(|identity| identity.id == conversation.identity));
            let thread = world.thread(shop, conversation.id).await;
            assert!(thread.is_sorted_by_key(|message| message.sent_at), "out of order: {thread:?}");
            let mut lines = Vec::new();
            for message in &thread {
                let quoted = match message.reply_to {
                    Some(id) => messages::find(&scope, &mut reader, id).await.unwrap().unwrap().upstream_id,
                    None => None,
                };
                lines.push(json!([
                    message.sent_at,
                    message.upstream_id,
                    message.content,
                    quoted,
                    message.status,
                    message.edited_at,
                    message.revoked_at,
                    message.reactions
                ]));
            }
            // Within a second the order of arrival decides.
            lines.sort_by_key(|line| (line[0].to_string(), line[1].to_string()));
            let newest = thread.iter().map(|message| message.sent_at).max();
            let shown = match conversation.last_message {
                Some(id) => messages::find(&scope, &mut reader, id).await.unwrap().map(|it| it.sent_at),
                None => None,
            };
            assert_eq!(shown, newest, "the newest message is not the shown one");
            threads.push(json!({
                "status": conversation.status,
                "unread": conversation.unread,
                "last_inbound_at": conversation.last_inbound_at,
                "newest": shown.map(|at: Timestamp| at.to_string()),
                "lines": lines,
            }));
        }
        threads.sort_by_key(Value::to_string);
        all.push(json!({ "name": contact.name, "addresses": addresses, "threads": threads }));
    }
    let shown: usize = all.iter().map(|contact| contact["threads"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!(shown, conversations.len(), "a conversation belongs to no listed contact");
    let mut open: Vec<_> = conversations.iter().map(|it| (it.inbox, it.identity)).collect();
    open.sort();
    open.dedup();
    assert_eq!(open.len(), conversations.len(), "two open conversations of one identity");
    all.sort_by_key(Value::to_string);
    Value::Array(all)
}

async fn ends_the_same(db: Db, story: &Story) -> Result<(), TestCaseError> {
    let world = World::new(db).await;
    let shuffled = world.another_shop().await;
    let items = items(story);
    for item in &items {
        world.keep_at(&world.shop, vec![item.clone().into()]).await;
        world.project().await;
    }
    for (n, delivery) in deliveries(story, &items).into_iter().enumerate() {
        world.keep_at(&shuffled, delivery).await;
        if n % 3 == 2 {
            world.project().await;
        }
    }
    world.project().await;
    let wanted = visible(&world, &world.shop).await;
    let got = visible(&world, &shuffled).await;
    prop_assert_eq!(
        serde_json::to_string_pretty(&got).unwrap(),
        serde_json::to_string_pretty(&wanted).unwrap(),
        "left: shuffled, right: in order"
    );
    let customers = world.conversations(&world.shop).await.len();
    prop_assert!(customers <= story.customers.len() + unlinked(story), "split: {}", customers);
    Ok(())
}

/// A customer who writes once by username or before his parts were linked may show up twice, never more.
fn unlinked(story: &Story) -> usize {
    story.customers.iter().filter(|it| matches!(it.kind, Kind::Username | Kind::Moved)).count()
}

#[test]
fn any_order_of_deliveries_ends_in_the_same_state() {
    check(24, &story(), |story| block_on(ends_the_same(Db::Sqlite, &story)));
}

#[test]
fn any_order_of_deliveries_ends_in_the_same_state_on_postgres() {
    check(6, &story(), |story| block_on(ends_the_same(Db::Postgres, &story)));
}
