//! Kills the real program again and again while customers and agents keep at it, and asks the outside world
//! afterwards: is anything lost, is anything doubled?
//!
//! `KILLS` sets the number (200), `KILL_SEED` repeats a run's decisions (threads and clocks stay their own).

#![expect(clippy::unwrap_used, reason = "what a helper of a test meets fails the test")]

#[path = "../harness/mod.rs"]
#[expect(dead_code, reason = "each suite uses its part of the harness")]
mod harness;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::os::unix::process::ExitStatusExt as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use centrala_engine::fail_points;
use centrala_sandbox::LedgerKind;
use centrala_testkit::postgres::{Cluster, Durability};
use harness::{Database, Place, Server, Town, eventually, settings};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;

/// What the agents were promised: a message for each client id, with this text.
type Promises = Mutex<BTreeMap<String, String>>;

struct Traffic {
    town: Arc<Town>,
    place: Arc<Place>,
    promised: Arc<Promises>,
    stop: Arc<AtomicBool>,
    count: Arc<AtomicU64>,
}

fn seed() -> u64 {
    let chosen = std::env::var("KILL_SEED").ok().and_then(|text| text.parse().ok());
    chosen.unwrap_or_else(|| {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap();
        u64::from(now.subsec_nanos())
    })
}

fn kills(usual: u64) -> u64 {
    std::env::var("KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Customers write: words, pictures, and everything now and then twice or in the wrong order.
async fn customers(traffic: Traffic, seed: u64) {
    let mut dice = StdRng::seed_from_u64(seed);
    let people: Vec<String> = traffic.town.sandbox.customers().into_iter().map(|c| c.id).collect();
    while !traffic.stop.load(Ordering::Relaxed) {
        let person = &people[dice.random_range(0..people.len())];
        let n = traffic.count.fetch_add(1, Ordering::Relaxed);
        let message = if dice.random_ratio(1, 6) {
            json!({"type": "image", "image": {"caption": format!("in {n}")}})
        } else {
            json!({"type": "text", "text": {"body": format!("in {n}")}})
        };
        traffic.town.write(person, message).await;
        tokio::time::sleep(Duration::from_millis(dice.random_range(5..30))).await;
    }
}

/// An agent answers, and asks again with the same client id until somebody says that it is kept.
async fn agent(traffic: Traffic, number: u64, seed: u64) {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut conversations: Vec<String> = Vec::new();
    let mut sent = 0u64;
    while !traffic.stop.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(dice.random_range(10..60))).await;
        if conversations.len() < 12 || sent.is_multiple_of(20) {
            conversations = open_conversations(&traffic).await.unwrap_or(conversations);
        }
        if conversations.is_empty() {
            continue;
        }
        let conversation = conversations[dice.random_range(0..conversations.len())].clone();
        sent += 1;
        let (client_id, text) = (format!("client-{number}-{sent}"), format!("out {number} {sent}"));
        let picture = if dice.random_ratio(1, 10) { upload(&traffic, sent).await } else { None };
        let content = match picture {
            Some(media) => json!({"type": "image", "media": media, "caption": text}),
            None => json!({"type": "text", "body": text}),
        };
        let body = json!({"client_id": client_id, "content": content});
        if insist(&traffic, &conversation, &body).await {
            traffic.promised.lock().unwrap().insert(client_id, text);
        }
        if dice.random_ratio(1, 10) {
            let path = format!("conversations/{conversation}/read");
            drop(traffic.place.api(&traffic.town, "POST", &path).send().await);
        }
    }
}

/// Posts until there is an answer. True when the message is kept.
async fn insist(traffic: &Traffic, conversation: &str, body: &serde_json::Value) -> bool {
    let path = format!("conversations/{conversation}/messages");
    loop {
        match traffic.place.api(&traffic.town, "POST", &path).json(body).send().await {
            Ok(answer) if answer.status().is_success() => return true,
            Ok(answer) if answer.status().is_server_error() => {}
            Ok(answer) => {
                let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
                panic!("an agent's message was refused: {status} {text}");
            }
            // Whether it was kept is not known: the same client id settles it.
            Err(_) => {}
        }
        if traffic.stop.load(Ordering::Relaxed) {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn open_conversations(traffic: &Traffic) -> Option<Vec<String>> {
    let answer = traffic.place.api(&traffic.town, "GET", "conversations?limit=50").send().await.ok()?;
    let page: serde_json::Value = answer.json().await.ok()?;
    let items = page["items"].as_array()?;
    Some(items.iter().filter_map(|item| item["id"].as_str()).map(str::to_owned).collect())
}

/// A small PNG, different each time.
async fn upload(traffic: &Traffic, n: u64) -> Option<String> {
    let mut bytes = vec![0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
    bytes.extend_from_slice(b"\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0");
    bytes.extend_from_slice(&n.to_be_bytes());
    let request = traffic.place.api(&traffic.town, "POST", "media").header("content-type", "image/png");
    let answer = request.body(bytes).send().await.ok()?;
    let file: serde_json::Value = answer.json().await.ok()?;
    file["id"].as_str().map(str::to_owned)
}

/// One life of the server, ended by a named point at its `nth` passage, or by SIGKILL after a while.
struct Death {
    point: Option<(&'static str, u64)>,
    after: Duration,
}

/// Lives one life; gives the point, if that ended it.
async fn live_once(town: &Town, place: &Place, death: &Death) -> (Option<&'static str>, Duration) {
    let armed = death.point.map(|(point, nth)| format!("{point}:{nth}"));
    let environment: Vec<(&str, &str)> =
        armed.iter().map(|armed| ("CENTRALA_FAILPOINT", armed.as_str())).collect();
    let began = Instant::now();
    let mut server = place.spawn(&[], &environment);
    let is_ready = server.is_ready(&town.http).await;
    let start = began.elapsed();
    if is_ready && server.ends_within(death.after).await.is_none() {
        server.kill();
        return (None, start);
    }
    let status = server.ended().expect("it ended");
    assert_eq!(status.signal(), Some(6), "ended by itself: {status}\n{}", place.last_words());
    (death.point.map(|(point, _)| point), start)
}

async fn faults_of_the_world(town: &Town) {
    let faults = json!([
        {"kind": "webhook_duplicate", "times": 1, "rate": 0.1},
        {"kind": "webhook_reorder", "rate": 0.1},
        {"kind": "throttle", "rate": 0.03, "path_contains": "/messages"},
        {"kind": "cut_after_accept", "rate": 0.02, "path_contains": "/messages"},
        {"kind": "cut_before_accept", "rate": 0.01, "path_contains": "/messages"},
        {"kind": "http_error", "status": 503, "rate": 0.2, "path_contains": "attachments"},
        {"kind": "http_error", "status": 503, "rate": 0.1, "path_contains": "/media"},
    ]);
    town.control("POST", "faults", Some(faults)).await;
}

async fn kill_loop(database: Database, kills: u64, lifetime_ms: std::ops::Range<u64>) {
    let seed = seed();
    println!("KILL_SEED={seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let town = Arc::new(Town::start(settings()).await);
    let base_url = town.sandbox.base_url().to_owned();
    let place = Arc::new(Place::new(&town, &base_url, database).await);
    let promised = Arc::new(Promises::default());
    let stop = Arc::new(AtomicBool::new(false));
    let count = Arc::new(AtomicU64::new(0));
    let traffic = || Traffic {
        town: town.clone(),
        place: place.clone(),
        promised: promised.clone(),
        stop: stop.clone(),
        count: count.clone(),
    };
    let mut first = place.spawn(&[], &[]);
    assert!(first.is_ready(&town.http).await, "{}", place.last_words());
    town.subscribe(&place).await;
    faults_of_the_world(&town).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..2 {
        tasks.spawn(customers(traffic(), seed + n));
    }
    for n in 0..3 {
        tasks.spawn(agent(traffic(), n, seed + 100 + n));
    }
    // Something must be under way before the first death.
    tokio::time::sleep(Duration::from_secs(1)).await;
    first.kill();
    let mut missing: Vec<&'static str> = fail_points::ALL.to_vec();
    let mut hits: HashMap<&'static str, u64> = HashMap::new();
    let mut slowest_start = Duration::ZERO;
    for n in 0..kills {
        let after = Duration::from_millis(dice.random_range(lifetime_ms.clone()));
        // Every third death is at any moment; the others are at a named point, those first that had no turn.
        let point = if n % 3 == 2 {
            None
        } else if missing.is_empty() {
            Some((fail_points::ALL[dice.random_range(0..fail_points::ALL.len())], dice.random_range(1..6)))
        } else {
            Some((missing[dice.random_range(0..missing.len())], 1))
        };
        let after = if point.is_some() { after.max(Duration::from_millis(1500)) } else { after };
        let (hit, start) = live_once(&town, &place, &Death { point, after }).await;
        slowest_start = slowest_start.max(start);
        if let Some(hit) = hit {
            missing.retain(|point| *point != hit);
            *hits.entry(hit).or_default() += 1;
        }
        assert!(tasks.try_join_next().is_none(), "a customer or an agent gave up");
    }
    println!("slowest start {slowest_start:?}, deaths at points {hits:?}");
    if kills >= 150 {
        assert_eq!(missing, Vec::<&str>::new(), "points at which nothing ended");
    }
    heal(&town, &place, &stop, &mut tasks).await;
    let promised = promised.lock().unwrap().clone();
    check(&town, &place, &promised).await;
}

/// No more faults, no more traffic; everything that is due is done.
async fn heal(town: &Town, place: &Place, stop: &AtomicBool, tasks: &mut tokio::task::JoinSet<()>) {
    town.control("DELETE", "faults", None).await;
    let look = place.look().await;
    look.hurry(place.seeded.workspace).await;
    let mut server: Server = place.spawn(&[], &[]);
    assert!(server.is_ready(&town.http).await, "{}", place.last_words());
    stop.store(true, Ordering::Relaxed);
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    eventually("everything comes to rest", Duration::from_secs(240), async || {
        let pending = town.webhooks_pending().await;
        let receipts =
            look.number("SELECT CAST(COUNT(*) AS BIGINT) AS n FROM receipts WHERE state = 'received'").await;
        let jobs = look
            .number(
                "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM jobs WHERE state IN ('ready', 'claimed')
                    AND kind <> 'reconcile_message'",
            )
            .await;
        if pending == 0 && receipts == 0 && jobs == 0 {
            return Ok(());
        }
        Err(format!("{pending} webhooks, {receipts} receipts and {jobs} jobs wait"))
    })
    .await;
    look.close().await;
    let status = server.stop().await;
    assert!(status.success(), "{status}\n{}", place.last_words());
}

/// The questions that matter.
async fn check(town: &Town, place: &Place, promised: &BTreeMap<String, String>) {
    let look = place.look().await;
    let ledger = town.sandbox.ledger();

    // 1. Whatever was answered with 200 is here, once; and in the end everything was.
    let mut kept: HashMap<String, u32> = HashMap::new();
    for row in look.rows("SELECT upstream_id FROM messages WHERE direction = 'in'", vec![]).await {
        *kept.entry(row.get::<String>("upstream_id").unwrap()).or_default() += 1;
    }
    let written: HashSet<&String> =
        ledger.iter().filter(|e| e.kind == LedgerKind::Customer).flat_map(|e| &e.wamids).collect();
    let acknowledged: HashSet<&String> = ledger
        .iter()
        .filter(|e| e.kind == LedgerKind::Webhook && e.outcome == "delivered")
        .flat_map(|e| &e.wamids)
        .filter(|wamid| written.contains(wamid))
        .collect();
    let lost: Vec<_> = acknowledged.iter().filter(|wamid| kept.get(**wamid) != Some(&1)).collect();
    assert!(
        lost.is_empty(),
        "{} of {} acknowledged deliveries are lost or doubled: {lost:?}",
        lost.len(),
        kept.len()
    );
    assert_eq!(acknowledged.len(), written.len(), "every customer's message was delivered in the end");
    assert_eq!(kept.len(), written.len(), "nothing was made up");

    // 2. Whatever an agent was told is kept is here, with his words.
    let mut by_client: HashMap<String, String> = HashMap::new();
    for row in look.rows("SELECT client_id, content FROM messages WHERE direction = 'out'", vec![]).await {
        let content: serde_json::Value = row.json("content").unwrap();
        let text = content["body"].as_str().or(content["caption"].as_str()).unwrap_or_default();
        by_client.insert(row.get("client_id").unwrap(), text.to_owned());
    }
    for (client_id, text) in promised {
        assert_eq!(by_client.get(client_id), Some(text), "{client_id} was promised");
    }

    // 3. Nothing reached a phone twice.
    let mut arrived: HashMap<String, u32> = HashMap::new();
    for customer in town.sandbox.customers() {
        for shown in town.phone(&customer.id).await {
            if shown["from"] == "business" {
                *arrived.entry(shown["body"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
            }
        }
    }
    let doubled: Vec<_> = arrived.iter().filter(|(_, count)| **count > 1).collect();
    assert!(doubled.is_empty(), "reached a phone twice: {doubled:?}");

    // 4. Every message of ours came to an end, and what it says of itself is what the phones show.
    let mut ends: BTreeMap<String, u32> = BTreeMap::new();
    for row in
        look.rows("SELECT id, client_id, status, content FROM messages WHERE direction = 'out'", vec![]).await
    {
        let status: String = row.get("status").unwrap();
        let text = by_client[&row.get::<String>("client_id").unwrap()].clone();
        let has_arrived = arrived.contains_key(&text);
        match status.as_str() {
            "delivered" | "read" => assert!(has_arrived, "{text} is {status} but on no phone"),
            "uncertain" => assert!(!has_arrived, "{text} is uncertain although a status told of it"),
            "failed" => assert!(!has_arrived, "{text} is failed but on a phone"),
            other => panic!("{text} rests as {other}"),
        }
        *ends.entry(status).or_default() += 1;
    }

    // 5. Facts are numbered without a gap.
    let numbers = &look
        .rows(
            "SELECT CAST(COUNT(*) AS BIGINT) AS n, CAST(MIN(seq) AS BIGINT) AS low, CAST(MAX(seq) AS BIGINT) AS high,
                (SELECT seq FROM counters) AS counter FROM events",
            vec![],
        )
        .await[0];
    let number = |name: &str| numbers.get::<i64>(name).unwrap();
    assert_eq!((number("low"), number("high"), number("counter")), (1, number("n"), number("n")));

    // 6. Pictures are here, each with its file.
    let files = look
        .rows("SELECT state, CAST(COUNT(*) AS BIGINT) AS n FROM media GROUP BY state ORDER BY state", vec![])
        .await;
    let states: BTreeSet<String> = files.iter().map(|row| row.get("state").unwrap()).collect();
    assert_eq!(states, BTreeSet::from(["stored".to_owned()]), "every file was fetched in the end");
    look.close().await;

    // 7. The doctor finds nothing.
    let report = place.doctor();
    assert_eq!(report["condition"], "fine", "{report:#}");
    println!(
        "{} in, {} promised out, {} out in all ({ends:?}), {} facts",
        written.len(),
        promised.len(),
        by_client.len(),
        number("n")
    );
    assert!(written.len() > 50 && promised.len() > 20, "there was traffic");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_however_often_the_server_is_killed_on_sqlite() {
    kill_loop(Database::Sqlite, kills(200), 30..600).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_however_often_the_server_is_killed_on_postgresql() {
    // The doctor looks for the durability that a real server has.
    let cluster = Cluster::start(Durability::Full).unwrap();
    let url = cluster.fresh_database();
    kill_loop(Database::Postgres(url), kills(200) / 10, 300..1500).await;
}
