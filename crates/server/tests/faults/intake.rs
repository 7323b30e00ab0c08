//! What comes in: signatures, sizes, slow and many clients, and the end of the program under load.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use centrala_store::{Command as StoreCommand, Ctx, Done, Origin, Sql, Tx};
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::harness::{Database, Place, Server, Town, eventually, settings, sign};

pub(crate) struct Running {
    pub(crate) town: Arc<Town>,
    pub(crate) place: Arc<Place>,
    pub(crate) server: Server,
}

pub(crate) async fn running() -> Running {
    let town = Arc::new(Town::start(settings()).await);
    let place = Place::new(&town, town.sandbox.base_url(), Database::Sqlite).await;
    let mut server = place.spawn(&[], &[]);
    assert!(server.is_ready(&town.http).await, "{}", place.last_words());
    Running { town, place: Arc::new(place), server }
}

/// A webhook with one text message.
pub(crate) fn delivery(town: &Town, id: &str) -> Vec<u8> {
    padded_delivery(town, id, 0)
}

fn padded_delivery(town: &Town, id: &str, padding: usize) -> Vec<u8> {
    let number = &town.number.phone_number_id;
    let waba = &town.number.waba_id;
    let text = "x".repeat(padding);
    format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"{waba}","changes":[{{"field":"messages","value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"40364555100","phone_number_id":"{number}"}},"contacts":[{{"profile":{{"name":"Ion"}},"wa_id":"40722000111"}}],"messages":[{{"from":"40722000111","id":"{id}","timestamp":"1795000000","type":"text","text":{{"body":"salut{text}"}}}}]}}}}]}}]}}"#
    )
    .into_bytes()
}

impl Running {
    async fn post(&self, id: &str) -> Option<StatusCode> {
        let body = delivery(&self.town, id);
        self.place.post_webhook(&self.town, &body, Some(&self.town.sign(&body))).await
    }

    async fn messages(&self) -> i64 {
        let look = self.place.look().await;
        let count = look.number("SELECT CAST(COUNT(*) AS BIGINT) AS n FROM messages").await;
        look.close().await;
        count
    }

    async fn has_messages(&self, wanted: i64) {
        eventually("deliveries are applied", Duration::from_secs(30), async || {
            let count = self.messages().await;
            if count == wanted { Ok(()) } else { Err(format!("{count} of {wanted}")) }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhook_signed_with_openssl_and_sent_with_curl_is_taken_and_a_forged_one_refused() {
    const SCRIPT: &str = r#"
set -eu
signature=$(openssl dgst -sha256 -hmac "$SECRET" -r "$BODY" | cut -d' ' -f1)
post() { curl -s -o /dev/null -w '%{http_code}\n' -H 'Content-Type: application/json' -H "X-Hub-Signature-256: sha256=$1" \
    --data-binary "@$BODY" "$URL"; }
post "$signature"
post "$(printf '%s' "$signature" | tr '0-9a-f' '1-9a-f0')"
"#;
    let run = running().await;
    let file = run.place.data.join("body.json");
    std::fs::write(&file, delivery(&run.town, "wamid.CURL")).unwrap();
    let output = Command::new("/bin/sh")
        .args(["-c", SCRIPT])
        .env("SECRET", &run.town.number.app_secret)
        .env("BODY", &file)
        .env("URL", run.place.webhook_url())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "200\n401\n", "{output:?}");
    run.has_messages(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_signatures_are_refused_and_counted_on_the_inbox() {
    let run = running().await;
    let body = delivery(&run.town, "wamid.FORGED");
    let good = run.town.sign(&body);
    let wrong = sign("another secret", &body);
    let other_algorithm = good.replace("sha256=", "sha1=");
    let bare = good.replace("sha256=", "");
    let bad = [
        None,
        Some(wrong.as_str()),
        Some(&other_algorithm),
        Some(&good[..good.len() - 2]),
        Some(&bare),
        Some(""),
    ];
    for signature in bad {
        let status = run.place.post_webhook(&run.town, &body, signature).await;
        assert_eq!(status, Some(StatusCode::UNAUTHORIZED), "{signature:?}");
    }
    let expected = i64::try_from(bad.len()).unwrap();
    eventually("forged deliveries are counted", Duration::from_secs(20), async || {
        let look = run.place.look().await;
        let count = look.number("SELECT CAST(SUM(forged_webhooks) AS BIGINT) AS n FROM inbox_health").await;
        look.close().await;
        if count == expected { Ok(()) } else { Err(format!("{count} of {expected}")) }
    })
    .await;
    assert_eq!(run.messages().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_megabytes_are_taken_and_more_is_refused() {
    const MEGABYTE: usize = 1024 * 1024;
    let run = running().await;
    for (padding, wanted) in
        [(3 * MEGABYTE - 1000, StatusCode::OK), (4 * MEGABYTE, StatusCode::PAYLOAD_TOO_LARGE)]
    {
        let body = padded_delivery(&run.town, &format!("wamid.BIG{padding}"), padding);
        let status = run.place.post_webhook(&run.town, &body, Some(&run.town.sign(&body))).await;
        assert_eq!(status, Some(wanted), "{} bytes", body.len());
    }
    run.has_messages(1).await;
}

/// Sends one byte now and then, and says after how long the server had enough.
async fn trickle(port: u16, head: &'static str) -> Duration {
    let began = Instant::now();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    drop(stream.write_all(head.as_bytes()).await);
    let mut buffer = [0; 512];
    loop {
        tokio::select! {
            read = stream.read(&mut buffer) => {
                if matches!(read, Ok(0) | Err(_)) {
                    return began.elapsed();
                }
            }
            () = tokio::time::sleep(Duration::from_millis(500)) => {
                if stream.write_all(b"a").await.is_err() {
                    return began.elapsed();
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_trickling_connections_stop_nobody_and_are_closed() {
    let run = running().await;
    let mut slow = JoinSet::new();
    for n in 0..200 {
        let head = if n % 2 == 0 {
            "POST /webhooks/whatsapp_cloud/x HTTP/1.1\r\nhost: a\r\nx-slow: "
        } else {
            "POST /api/v1/session HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{"
        };
        slow.spawn(trickle(run.place.port, head));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut took = Vec::new();
    for n in 0..200 {
        let began = Instant::now();
        assert_eq!(run.post(&format!("wamid.NORMAL{n}")).await, Some(StatusCode::OK));
        took.push(began.elapsed());
    }
    took.sort();
    assert!(took[197] < Duration::from_secs(1), "p99 {:?}", took[197]);
    let closed = tokio::time::timeout(Duration::from_secs(100), async {
        let mut longest = Duration::ZERO;
        while let Some(ended) = slow.join_next().await {
            longest = longest.max(ended.unwrap());
        }
        longest
    })
    .await;
    println!("the last slow connection was closed after {:?}", closed.expect("slow connections are closed"));
    run.has_messages(200).await;
}

/// Holds the database's write lock for a while.
struct Hold(Duration);

impl StoreCommand for Hold {
    type Out = ();
    type Error = centrala_store::Error;

    async fn run(&self, _: &Ctx, tx: &mut Tx) -> centrala_store::Result<Done<()>> {
        const TEXT: &str = "UPDATE counters SET seq = seq";
        tx.run(Sql { name: "hold", sqlite: TEXT, postgres: TEXT }, vec![]).await?;
        tokio::time::sleep(self.0).await;
        Ok(Done::unchanged(()))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overload_is_refused_with_503_and_what_is_sent_again_arrives_once() {
    const COUNT: usize = 2600;
    let run = running().await;
    let look = run.place.look().await;
    let store = look.store().clone();
    let workspace = run.place.seeded.workspace;
    let mut held = JoinSet::new();
    held.spawn(async move {
        let origin = Origin::system(workspace, store.new_id());
        store.execute(origin, Hold(Duration::from_secs(4))).await.unwrap();
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let signed: Vec<(Vec<u8>, String)> = {
        // One signature for all: the same body is one message, so each needs its own; signed in-process here.
        (0..COUNT)
            .map(|n| {
                let body = delivery(&run.town, &format!("wamid.MANY{n}"));
                let signature = crate::harness::sign_many(&run.town.number.app_secret, &body);
                (body, signature)
            })
            .collect()
    };
    let mut tasks = JoinSet::new();
    for (body, signature) in signed {
        let (town, place) = (run.town.clone(), run.place.clone());
        tasks.spawn(async move {
            let mut refused = 0;
            loop {
                match place.post_webhook(&town, &body, Some(&signature)).await {
                    Some(StatusCode::OK) => return refused,
                    Some(StatusCode::SERVICE_UNAVAILABLE) => refused += 1,
                    Some(other) => panic!("{other}"),
                    None => {}
                }
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        });
    }
    let mut refused = 0;
    while let Some(ended) = tasks.join_next().await {
        refused += ended.unwrap();
    }
    held.join_next().await.unwrap().unwrap();
    look.close().await;
    assert!(refused > 0, "the queue has a bound");
    run.has_messages(i64::try_from(COUNT).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_under_load_it_finishes_what_it_took() {
    let mut run = running().await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for n in 0..8 {
        let (town, place, stop) = (run.town.clone(), run.place.clone(), stop.clone());
        tasks.spawn(async move {
            let mut kept = Vec::new();
            for m in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let id = format!("wamid.STOP{n}-{m}");
                let body = delivery(&town, &id);
                let signature = crate::harness::sign_many(&town.number.app_secret, &body);
                match place.post_webhook(&town, &body, Some(&signature)).await {
                    Some(StatusCode::OK) => kept.push(id),
                    // It stops: refused, or nobody there any more.
                    Some(StatusCode::SERVICE_UNAVAILABLE) | None => {}
                    Some(other) => panic!("{other}"),
                }
            }
            kept
        });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let status = run.server.stop().await;
    stop.store(true, Ordering::Relaxed);
    assert!(status.success(), "{status}");
    let mut kept = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        kept.extend(ended.unwrap());
    }
    assert!(kept.len() > 20, "{} were taken", kept.len());
    let mut again = run.place.spawn(&[], &[]);
    assert!(again.is_ready(&run.town.http).await);
    eventually("what was taken is applied", Duration::from_secs(20), async || {
        let look = run.place.look().await;
        let here: std::collections::HashSet<String> = look
            .rows("SELECT upstream_id FROM messages", vec![])
            .await
            .iter()
            .map(|row| row.get("upstream_id").unwrap())
            .collect();
        look.close().await;
        let lost = kept.iter().filter(|id| !here.contains(*id)).count();
        if lost == 0 { Ok(()) } else { Err(format!("{lost} are not here")) }
    })
    .await;
}
