//! Agents' screens: live sockets that note when each message reached them.

use std::net::SocketAddr;
use std::time::Instant;

use centrala_domain::Timestamp;
use futures_util::StreamExt as _;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_util::sync::CancellationToken;

/// Handshakes at the same time.
const AT_ONCE: usize = 64;

/// Open sockets.
pub(super) struct Sockets(Vec<WebSocketStream<TcpStream>>);

/// What one socket saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Frames with facts.
    pub(super) frames: u64,
    /// Facts in them.
    pub(super) facts: u64,
    /// When which message came, by the second of its timestamp.
    pub(super) messages: Vec<(i64, Instant)>,
}

#[derive(Deserialize)]
struct Frame {
    #[serde(default)]
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    event: Fact,
}

#[derive(Deserialize)]
struct Fact {
    kind: String,
    sent_at: Option<Timestamp>,
}

impl Sockets {
    /// Opens so many sockets; the n-th belongs to the n-th token, round and round.
    pub(super) async fn open(address: SocketAddr, tokens: &[String], count: usize) -> anyhow::Result<Self> {
        let mut open = Vec::with_capacity(count);
        let mut tasks = JoinSet::new();
        for token in tokens.iter().cycle().take(count).cloned() {
            if tasks.len() >= AT_ONCE
                && let Some(opened) = tasks.join_next().await
            {
                open.push(opened??);
            }
            tasks.spawn(open_one(address, token));
        }
        while let Some(opened) = tasks.join_next().await {
            open.push(opened??);
        }
        Ok(Self(open))
    }

    /// Reads on all of them until told to stop.
    pub(super) fn watch(self, stop: &CancellationToken) -> JoinSet<Seen> {
        let mut tasks = JoinSet::new();
        for socket in self.0 {
            let stop = stop.clone();
            tasks.spawn(async move { watch_one(socket, stop).await });
        }
        tasks
    }
}

async fn open_one(address: SocketAddr, token: String) -> anyhow::Result<WebSocketStream<TcpStream>> {
    let mut request = format!("ws://{address}/api/v1/live").into_client_request()?;
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse()?);
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(tokio_tungstenite::client_async(request, stream).await?.0)
}

async fn watch_one(mut socket: WebSocketStream<TcpStream>, stop: CancellationToken) -> Seen {
    let mut seen = Seen::default();
    while let Some(Some(Ok(message))) = stop.run_until_cancelled(socket.next()).await {
        let now = Instant::now();
        let Message::Text(text) = message else { continue };
        let Ok(frame) = serde_json::from_str::<Frame>(text.as_str()) else { continue };
        if frame.items.is_empty() {
            continue;
        }
        seen.frames += 1;
        seen.facts += u64::try_from(frame.items.len()).unwrap_or(0);
        let received = frame.items.iter().filter(|item| item.event.kind == "message_received");
        let seconds =
            received.filter_map(|item| item.event.sent_at).map(|at| at.micros().div_euclid(1_000_000));
        seen.messages.extend(seconds.map(|second| (second, now)));
    }
    seen
}
