//! Webhooks at fixed times: an open loop, so a slow server meets the same load as a quick one, and latency
//! counts from the time at which a webhook should have left.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use centrala_domain::InboxId;
use hdrhistogram::Histogram;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant as TokioInstant, sleep_until};

/// Connections that are kept: more than can be under way at once as long as the budget holds.
const CONNECTIONS: usize = 256;
/// Customers who write.
const CUSTOMERS: usize = 2000;
/// The secret that the bench's webhooks are signed with.
pub(super) const APP_SECRET: &str = "bench-app-secret";

/// What to send.
#[derive(Debug, Clone)]
pub(super) struct Load {
    pub(super) address: SocketAddr,
    /// Inboxes with their number ids; webhooks go round.
    pub(super) inboxes: Vec<(InboxId, String)>,
    pub(super) per_second: usize,
    pub(super) lasts: Duration,
    /// Timestamp of the first message in seconds: each message has one of its own, so that it can be recognised.
    pub(super) first_second: i64,
    /// Keeps the messages of several runs apart.
    pub(super) run: u32,
}

/// What became of it.
pub(super) struct Outcome {
    /// From the intended time to the answer, in microseconds; answers with 200 alone.
    pub(super) latency: Histogram<u64>,
    /// Answers with something else.
    pub(super) refused: u64,
    /// When each message should have left.
    pub(super) began: Instant,
    /// From the first intended time to the last answer.
    pub(super) took: Duration,
}

/// The body of the `n`-th webhook: one text message as the Cloud API sends it.
fn body(load: &Load, n: usize, number: &str) -> Vec<u8> {
    let customer = n % CUSTOMERS;
    let (run, second) = (load.run, load.first_second + i64::try_from(n).unwrap_or(0));
    format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"300","changes":[{{"field":"messages","value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"40364555100","phone_number_id":"{number}"}},"contacts":[{{"profile":{{"name":"Client {customer}"}},"wa_id":"4072{customer:07}","user_id":"RO.{customer:012}"}}],"messages":[{{"from":"4072{customer:07}","from_user_id":"RO.{customer:012}","id":"wamid.BENCH{run:04}{n:012}","timestamp":"{second}","type":"text","text":{{"body":"Bun\u0103 ziua, a\u0219 vrea s\u0103 comand dou\u0103 p\u00e2ini cu maia pentru m\u00e2ine, num\u0103rul {n}"}}}}]}}}}]}}]}}"#
    )
    .into_bytes()
}

/// A whole signed request.
fn request(load: &Load, n: usize) -> anyhow::Result<Vec<u8>> {
    let (inbox, number) = load.inboxes.get(n % load.inboxes.len().max(1)).context("there is no inbox")?;
    let body = body(load, n, number);
    let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes())?;
    mac.update(&body);
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut request = format!(
        "POST /webhooks/whatsapp_cloud/{inbox} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
         x-hub-signature-256: sha256={signature}\r\ncontent-length: {}\r\n\r\n",
        load.address,
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(&body);
    Ok(request)
}

/// Sends, and waits for the last answer.
pub(super) async fn send(load: Load) -> anyhow::Result<Outcome> {
    let total = load.per_second * usize::try_from(load.lasts.as_secs())?;
    let load = Arc::new(load);
    let next = Arc::new(AtomicUsize::new(0));
    let mut connections = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        let stream = TcpStream::connect(load.address).await?;
        stream.set_nodelay(true)?;
        connections.push(stream);
    }
    let began = Instant::now() + Duration::from_millis(200);
    let mut tasks = JoinSet::new();
    for stream in connections {
        tasks.spawn(keep_sending(load.clone(), next.clone(), total, began, stream));
    }
    let mut outcome = Outcome { latency: Histogram::new(3)?, refused: 0, began, took: Duration::ZERO };
    while let Some(ended) = tasks.join_next().await {
        let (latency, refused) = ended??;
        outcome.latency.add(latency)?;
        outcome.refused += refused;
    }
    outcome.took = began.elapsed();
    Ok(outcome)
}

/// When the `n`-th webhook should leave.
pub(super) fn intended(began: Instant, n: usize, per_second: usize) -> Instant {
    let micros = u64::try_from(n).unwrap_or(u64::MAX).saturating_mul(1_000_000);
    began + Duration::from_micros(micros / u64::try_from(per_second.max(1)).unwrap_or(1))
}

async fn keep_sending(
    load: Arc<Load>,
    next: Arc<AtomicUsize>,
    total: usize,
    began: Instant,
    mut stream: TcpStream,
) -> anyhow::Result<(Histogram<u64>, u64)> {
    let (mut latency, mut refused) = (Histogram::new(3)?, 0);
    let mut buffer = Vec::with_capacity(1024);
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= total {
            return Ok((latency, refused));
        }
        let at = intended(began, n, load.per_second);
        let request = request(&load, n)?;
        sleep_until(TokioInstant::from_std(at)).await;
        stream.write_all(&request).await?;
        let status = answer(&mut stream, &mut buffer).await?;
        if status == 200 {
            latency.record(u64::try_from(at.elapsed().as_micros())?)?;
        } else {
            refused += 1;
        }
    }
}

/// Reads one answer whole and gives its status.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<u16> {
    buffer.clear();
    loop {
        if let Some((status, _)) = parsed(buffer).filter(|(_, length)| buffer.len() >= *length) {
            return Ok(status);
        }
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server closed the connection");
        }
    }
}

/// Status and whole length of an answer whose head is here.
fn parsed(buffer: &[u8]) -> Option<(u16, usize)> {
    let end = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(buffer.get(..end)?).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<usize>().ok())
        .unwrap_or(0);
    Some((status, end + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_are_at_fixed_times() {
        let began = Instant::now();
        assert_eq!(intended(began, 0, 2000), began);
        assert_eq!(intended(began, 3000, 2000), began + Duration::from_millis(1500));
    }

    #[test]
    fn answers_are_read_whole() {
        let text = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 5\r\n\r\nhello";
        assert_eq!(parsed(text), Some((503, text.len())));
        assert_eq!(parsed(&text[..text.len() - 6]), None);
        assert_eq!(parsed(b"HTTP/1.1 200 OK\r\n\r\n"), Some((200, 19)));
    }
}
