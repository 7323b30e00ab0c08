//! The machine's clock is set back or forward while customers write and agents answer, and the program is killed
//! before it has caught up. libfaketime lies to the server alone: this process and the platform keep the time.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Database, Place, Server, Town, eventually, settings};
use crate::intake::delivery;

/// The clock that the server sees: the true one and an offset, kept in a file.
struct SetClock {
    library: String,
    file: PathBuf,
}

impl SetClock {
    fn new(place: &Place) -> Self {
        let found = std::fs::read_dir("/usr/lib").unwrap().flatten().find_map(|folder| {
            let library = folder.path().join("faketime/libfaketime.so.1");
            library.exists().then(|| library.display().to_string())
        });
        let library = found.expect("libfaketime is installed (scripts/setup)");
        let clock = Self { library, file: place.data.join("offset") };
        clock.set("+0");
        clock
    }

    /// Sets it to so many seconds before or after the true time. A renamed file is never read half-written.
    fn set(&self, offset: &str) {
        let next = self.file.with_extension("next");
        std::fs::write(&next, offset).unwrap();
        std::fs::rename(next, &self.file).unwrap();
    }

    fn spawn(&self, place: &Place) -> Server {
        let file = self.file.display().to_string();
        let environment = [
            ("LD_PRELOAD", self.library.as_str()),
            ("FAKETIME_TIMESTAMP_FILE", &file),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("NO_FAKE_STAT", "1"),
        ];
        place.spawn(&[], &environment)
    }
}

const CUSTOMERS: [&str; 3] = ["ana", "mihai", "ioana"];

struct Day {
    town: Town,
    place: Place,
    clock: SetClock,
    /// One for each customer.
    conversations: Vec<String>,
    /// What customers wrote.
    written: Vec<String>,
    /// What agents were told is kept: customer and text.
    promised: Vec<(usize, String)>,
    deliveries: usize,
}

impl Day {
    /// A server whose clock is right, and customers who have written.
    async fn begin() -> (Self, Server) {
        let town = Town::start(settings()).await;
        let place = Place::new(&town, town.sandbox.base_url(), Database::Sqlite).await;
        let clock = SetClock::new(&place);
        let mut server = clock.spawn(&place);
        assert!(server.is_ready(&town.http).await, "{}", place.last_words());
        town.subscribe(&place).await;
        let (conversations, written, promised) = (Vec::new(), Vec::new(), Vec::new());
        let mut day = Self { town, place, clock, conversations, written, promised, deliveries: 0 };
        for customer in CUSTOMERS {
            day.write(customer).await;
            let id = day.newest_conversation().await;
            day.conversations.push(id);
        }
        (day, server)
    }

    async fn write(&mut self, customer: &str) {
        let body = json!({"type": "text", "text": {"body": format!("salut {}", self.written.len())}});
        self.written.push(self.town.write(customer, body).await);
    }

    async fn newest_conversation(&self) -> String {
        let found = std::cell::RefCell::new(None);
        eventually("the customer's conversation is here", Duration::from_secs(10), async || {
            let listed = self.place.api(&self.town, "GET", "conversations").send().await.unwrap();
            let page: Value = listed.json().await.unwrap();
            let ids = page["items"].as_array().into_iter().flatten().filter_map(|it| it["id"].as_str());
            let new = ids.map(str::to_owned).find(|id| !self.conversations.contains(id));
            *found.borrow_mut() = new;
            found.borrow().is_some().then_some(()).ok_or_else(|| page.to_string())
        })
        .await;
        found.into_inner().unwrap()
    }

    /// An agent answers everybody; gives how many answers were taken.
    async fn answer(&mut self, text: &str) -> usize {
        let mut taken = 0;
        for (n, conversation) in self.conversations.iter().enumerate() {
            let text = format!("{text} {}", CUSTOMERS[n]);
            let path = format!("conversations/{conversation}/messages");
            let body = json!({"client_id": text, "content": {"type": "text", "body": text}});
            let sent = self.place.api(&self.town, "POST", &path).json(&body).send().await.unwrap();
            if sent.status() == StatusCode::CREATED {
                self.promised.push((n, text));
                taken += 1;
            } else {
                assert!(sent.status().is_client_error(), "{}", sent.status());
            }
        }
        taken
    }

    /// Deliveries that come one after the other.
    async fn deliver(&mut self, count: usize) {
        for _ in 0..count {
            let body = delivery(&self.town, &format!("wamid.ORDER{:03}", self.deliveries));
            let signature = self.town.sign(&body);
            let taken = self.place.post_webhook(&self.town, &body, Some(&signature)).await;
            assert_eq!(taken, Some(StatusCode::OK));
            self.deliveries += 1;
        }
    }

    async fn throttle(&self, calls: u32) {
        let fault = json!({"kind": "throttle", "count": calls, "path_contains": "/messages"});
        self.town.control("POST", "faults", Some(fault)).await;
    }

    async fn comes_to_rest(&self) {
        let look = self.place.look().await;
        eventually("everything comes to rest", Duration::from_secs(15), async || {
            let pending = self.town.webhooks_pending().await;
            let receipts = look
                .number("SELECT CAST(COUNT(*) AS BIGINT) AS n FROM receipts WHERE state = 'received'")
                .await;
            let jobs = look
                .number("SELECT CAST(COUNT(*) AS BIGINT) AS n FROM jobs WHERE state IN ('ready', 'claimed')")
                .await;
            if (pending, receipts, jobs) == (0, 0, 0) {
                return Ok(());
            }
            Err(format!("{pending} webhooks, {receipts} receipts and {jobs} jobs wait"))
        })
        .await;
        look.close().await;
    }

    async fn check(&self) {
        for (n, customer) in CUSTOMERS.iter().enumerate() {
            let phone = self.town.phone(customer).await;
            let arrived: Vec<&str> = phone
                .iter()
                .filter(|shown| shown["from"] == "business")
                .filter_map(|shown| shown["body"].as_str())
                .collect();
            let promised: Vec<&str> =
                self.promised.iter().filter(|(to, _)| *to == n).map(|(_, text)| text.as_str()).collect();
            assert_eq!(arrived, promised, "each answer once and in order on the phone of {customer}");
        }
        let look = self.place.look().await;
        let ids = async |text: &'static str| -> Vec<String> {
            look.rows(text, vec![]).await.iter().map(|row| row.get("upstream_id").unwrap()).collect()
        };
        let kept = ids("SELECT upstream_id FROM messages WHERE direction = 'in'").await;
        let lost: Vec<_> = self.written.iter().filter(|id| !kept.contains(id)).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
        assert_eq!(kept.len(), self.written.len() + self.deliveries, "nothing was made up or doubled");
        let in_order: Vec<String> = (0..self.deliveries).map(|n| format!("wamid.ORDER{n:03}")).collect();
        let applied = "SELECT m.upstream_id FROM events e JOIN messages m ON m.id = e.message
            WHERE e.kind = 'message_received' AND m.upstream_id LIKE 'wamid.ORDER%' ORDER BY e.seq";
        assert_eq!(ids(applied).await, in_order, "applied in order of arrival");
        let numbered = "SELECT m.upstream_id FROM receipts r JOIN messages m ON m.receipt = r.id
            WHERE m.upstream_id LIKE 'wamid.ORDER%' ORDER BY r.id";
        assert_eq!(ids(numbered).await, in_order, "whatever had waited would have kept its place");
        look.close().await;
    }
}

/// Answers wait for their next try when the clock is set to the first offset. With the second one the program is
/// killed and started again.
async fn survives(first: &str, second: &str) {
    let (mut day, mut server) = Day::begin().await;
    day.deliver(5).await;
    day.throttle(6).await;
    assert_eq!(day.answer("first").await, 3);
    tokio::time::sleep(Duration::from_millis(300)).await;
    day.clock.set(first);
    for customer in CUSTOMERS {
        day.write(customer).await;
    }
    day.deliver(5).await;
    day.answer("second").await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    day.clock.set(second);
    day.deliver(5).await;
    assert_eq!(day.answer("third").await, 3);
    server.kill();

    let mut server = day.clock.spawn(&day.place);
    assert!(server.is_ready(&day.town.http).await, "{}", day.place.last_words());
    for customer in CUSTOMERS {
        day.write(customer).await;
    }
    day.deliver(5).await;
    assert_eq!(day.answer("fourth").await, 3);
    day.comes_to_rest().await;
    day.check().await;
    let status = server.stop().await;
    assert!(status.success(), "{status}\n{}", day.place.last_words());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clock_set_back_two_hours_loses_doubles_and_delays_nothing() {
    survives("-7200", "-7200").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clock_a_day_ahead_for_a_moment_loses_doubles_and_delays_nothing() {
    survives("+86400", "+0").await;
}
