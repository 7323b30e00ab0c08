//! The benches themselves.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use centrala_store::write::Hooks;
use centrala_store::{Engine, Options, Sql, Store};
use hdrhistogram::Histogram;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::Line;
use super::child::{MASTER_KEY, Server};
use super::load::{self, APP_SECRET, Load};
use super::seed::{self, Seed, Seeded};
use super::sockets::Sockets;
use crate::auth::secret::new_token;
use crate::boot::SystemClock;

const MEGABYTE: u64 = 1024 * 1024;
/// 2026-01-01: messages of a bench are as old as that, a second apart.
const FIRST_SECOND: i64 = 1_767_225_600;
/// From the first message of a run to the first of the next: more than a run has messages.
const SECONDS_APART: i64 = 200_000;
/// For frames that are on their way, and for what opening and closing sockets leaves to do.
const PAUSE: Duration = Duration::from_millis(400);

/// A planted database.
struct Ground {
    data: TempDir,
    database_url: Option<String>,
    seeded: Seeded,
    tokens: Vec<String>,
}

impl Ground {
    async fn new(database_url: Option<String>, inboxes: usize, people: usize) -> anyhow::Result<Self> {
        let data = tempfile::Builder::new().prefix("centrala-bench-").tempdir()?;
        let tokens: Vec<String> = (0..people)
            .map(|_| new_token().map(centrala_domain::Private::into_exposed))
            .collect::<Result<_, _>>()
            .map_err(|_| anyhow::anyhow!("the system gives no random bytes"))?;
        let seed = Seed {
            master_key: MASTER_KEY,
            // Nothing listens there: a bench that sends fails.
            base_url: "http://127.0.0.1:9".into(),
            app_id: "200".into(),
            app_secret: APP_SECRET.into(),
            verify_token: "bench".into(),
            access_token: "bench".into(),
            waba_id: "300".into(),
            phone_number_id: "100200300".into(),
            tokens: tokens.clone(),
            inboxes,
        };
        let engine = engine(data.path(), database_url.as_deref());
        let seeded =
            seed::plant(engine, Arc::new(SystemClock), &seed).await.context("the seed was refused")?;
        Ok(Self { data, database_url, seeded, tokens })
    }

    async fn serve(&self) -> anyhow::Result<Server> {
        Server::start(self.data.path(), self.database_url.as_deref()).await
    }

    fn load(&self, server: &Server, per_second: usize, lasts: Duration, run: u32) -> Load {
        let first_second = FIRST_SECOND + i64::from(run) * SECONDS_APART;
        let inboxes = self.seeded.inboxes.clone();
        Load { address: server.address, inboxes, per_second, lasts, first_second, run }
    }

    /// Waits until nothing waits to be applied, and says how many messages there are.
    async fn drained(&self) -> anyhow::Result<i64> {
        let began = Instant::now();
        loop {
            let (waiting, kept) = self.counts().await?;
            if waiting == 0 {
                return Ok(kept);
            }
            if began.elapsed() > Duration::from_secs(120) {
                bail!("{waiting} deliveries still wait after two minutes");
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Deliveries that wait to be applied, and messages.
    async fn counts(&self) -> anyhow::Result<(i64, i64)> {
        const WAITING: &str = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM receipts WHERE state = 'received'";
        const KEPT: &str = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM messages";
        let engine = engine(self.data.path(), self.database_url.as_deref());
        let store =
            Store::open(Options { readers: 1, ..Options::new(engine) }, Arc::new(SystemClock), Hooks::none());
        let store = store.await?;
        let mut reader = store.read().await?;
        let mut counts = [0; 2];
        for (count, text) in counts.iter_mut().zip([WAITING, KEPT]) {
            let rows = reader.all(Sql { name: "bench", sqlite: text, postgres: text }, vec![]).await?;
            *count = rows.first().context("a count has a row")?.get("n")?;
        }
        drop(reader);
        store.close().await;
        Ok((counts[0], counts[1]))
    }
}

fn engine(data: &Path, database_url: Option<&str>) -> Engine {
    match database_url {
        Some(url) => Engine::Postgres { url: url.to_owned() },
        None => Engine::Sqlite { file: data.join("centrala.db") },
    }
}

fn ms(micros: u64) -> String {
    format!("{}.{} ms", micros / 1000, micros % 1000 / 100)
}

fn per(time: Duration, count: u64) -> u128 {
    time.as_micros() / u128::from(count.max(1))
}

/// B1 and B2: signed webhooks, durable before their 200, applied.
pub(super) async fn ingest(
    bench: &'static str,
    database_url: Option<String>,
    quick: bool,
) -> anyhow::Result<Vec<Line>> {
    let rate = if database_url.is_some() { 1500 } else { 2000 };
    let lasts = Duration::from_secs(if quick { 10 } else { 60 });
    let ground = Ground::new(database_url, 1, 1).await?;
    let server = ground.serve().await?;
    // Prepared statements and known customers: what a server has that runs.
    load::send(ground.load(&server, 500, Duration::from_secs(4), 1)).await?;
    let before = ground.drained().await?;
    let cpu = server.cpu()?;
    let outcome = load::send(ground.load(&server, rate, lasts, 2)).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (waiting, after) = ground.counts().await?;
    let cpu = server.cpu()?.saturating_sub(cpu);
    server.stop().await?;
    let kept = outcome.latency.len();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate"
    )]
    let achieved = (kept as f64 / outcome.took.as_secs_f64()) as u64;
    let (p50, p99) = (outcome.latency.value_at_quantile(0.5), outcome.latency.value_at_quantile(0.99));
    let wanted = u64::try_from(rate)? * 98 / 100;
    let total = u64::try_from(rate)? * lasts.as_secs();
    let applied = u64::try_from(after - before)?;
    let is_kept = achieved >= wanted && outcome.refused == 0;
    let budget = format!("{rate}/s for {} s, none refused", lasts.as_secs());
    let took = per(cpu, kept);
    Ok(vec![
        Line::new(
            bench,
            "durable ingest",
            &budget,
            format!("{achieved}/s, {} refused", outcome.refused),
            is_kept,
        )
        .stretch("4,200/s"),
        Line::new(
            bench,
            "acknowledged",
            "p99 < 150 ms",
            format!("p50 {}, p99 {}", ms(p50), ms(p99)),
            p99 < 150_000,
        ),
        Line::new(
            bench,
            "not applied 1 s after the end",
            "0",
            format!("{waiting} of {total}"),
            waiting == 0 && applied == kept,
        ),
        Line::new(bench, "server CPU for each message", "<= 350 us", format!("{took} us"), took <= 350)
            .stretch("150 us"),
    ])
}

/// One run of the same load, with or without anybody looking.
struct Round {
    /// What the server used until everything was applied and told.
    cpu: Duration,
    /// From the webhook to the frame, in microseconds.
    latency: Histogram<u64>,
    frames: u64,
    facts: u64,
}

impl Ground {
    /// Sends a load while the tokens' sockets look on, and waits until all of it was applied and told.
    async fn round(&self, server: &Server, tokens: &[String], load: Load) -> anyhow::Result<Round> {
        let stop = CancellationToken::new();
        let mut watching = Sockets::open(server.address, tokens, tokens.len()).await?.watch(&stop);
        tokio::time::sleep(PAUSE).await;
        let cpu = server.cpu()?;
        let (first, per_second) = (load.first_second, load.per_second);
        let outcome = load::send(load).await?;
        self.drained().await?;
        tokio::time::sleep(PAUSE).await;
        let cpu = server.cpu()?.saturating_sub(cpu);
        stop.cancel();
        let mut round = Round { cpu, latency: Histogram::new(3)?, frames: 0, facts: 0 };
        while let Some(seen) = watching.join_next().await {
            let seen = seen?;
            round.frames += seen.frames;
            round.facts += seen.facts;
            for (second, at) in seen.messages {
                let n = usize::try_from(second - first)?;
                let late = at.saturating_duration_since(load::intended(outcome.began, n, per_second));
                round.latency.record(u64::try_from(late.as_micros())?)?;
            }
        }
        Ok(round)
    }
}

/// B3 and the CPU of B4: from the webhook to the frame, 200 sockets in rooms of 10.
///
/// What the frames cost is what they add to the same load without anybody looking. The two take turns, so that
/// a machine that is busier for a while is so for both.
pub(super) async fn live(quick: bool) -> anyhow::Result<Vec<Line>> {
    const SOCKETS: usize = 200;
    const ROOMS: usize = 20;
    const RATE: usize = 500;
    let (rounds, lasts) = if quick { (4, Duration::from_secs(2)) } else { (6, Duration::from_secs(5)) };
    // The owner sees every room: he is nobody's colleague here and opens no socket.
    let ground = Ground::new(None, ROOMS, SOCKETS + 1).await?;
    let agents = ground.tokens.get(1..).unwrap_or_default();
    let server = ground.serve().await?;
    load::send(ground.load(&server, RATE, Duration::from_secs(4), 1)).await?;
    ground.drained().await?;
    let mut latency = Histogram::<u64>::new(3)?;
    let (mut frames, mut facts, mut added) = (0, 0, Vec::new());
    for round in 1..=rounds {
        let alone = ground.round(&server, &[], ground.load(&server, RATE, lasts, 2 * round)).await?;
        let watched = ground.round(&server, agents, ground.load(&server, RATE, lasts, 2 * round + 1)).await?;
        added.push((watched.cpu.as_secs_f64() - alone.cpu.as_secs_f64()) * 1e6 / count(watched.frames));
        latency.add(watched.latency)?;
        frames += watched.frames;
        facts += watched.facts;
    }
    server.stop().await?;
    let (p50, p99) = (latency.value_at_quantile(0.5), latency.value_at_quantile(0.99));
    let expected = u64::from(rounds) * u64::try_from(RATE)? * lasts.as_secs();
    let wanted = expected * u64::try_from(SOCKETS / ROOMS)?;
    let (took, error) = mean(&added);
    let reached = format!("{} of {wanted}", latency.len());
    Ok(vec![
        Line::new("B3", "messages on the sockets they belong to", "all", reached, latency.len() == wanted),
        Line::new(
            "B3",
            "webhook to frame, 500/s, 200 sockets",
            "p50 < 15 ms, p99 < 100 ms",
            format!("p50 {}, p99 {}", ms(p50), ms(p99)),
            p50 < 15_000 && p99 < 100_000,
        )
        .stretch("p99 < 40 ms"),
        Line::new(
            "B4",
            "server CPU for each frame, rooms of 10",
            "<= 10 us",
            format!("{took:.1} us, standard error {error:.1} us ({frames} frames, {facts} facts)"),
            // On a machine too busy to tell, the budget is not met by chance.
            took + error <= 10.0,
        )
        .stretch("5 us"),
    ])
}

#[expect(clippy::cast_precision_loss, reason = "a bench counts far less than 2^52 of anything")]
fn count(of: u64) -> f64 {
    of.max(1) as f64
}

/// The mean of several measurements and its standard error.
fn mean(of: &[f64]) -> (f64, f64) {
    let n = count(of.len() as u64);
    let mean = of.iter().sum::<f64>() / n;
    let variance = of.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    (mean, (variance / n).sqrt())
}

/// The memory of B4: sockets on which nothing happens.
pub(super) async fn idle_sockets(quick: bool) -> anyhow::Result<Vec<Line>> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    // The server inherits the limit; here and there every socket is one file.
    setrlimit(Resource::RLIMIT_NOFILE, hard.min(65_536).max(soft), hard)?;
    let (limit, _) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let wanted = if quick { 2000 } else { 10_000 };
    let count = usize::try_from(limit.saturating_sub(500))?.min(wanted);
    let ground = Ground::new(None, 1, 1).await?;
    let server = ground.serve().await?;
    let before = server.rss_bytes()?;
    let stop = CancellationToken::new();
    let _watching = Sockets::open(server.address, &ground.tokens, count).await?.watch(&stop);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let after = server.rss_bytes()?;
    stop.cancel();
    drop(server);
    let each = (after - before.min(after)) / u64::try_from(count.max(1))?;
    let of_ten_thousand = after.saturating_sub(before) * 10_000 / u64::try_from(count.max(1))? + before;
    let measured = format!("{} MB with {count} ({each} bytes each)", after / MEGABYTE);
    let is_met = of_ten_thousand <= 300 * MEGABYTE;
    Ok(vec![Line::new("B4", "10,000 idle sockets", "<= 300 MB", measured, is_met)])
}

/// B7: ready time, memory and CPU of a server with history and one agent.
pub(super) async fn idle(quick: bool) -> anyhow::Result<Vec<Line>> {
    let count = if quick { 100_000 } else { 1_000_000 };
    let ground = Ground::new(None, 1, 1).await?;
    seed::fill(engine(ground.data.path(), None), Arc::new(SystemClock), &ground.seeded, count).await?;
    // Once to bring the files into memory as after any restart, once to measure.
    ground.serve().await?.stop().await?;
    let server = ground.serve().await?;
    let stop = CancellationToken::new();
    let _watching = Sockets::open(server.address, &ground.tokens, 1).await?.watch(&stop);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let cpu = server.cpu()?;
    let lasts = Duration::from_secs(10);
    tokio::time::sleep(lasts).await;
    let cpu = server.cpu()?.saturating_sub(cpu);
    let rss = server.rss_bytes()?;
    let ready = server.ready_after;
    stop.cancel();
    server.stop().await?;
    let tenths = cpu.as_micros() * 1000 / lasts.as_micros();
    Ok(vec![
        Line::new(
            "B7",
            &format!("ready with {count} messages"),
            "< 300 ms",
            format!("{} ms", ready.as_millis()),
            ready < Duration::from_millis(300),
        ),
        Line::new(
            "B7",
            "memory, idle, one agent",
            "< 60 MB",
            format!("{} MB", rss / MEGABYTE),
            rss < 60 * MEGABYTE,
        )
        .stretch("30 MB"),
        Line::new(
            "B7",
            "CPU, idle, one agent",
            "< 0.5% of a core",
            format!("{}.{}%", tenths / 10, tenths % 10),
            tenths < 5,
        ),
    ])
}

/// B10: the program itself.
pub(super) fn size() -> anyhow::Result<Line> {
    let bytes = std::fs::metadata(std::env::current_exe()?)?.len();
    let measured = format!("{}.{} MB", bytes / MEGABYTE, bytes % MEGABYTE * 10 / MEGABYTE);
    Ok(Line::new("B10", "the program", "< 40 MB", measured, bytes < 40 * MEGABYTE).stretch("25 MB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_comes_with_its_standard_error() {
        assert_eq!(mean(&[8.0, 12.0, 8.0, 12.0]), (10.0, (16.0_f64 / 3.0 / 4.0).sqrt()));
        assert_eq!(mean(&[7.0]), (7.0, 0.0));
    }
}
