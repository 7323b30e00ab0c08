//! Scripted upstreams: one that answers, and one that misbehaves below HTTP.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use axum::{Router, http::HeaderMap};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A server that answers by a script. It ends when it is dropped.
pub(crate) struct Upstream {
    pub(crate) base_url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    _tasks: JoinSet<()>,
}

impl Upstream {
    /// Starts one. The script is told its own address, for answers that point back.
    pub(crate) async fn start(script: impl Fn(&Seen, &str) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (all, own, script) = (Arc::clone(&seen), base_url.clone(), Arc::new(script));
        let app = Router::new().fallback(move |request: Request| {
            let (all, own, script) = (Arc::clone(&all), own.clone(), Arc::clone(&script));
            async move {
                let (parts, body) = request.into_parts();
                let body = to_bytes(body, usize::MAX).await.unwrap();
                let one =
                    Seen { line: format!("{} {}", parts.method, parts.uri), headers: parts.headers, body };
                all.lock().unwrap().push(one.clone());
                script(&one, &own)
            }
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { base_url, seen, _tasks: tasks }
    }

    /// Starts one that always answers the same.
    pub(crate) async fn answering(status: u16, body: &'static str) -> Self {
        Self::start(move |_, _| answer(status, body)).await
    }

    /// What arrived so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

pub(crate) fn answer(status: u16, body: impl Into<axum::body::Body>) -> Response {
    Response::builder().status(status).body(body.into()).unwrap()
}

/// What a raw server does once it has read a whole request.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    /// Writes these bytes and keeps the connection.
    Write(&'static str),
    /// Writes these bytes and closes.
    WriteAndClose(&'static str),
    /// Says nothing more.
    Hang,
}

/// A server below HTTP: for each request, on whatever connection, the next act. It counts requests.
pub(crate) struct Raw {
    pub(crate) base_url: String,
    requests: Arc<Mutex<usize>>,
    _tasks: JoinSet<()>,
}

impl Raw {
    pub(crate) async fn start(acts: &[Act]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(0));
        let acts = Arc::new(Mutex::new(acts.iter().copied().collect::<VecDeque<_>>()));
        let counted = Arc::clone(&requests);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(converse(stream, Arc::clone(&acts), Arc::clone(&counted)));
            }
        });
        Self { base_url, requests, _tasks: tasks }
    }

    pub(crate) fn requests(&self) -> usize {
        *self.requests.lock().unwrap()
    }
}

async fn converse(mut stream: TcpStream, acts: Arc<Mutex<VecDeque<Act>>>, requests: Arc<Mutex<usize>>) {
    while read_request(&mut stream).await {
        *requests.lock().unwrap() += 1;
        let act = acts.lock().unwrap().pop_front().unwrap_or(Act::WriteAndClose(""));
        match act {
            Act::Write(text) => stream.write_all(text.as_bytes()).await.unwrap(),
            Act::WriteAndClose(text) => return stream.write_all(text.as_bytes()).await.unwrap(),
            Act::Hang => std::future::pending().await,
        }
    }
}

/// Reads headers and body; false when the connection ended.
async fn read_request(stream: &mut TcpStream) -> bool {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return true;
            }
        }
        match stream.read(&mut chunk).await {
            Ok(read @ 1..) => bytes.extend_from_slice(&chunk[..read]),
            _ => return false,
        }
    }
}
