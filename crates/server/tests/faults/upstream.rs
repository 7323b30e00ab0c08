//! A bad way to the channel: whatever happens on it, a message comes to an end and reaches a phone once at most.

use std::time::Duration;

use centrala_testkit::proxy::{Direction, FaultProxy, Toxic};
use serde_json::{Value, json};

use crate::harness::{Database, Place, Server, Town, eventually, settings};

struct Line {
    town: Town,
    place: Place,
    proxy: FaultProxy,
    conversation: String,
    _server: Server,
}

/// A server that speaks with the platform through a proxy, and a customer who has written.
async fn line() -> Line {
    let town = Town::start(settings()).await;
    let upstream = town.sandbox.base_url().trim_start_matches("http://").parse().unwrap();
    let proxy = FaultProxy::start(upstream).await.unwrap();
    let base_url = format!("http://{}", proxy.address());
    let place = Place::new(&town, &base_url, Database::Sqlite).await;
    let mut server = place.spawn(&[], &[]);
    assert!(server.is_ready(&town.http).await, "{}", place.last_words());
    town.subscribe(&place).await;
    town.write("ana", json!({"type": "text", "text": {"body": "Bună!"}})).await;
    let conversation = std::cell::RefCell::new(String::new());
    eventually("the customer's message is here", Duration::from_secs(10), async || {
        let page: Value =
            place.api(&town, "GET", "conversations").send().await.unwrap().json().await.unwrap();
        match page["items"][0]["id"].as_str() {
            Some(id) => {
                id.clone_into(&mut conversation.borrow_mut());
                Ok(())
            }
            None => Err(page.to_string()),
        }
    })
    .await;
    let conversation = conversation.into_inner();
    Line { town, place, proxy, conversation, _server: server }
}

impl Line {
    /// An agent writes; gives the message's id.
    async fn send(&self, text: &str) -> String {
        let path = format!("conversations/{}/messages", self.conversation);
        let body = json!({"client_id": text, "content": {"type": "text", "body": text}});
        let sent = self.place.api(&self.town, "POST", &path).json(&body).send().await.unwrap();
        assert_eq!(sent.status(), 201);
        let sent: Value = sent.json().await.unwrap();
        sent["id"].as_str().unwrap().to_owned()
    }

    async fn status(&self, id: &str) -> String {
        let path = format!("messages/{id}");
        let message: Value =
            self.place.api(&self.town, "GET", &path).send().await.unwrap().json().await.unwrap();
        message["status"].as_str().unwrap_or_default().to_owned()
    }

    async fn becomes(&self, id: &str, wanted: &[&str], time: Duration) {
        eventually("the message comes to its state", time, async || {
            let status = self.status(id).await;
            if wanted.contains(&status.as_str()) { Ok(()) } else { Err(format!("it is {status}")) }
        })
        .await;
    }

    /// How often a text is on the phone.
    async fn arrived(&self, text: &str) -> usize {
        self.town.phone("ana").await.iter().filter(|shown| shown["body"] == text).count()
    }
}

const SOON: Duration = Duration::from_secs(20);
const END: [&str; 2] = ["delivered", "read"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_and_narrow_lines_deliver_once() {
    let line = line().await;
    let delay = Duration::from_millis(400);
    let slow = [
        Toxic::Latency { delay, jitter: Duration::from_millis(100) },
        Toxic::Bandwidth { bytes_per_second: 4000 },
    ];
    line.proxy.set(Direction::Up, slow);
    line.proxy.set(Direction::Down, slow);
    let id = line.send("slow").await;
    line.becomes(&id, &END, SOON).await;
    let pieces = [Toxic::Slicer { size_bytes: 7, pause: Duration::from_millis(5) }];
    line.proxy.set(Direction::Up, pieces);
    line.proxy.set(Direction::Down, pieces);
    let id = line.send("in pieces").await;
    line.becomes(&id, &END, SOON).await;
    assert_eq!((line.arrived("slow").await, line.arrived("in pieces").await), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answer_that_is_cut_makes_a_message_uncertain_until_a_status_proves_it() {
    for (text, bytes) in [("cut before the answer", 0), ("cut in the answer", 60)] {
        let line = line().await;
        line.proxy.set(Direction::Down, [Toxic::Reset { after_bytes: bytes }]);
        line.proxy.reset_all();
        // Statuses wait until the doubt has been seen.
        let held = json!({"kind": "webhook_delay", "ms": 1500});
        line.town.control("POST", "faults", Some(held)).await;
        let id = line.send(text).await;
        line.becomes(&id, &["uncertain"], SOON).await;
        line.proxy.heal();
        line.becomes(&id, &END, SOON).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(line.arrived(text).await, 1, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_that_never_left_is_tried_again() {
    let line = line().await;
    line.proxy.refuse().await;
    line.proxy.reset_all();
    let id = line.send("refused").await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(line.status(&id).await, "queued", "nobody listened, so it waits for another try");
    line.proxy.accept_again().await.unwrap();
    line.becomes(&id, &END, Duration::from_secs(40)).await;
    assert_eq!(line.arrived("refused").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn line_that_swallows_everything_for_a_while_delivers_once() {
    for direction in [Direction::Up, Direction::Down] {
        let line = line().await;
        line.proxy.set(direction, [Toxic::Blackhole]);
        let text = format!("swallowed {direction:?}");
        let id = line.send(&text).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        line.proxy.heal();
        line.becomes(&id, &END, SOON).await;
        assert_eq!(line.arrived(&text).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn throttling_is_waited_out() {
    let line = line().await;
    let fault = json!({"kind": "throttle", "count": 2, "path_contains": "/messages"});
    line.town.control("POST", "faults", Some(fault)).await;
    let id = line.send("throttled").await;
    line.becomes(&id, &END, Duration::from_secs(60)).await;
    assert_eq!(line.arrived("throttled").await, 1);
}
