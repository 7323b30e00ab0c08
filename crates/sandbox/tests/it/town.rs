//! A started sandbox, a receiver of its webhooks, and short ways to use both.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use centrala_sandbox::{Number, Options, Running, start};
use serde_json::{Value, json};

/// One webhook as it arrived.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) body: Bytes,
    pub(crate) signature: String,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn value(&self) -> Value {
        self.json()["entry"][0]["changes"][0]["value"].clone()
    }
}

#[derive(Default)]
pub(crate) struct Inbox {
    received: Mutex<Vec<Received>>,
    /// Statuses to answer before 200.
    answers: Mutex<Vec<u16>>,
}

/// A receiver of webhooks that accepts the verify token `let me in`.
pub(crate) struct Receiver {
    pub(crate) url: String,
    inbox: Arc<Inbox>,
    server: tokio::task::JoinSet<()>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        Self::start_at("http://127.0.0.1:0/hook").await
    }

    /// Starts where another receiver was before.
    pub(crate) async fn start_at(url: &str) -> Self {
        let address = url.strip_prefix("http://").unwrap().strip_suffix("/hook").unwrap();
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let inbox = Arc::new(Inbox::default());
        let app = Router::new()
            .route("/hook", get(verify).post(take))
            .layer(DefaultBodyLimit::max(4 << 20))
            .with_state(inbox.clone());
        let mut server = tokio::task::JoinSet::new();
        server.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, inbox, server }
    }

    /// The next calls are answered with these statuses.
    pub(crate) fn answer_with(&self, statuses: &[u16]) {
        self.inbox.answers.lock().unwrap().extend(statuses.iter().rev());
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inbox.received.lock().unwrap().clone()
    }

    pub(crate) async fn close(mut self) {
        self.server.shutdown().await;
    }

    /// All values of `messages` or `statuses`, in order of arrival.
    pub(crate) fn all(&self, list: &str) -> Vec<Value> {
        self.received().iter().filter_map(|one| one.value()[list].as_array().cloned()).flatten().collect()
    }

    /// Status names of one message, in order of arrival.
    pub(crate) fn statuses(&self, wamid: &str) -> Vec<String> {
        let of_message = self.all("statuses").into_iter().filter(|status| status["id"] == wamid);
        of_message.map(|status| status["status"].as_str().unwrap().to_owned()).collect()
    }
}

async fn verify(Query(query): Query<std::collections::HashMap<String, String>>) -> (StatusCode, String) {
    let is_right = query["hub.mode"] == "subscribe" && query["hub.verify_token"] == "let me in";
    if is_right {
        (StatusCode::OK, query["hub.challenge"].clone())
    } else {
        (StatusCode::FORBIDDEN, String::new())
    }
}

async fn take(State(inbox): State<Arc<Inbox>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers["x-hub-signature-256"].to_str().unwrap().to_owned();
    inbox.received.lock().unwrap().push(Received { body, signature });
    let status = inbox.answers.lock().unwrap().pop().unwrap_or(200);
    StatusCode::from_u16(status).unwrap()
}

/// Polls until something is there, for at most five seconds.
pub(crate) async fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "still waiting for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A sandbox whose first number sends its webhooks to a receiver.
pub(crate) struct Town {
    pub(crate) sandbox: Running,
    pub(crate) receiver: Receiver,
    pub(crate) number: Number,
    pub(crate) client: reqwest::Client,
}

impl Town {
    pub(crate) async fn start() -> Self {
        Self::with(json!({})).await
    }

    /// With some settings changed, and short delays.
    pub(crate) async fn with(settings: Value) -> Self {
        let mut options = Options::default();
        options.settings.sent_ms = 2;
        options.settings.delivered_ms = 10;
        options.settings.read_ms = 30;
        options.settings.played_ms = 40;
        options.settings.retry_base_ms = 20;
        let sandbox = start(options).await.unwrap();
        let receiver = Receiver::start().await;
        let number = sandbox.numbers().remove(0);
        let client = reqwest::Client::builder().build().unwrap();
        let town = Self { sandbox, receiver, number, client };
        town.control("PATCH", "/settings", settings).await;
        let path = format!("{}/subscribed_apps", town.number.waba_id);
        let body = json!({"override_callback_uri": town.receiver.url, "verify_token": "let me in"});
        assert_eq!(town.graph("POST", &path, body).await.1, json!({"success": true}));
        town
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.sandbox.base_url())
    }

    pub(crate) async fn request(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    /// A Graph call with the number's token.
    pub(crate) async fn graph(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.client.request(method, self.url(&format!("v26.0/{path}")));
        let request = request.bearer_auth(&self.number.access_token);
        self.request(if body.is_null() { request } else { request.json(&body) }).await
    }

    /// A control call that must succeed.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.client.request(method, self.url(&format!("sandbox{path}")));
        let (status, answer) = self.request(if body.is_null() { request } else { request.json(&body) }).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// A customer writes words; gives the message's id.
    pub(crate) async fn write(&self, customer: &str, words: &str) -> String {
        let body = json!({"type": "text", "text": {"body": words}});
        let answer = self.control("POST", &format!("/customers/{customer}/messages"), body).await;
        answer["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn phone(&self, customer: &str) -> String {
        self.sandbox.customers().into_iter().find(|one| one.id == customer).unwrap().phone
    }

    /// `POST messages` with members beside the product.
    pub(crate) async fn post(&self, mut body: Value) -> (u16, Value) {
        body["messaging_product"] = json!("whatsapp");
        self.graph("POST", &format!("{}/messages", self.number.phone_number_id), body).await
    }

    /// Sends words that must be accepted; gives the message's id.
    pub(crate) async fn send(&self, to: &str, words: &str) -> String {
        let (status, body) = self.post(json!({"to": to, "type": "text", "text": {"body": words}})).await;
        assert_eq!(status, 200, "{body}");
        body["messages"][0]["id"].as_str().unwrap().to_owned()
    }

    /// What a phone shows.
    pub(crate) async fn screen(&self, customer: &str) -> Value {
        self.control("GET", &format!("/customers/{customer}/messages"), Value::Null).await
    }

    /// Waits for a status of a message.
    pub(crate) async fn status(&self, wamid: &str, name: &str) -> Value {
        eventually(name, || {
            self.receiver.all("statuses").into_iter().find(|one| one["id"] == wamid && one["status"] == name)
        })
        .await
    }

    pub(crate) async fn stop(self) {
        self.sandbox.stop().await;
        self.receiver.close().await;
    }
}
