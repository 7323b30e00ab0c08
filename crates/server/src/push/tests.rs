//! Notices from a customer's message to a browser's push service, which is an endpoint in this process.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use centrala_domain::permission::Scope;
use centrala_domain::ports::Clock as _;
use centrala_engine::push::SessionRules;
use centrala_store::login_sessions;
use serde_json::{Value, json};

use super::encrypt::tests::Browser;
use super::vapid;
use crate::routes::scene;
use crate::testing::{Client, TestApp};

const PATH: &str = "/api/v1/me/push_subscriptions";

/// A push service with one browser.
#[derive(Clone, Default)]
struct Service {
    /// What it answers, one after another; then 201.
    answers: Arc<Mutex<VecDeque<u16>>>,
    requests: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

async fn take(State(service): State<Service>, headers: HeaderMap, body: Bytes) -> (StatusCode, HeaderMap) {
    service.requests.lock().unwrap().push((headers, body));
    let status = service.answers.lock().unwrap().pop_front().unwrap_or(201);
    let headers = HeaderMap::from_iter([(header::RETRY_AFTER, "0".parse().unwrap())]);
    (StatusCode::from_u16(status).unwrap(), headers)
}

impl Service {
    /// Listens; gives its address.
    async fn start(app: &TestApp, answers: &[u16]) -> (Self, String) {
        let service =
            Self { answers: Arc::new(Mutex::new(answers.iter().copied().collect())), ..Self::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(take).with_state(service.clone());
        app.app.beside(async move { axum::serve(listener, router).await.unwrap() });
        (service, origin)
    }

    fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    /// Waits until it was asked so often.
    async fn asked(&self, times: usize) {
        for _ in 0..1000 {
            if self.count() >= times {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no notice came");
    }
}

/// Has notices sent, as the program does.
fn serve(app: &TestApp) {
    let rules = SessionRules { idle: app.app.session_idle(), lifetime: app.app.session_lifetime() };
    let stop = app.app.shutdown.clone();
    app.app.beside(centrala_engine::push::run(app.app.engine.clone(), app.app.push.clone(), rules, stop));
}

async fn subscribe(who: &Client, browser: &Browser, origin: &str) -> String {
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let keys = json!({"p256dh": encode(&browser.p256dh), "auth": encode(&browser.auth)});
    who.get("/api/v1/push/key").await.ok();
    let input = json!({"endpoint": format!("{origin}/send/1"), "keys": keys, "device": "Chrome"});
    who.post(PATH, input).await.created()["id"].as_str().unwrap().to_owned()
}

/// A browser of an agent, and its push service.
async fn browser_of(app: &TestApp, who: &Client, answers: &[u16]) -> (Browser, Service) {
    let (service, origin) = Service::start(app, answers).await;
    let browser = Browser::new();
    subscribe(who, &browser, &origin).await;
    (browser, service)
}

/// Nothing more comes: what was wrong would have come with the rest.
async fn nothing_came(services: &[&Service]) {
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(services.iter().map(|service| service.count()).collect::<Vec<_>>(), vec![0; services.len()]);
}

#[tokio::test]
async fn message_wakes_the_browsers_of_those_who_may_see_it_with_ids_alone() {
    let app = TestApp::start().await;
    serve(&app);
    let (service, origin) = Service::start(&app, &[]).await;
    let browser = Browser::new();
    subscribe(&app.shop.agent, &browser, &origin).await;
    let (_, of_owner) = browser_of(&app, &app.shop.owner, &[]).await;
    let (_, of_outsider) = browser_of(&app, &app.shop.outsider, &[]).await;
    let (_, of_stranger) = browser_of(&app, &app.other.owner, &[]).await;
    let heard = scene::customer_writes(&app, &app.shop, "wamid.push", "Aveți covrigi?").await;
    service.asked(1).await;
    of_owner.asked(1).await;
    nothing_came(&[&of_outsider, &of_stranger]).await;
    assert_eq!((service.count(), of_owner.count()), (1, 1));

    let (headers, body) = service.requests.lock().unwrap().remove(0);
    let text = browser.read(&body).expect("the browser reads it");
    let expected = json!({"kind": "message", "conversation": heard.conversation, "message": heard.message});
    assert_eq!(serde_json::from_slice::<Value>(&text).unwrap(), expected);
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!((header("content-encoding"), header("ttl")), ("aes128gcm".into(), "14400".into()));
    assert!(header("topic").len() <= 32 && !header("topic").contains(['+', '/', '=']));
    let key = app.shop.agent.get("/api/v1/push/key").await.ok();
    let claims = vapid::tests::claims(&header("authorization"), key["public_key"].as_str().unwrap());
    let now = app.clock.now().micros() / 1_000_000;
    let lives = claims["exp"].as_i64().unwrap() - now;
    assert_eq!((claims["aud"].as_str(), lives <= 24 * 3600, lives > 0), (Some(origin.as_str()), true, true));
    let listed = app.shop.agent.get(PATH).await.ok();
    assert!(listed["items"][0]["last_used_at"].is_string(), "{listed}");
}

#[tokio::test]
async fn browser_that_is_gone_is_forgotten_and_a_busy_push_service_is_asked_again() {
    let app = TestApp::start().await;
    serve(&app);
    let (_, gone) = browser_of(&app, &app.shop.agent, &[410]).await;
    let (_, busy) = browser_of(&app, &app.shop.owner, &[429, 503]).await;
    let (_, refusing) = browser_of(&app, &app.shop.admin, &[403]).await;
    scene::customer_writes(&app, &app.shop, "wamid.push", "Alo?").await;
    busy.asked(3).await;
    assert_eq!((gone.count(), busy.count(), refusing.count()), (1, 3, 1));
    let count = async |who: &Client| who.get(PATH).await.ok()["items"].as_array().unwrap().len();
    assert_eq!((count(&app.shop.agent).await, count(&app.shop.owner).await), (0, 1));
    assert_eq!(count(&app.shop.admin).await, 1);
}

#[tokio::test]
async fn nobody_is_told_who_is_at_the_screen_or_wants_to_be_left_alone() {
    let app = TestApp::start().await;
    serve(&app);
    let (_, of_owner) = browser_of(&app, &app.shop.owner, &[]).await;
    let (_, at_screen) = browser_of(&app, &app.shop.agent, &[]).await;
    let (_, asleep) = browser_of(&app, &app.shop.admin, &[]).await;
    let screen = app.app.engine.attention.open(app.shop.agent.id);
    screen.note(app.clock.now());
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let quiet = json!({"from": "00:00", "to": "24:00", "days": days});
    let wishes = |quiet: &Value| json!({"notifications": {"about": "mine_and_unassigned", "sound": true, "quiet_hours": quiet}});
    app.shop.admin.patch("/api/v1/me/preferences", wishes(&quiet)).await.ok();
    scene::customer_writes(&app, &app.shop, "wamid.1", "Alo?").await;
    of_owner.asked(1).await;
    nothing_came(&[&at_screen, &asleep]).await;
    // He has left, and she is awake.
    drop(screen);
    app.shop.admin.patch("/api/v1/me/preferences", wishes(&Value::Null)).await.ok();
    scene::customer_writes(&app, &app.shop, "wamid.2", "Mai sunteți?").await;
    at_screen.asked(1).await;
    asleep.asked(1).await;
    of_owner.asked(2).await;
}

/// Waits until the last use of a session is written down, which happens beside the request.
async fn until_seen(app: &TestApp, who: &Client) {
    for _ in 0..1000 {
        let mut reader = app.app.store.read().await.unwrap();
        let scope = Scope::system(app.shop.id);
        let found = login_sessions::find(&scope, &mut reader, who.session).await.unwrap().unwrap();
        if found.last_seen_at == app.clock.now() {
            return;
        }
        drop(reader);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the use of the session was not noted");
}

#[tokio::test]
async fn session_that_ended_by_time_is_told_of_nothing() {
    let app = TestApp::start().await;
    serve(&app);
    let (_, of_agent) = browser_of(&app, &app.shop.agent, &[]).await;
    let (_, of_owner) = browser_of(&app, &app.shop.owner, &[]).await;
    for _ in 0..13 {
        app.clock.advance(Duration::from_secs(3600));
        app.shop.owner.get("/api/v1/conversations/counts").await.ok();
        until_seen(&app, &app.shop.owner).await;
    }
    scene::customer_writes(&app, &app.shop, "wamid.1", "Alo?").await;
    of_owner.asked(1).await;
    nothing_came(&[&of_agent]).await;
}

#[tokio::test]
async fn test_of_a_browser_says_whether_its_push_service_took_it() {
    let app = TestApp::start().await;
    let agent = &app.shop.agent;
    let (service, origin) = Service::start(&app, &[201, 503, 413, 410]).await;
    let browser = Browser::new();
    let path = format!("{PATH}/{}/test", subscribe(agent, &browser, &origin).await);
    app.shop.owner.post_empty(&path).await.problem(404, "not-found");
    agent.post_empty(&path).await.no_content();
    for _ in 0..2 {
        agent.post_empty(&path).await.problem(502, "push-service-refused");
    }
    for _ in 0..2 {
        agent.post_empty(&path).await.problem(404, "not-found");
    }
    assert_eq!(service.count(), 4);
    let (headers, body) = service.requests.lock().unwrap().remove(0);
    assert!(!headers.contains_key("topic"));
    let text: Value = serde_json::from_slice(&browser.read(&body).unwrap()).unwrap();
    assert_eq!(text, json!({"kind": "test"}));
}
