//! A loopback TCP proxy that makes a bad network on demand, in front of any server: a database, the sandbox,
//! Centrala itself.
//!
//! Toxics are set for each direction and at any time; open connections feel the change with their next bytes.
//! Not here: faults that speak a protocol, such as HTTP errors; the sandbox does those.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server: requests.
    Up,
    /// From the server to the client: answers.
    Down,
}

/// One thing that is wrong with one direction. Counts of bytes begin with the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toxic {
    /// Bytes arrive later.
    Latency {
        /// By this much,
        delay: Duration,
        /// give or take up to this much.
        jitter: Duration,
    },
    /// Bytes arrive at this rate.
    Bandwidth {
        /// More than zero.
        bytes_per_second: u64,
    },
    /// Bytes arrive in small pieces.
    Slicer {
        /// Of at most this size, more than zero,
        size_bytes: usize,
        /// with this pause after each.
        pause: Duration,
    },
    /// Nothing arrives and nothing is refused, until the toxic is lifted; then the bytes go on.
    Blackhole,
    /// The end of the stream arrives later.
    SlowClose {
        /// By this much.
        delay: Duration,
    },
    /// After so many bytes the connection is closed in good order, in both directions.
    DataLimit {
        /// How many still arrive.
        bytes: u64,
    },
    /// After so many bytes this direction ends and the other goes on.
    HalfClose {
        /// How many still arrive.
        after_bytes: u64,
    },
    /// The first byte after so many resets the connection. With zero and [`Direction::Down`] the server has had
    /// the request and the client never sees an answer.
    Reset {
        /// How many still arrive.
        after_bytes: u64,
    },
}

/// A proxy in front of one address. Everything ends when it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    wire: Arc<Wire>,
    connections: Arc<Mutex<JoinSet<()>>>,
    acceptor: tokio::sync::Mutex<JoinSet<()>>,
}

/// What every connection looks at.
#[derive(Debug)]
struct Wire {
    upstream: SocketAddr,
    up: Lane,
    down: Lane,
    /// Changes when everything open is to be reset.
    resets: watch::Sender<u64>,
    accepted: AtomicU64,
    open: AtomicU64,
    noise: AtomicU64,
}

#[derive(Debug)]
struct Lane {
    toxics: watch::Sender<Vec<Toxic>>,
    bytes: AtomicU64,
}

/// How a connection ends before both sides have closed it.
enum Cut {
    Close,
    Reset,
}

impl From<io::Error> for Cut {
    /// What one side suffers, the other shall see.
    fn from(_: io::Error) -> Self {
        Self::Reset
    }
}

impl FaultProxy {
    /// Listens on a free port of 127.0.0.1, with nothing wrong yet.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let lane = || Lane { toxics: watch::Sender::new(Vec::new()), bytes: AtomicU64::new(0) };
        let proxy = Self {
            address: listener.local_addr()?,
            wire: Arc::new(Wire {
                upstream,
                up: lane(),
                down: lane(),
                resets: watch::Sender::new(0),
                accepted: AtomicU64::new(0),
                open: AtomicU64::new(0),
                noise: AtomicU64::new(0x9e37_79b9_7f4a_7c15),
            }),
            connections: Arc::default(),
            acceptor: tokio::sync::Mutex::default(),
        };
        proxy.listen(listener).await;
        Ok(proxy)
    }

    /// Where clients connect.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Replaces what is wrong with one direction.
    pub fn set(&self, direction: Direction, toxics: impl Into<Vec<Toxic>>) {
        self.wire.lane(direction).toxics.send_replace(toxics.into());
    }

    /// Nothing is wrong any more. (A proxy that refuses goes on refusing.)
    pub fn heal(&self) {
        self.set(Direction::Up, []);
        self.set(Direction::Down, []);
    }

    /// Resets every open connection now.
    pub fn reset_all(&self) {
        self.wire.resets.send_modify(|count| *count += 1);
    }

    /// Closes the listener: new connections are refused, open ones go on.
    pub async fn refuse(&self) {
        self.acceptor.lock().await.shutdown().await;
    }

    /// Listens again on the same port.
    ///
    /// # Errors
    /// When someone else took the port meanwhile.
    pub async fn accept_again(&self) -> io::Result<()> {
        self.refuse().await;
        self.listen(TcpListener::bind(self.address).await?).await;
        Ok(())
    }

    /// How many connections were accepted so far.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.wire.accepted.load(Ordering::SeqCst)
    }

    /// How many of them are open.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.wire.open.load(Ordering::SeqCst)
    }

    /// How many bytes were passed on in a direction, over all connections.
    #[must_use]
    pub fn bytes(&self, direction: Direction) -> u64 {
        self.wire.lane(direction).bytes.load(Ordering::SeqCst)
    }

    async fn listen(&self, listener: TcpListener) {
        let (wire, connections) = (Arc::clone(&self.wire), Arc::clone(&self.connections));
        self.acceptor.lock().await.spawn(async move {
            // An error of accept (too many open files) is a fault like any other: the client sees it.
            while let Ok((client, _)) = listener.accept().await {
                let mut connections = connections.lock().unwrap_or_else(PoisonError::into_inner);
                while connections.try_join_next().is_some() {}
                connections.spawn(carry(Arc::clone(&wire), client));
            }
        });
    }
}

impl Wire {
    const fn lane(&self, direction: Direction) -> &Lane {
        match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        }
    }

    /// A number below `limit` from a fixed sequence, so that a failing run can be repeated.
    fn below(&self, limit: u64) -> u64 {
        let seed = self.noise.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }

    fn delay(&self, toxics: &[Toxic]) -> Duration {
        let one = |toxic: &Toxic| {
            let Toxic::Latency { delay, jitter } = toxic else { return Duration::ZERO };
            let micros = u64::try_from(jitter.as_micros()).unwrap_or(u64::MAX / 4);
            (*delay + Duration::from_micros(self.below(2 * micros + 1))).saturating_sub(*jitter)
        };
        toxics.iter().map(one).sum()
    }
}

/// Counts an open connection for as long as it lives, however it ends.
struct Open(Arc<Wire>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn carry(wire: Arc<Wire>, mut client: TcpStream) {
    wire.accepted.fetch_add(1, Ordering::SeqCst);
    wire.open.fetch_add(1, Ordering::SeqCst);
    let _open = Open(Arc::clone(&wire));
    let mut resets = wire.resets.subscribe();
    let Ok(mut server) = TcpStream::connect(wire.upstream).await else {
        reset(&client);
        return;
    };
    for stream in [&client, &server] {
        // Only speed is at stake.
        let _ = stream.set_nodelay(true);
    }
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let both = async {
        tokio::try_join!(
            pump(&wire, Direction::Up, from_client, to_server),
            pump(&wire, Direction::Down, from_server, to_client),
        )
    };
    let end = tokio::select! {
        end = both => end.map(|_| ()),
        _ = resets.changed() => Err(Cut::Reset),
    };
    if matches!(end, Err(Cut::Reset)) {
        reset(&client);
        reset(&server);
    }
}

/// The stream's end will be a reset instead of an orderly close.
fn reset(stream: &TcpStream) {
    // Fails when the other side reset it already, which is what is wanted.
    let _ = stream.set_zero_linger();
}

/// Reading and writing are apart, so that bytes on their way do not hold up those behind them.
async fn pump(
    wire: &Wire,
    direction: Direction,
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
) -> Result<(), Cut> {
    let (queue, mut arrivals) = mpsc::channel::<(Instant, Vec<u8>)>(64);
    let read = async move {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let size = from.read(&mut buffer).await?;
            let piece = (Instant::now(), buffer[..size].to_vec());
            // The writer is gone after a half-close: what comes is read and forgotten.
            let _ = queue.send(piece).await;
            if size == 0 {
                return Ok::<(), Cut>(());
            }
        }
    };
    let write = async {
        let mut toxics = wire.lane(direction).toxics.subscribe();
        let mut sent = 0;
        while let Some((read_at, piece)) = arrivals.recv().await {
            let current = toxics.borrow_and_update().clone();
            sleep_until(read_at + wire.delay(&current)).await;
            let lifted = toxics.wait_for(|toxics| !toxics.contains(&Toxic::Blackhole)).await;
            let current = lifted.map(|toxics| toxics.clone()).unwrap_or_default();
            if piece.is_empty() {
                sleep(slow_close(&current)).await;
                break;
            }
            if !pass(&piece, &mut sent, &current, wire.lane(direction), &mut to).await? {
                break;
            }
        }
        // From here on the reader finds nobody.
        drop(arrivals);
        to.shutdown().await?;
        Ok::<(), Cut>(())
    };
    tokio::try_join!(read, write).map(|_| ())
}

/// Writes one piece as the toxics have it. False when the direction is to end.
async fn pass(
    piece: &[u8],
    sent: &mut u64,
    toxics: &[Toxic],
    lane: &Lane,
    to: &mut WriteHalf<'_>,
) -> Result<bool, Cut> {
    let allowance = |limit: u64| usize::try_from(limit.saturating_sub(*sent)).unwrap_or(usize::MAX);
    let ending = toxics
        .iter()
        .filter_map(|toxic| match *toxic {
            Toxic::DataLimit { bytes: limit }
            | Toxic::HalfClose { after_bytes: limit }
            | Toxic::Reset { after_bytes: limit } => Some((allowance(limit), *toxic)),
            Toxic::Latency { .. }
            | Toxic::Bandwidth { .. }
            | Toxic::Slicer { .. }
            | Toxic::Blackhole
            | Toxic::SlowClose { .. } => None,
        })
        .min_by_key(|(allowed, _)| *allowed);
    let allowed = ending.map_or(piece.len(), |(allowed, _)| allowed.min(piece.len()));
    let (size, pause) = rhythm(toxics);
    for slice in piece[..allowed].chunks(size) {
        to.write_all(slice).await?;
        let passed = u64::try_from(slice.len()).unwrap_or(u64::MAX);
        *sent += passed;
        lane.bytes.fetch_add(passed, Ordering::SeqCst);
        sleep(pause(slice.len())).await;
    }
    match ending {
        // A limit ends the stream with its last byte, a reset with the first one too many.
        Some((allowed, Toxic::DataLimit { .. })) if allowed <= piece.len() => Err(Cut::Close),
        Some((allowed, Toxic::HalfClose { .. })) if allowed <= piece.len() => Ok(false),
        Some((allowed, _)) if allowed < piece.len() => Err(Cut::Reset),
        Some(_) | None => Ok(true),
    }
}

/// How large the slices are, and how long to wait after one.
fn rhythm(toxics: &[Toxic]) -> (usize, impl Fn(usize) -> Duration) {
    let (mut size, mut pause, mut rate) = (usize::MAX, Duration::ZERO, None);
    for toxic in toxics {
        match *toxic {
            Toxic::Bandwidth { bytes_per_second } => {
                rate = Some(bytes_per_second.max(1));
                // About twenty slices a second, so that a slow line trickles rather than bursts.
                size = size.min(usize::try_from(bytes_per_second / 20).unwrap_or(usize::MAX).max(1));
            }
            Toxic::Slicer { size_bytes, pause: wanted } => {
                size = size.min(size_bytes.max(1));
                pause = wanted;
            }
            Toxic::Latency { .. }
            | Toxic::Blackhole
            | Toxic::SlowClose { .. }
            | Toxic::DataLimit { .. }
            | Toxic::HalfClose { .. }
            | Toxic::Reset { .. } => {}
        }
    }
    let wait = move |bytes: usize| {
        let micros =
            rate.map_or(0, |rate| u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(1_000_000) / rate);
        pause + Duration::from_micros(micros)
    };
    (size, wait)
}

fn slow_close(toxics: &[Toxic]) -> Duration {
    let one = |toxic: &Toxic| if let Toxic::SlowClose { delay } = toxic { *delay } else { Duration::ZERO };
    toxics.iter().map(one).sum()
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::Direction::{Down, Up};
    use super::*;

    const SHORT: Duration = Duration::from_millis(200);

    /// Sends everything back; says goodbye when the client has.
    async fn echo() -> (SocketAddr, JoinSet<()>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut clients = JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                clients.spawn(async move {
                    let (mut from, mut to) = client.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                    let _ = to.shutdown().await;
                });
            }
        });
        (address, tasks)
    }

    struct Line {
        proxy: FaultProxy,
        _server: JoinSet<()>,
    }

    impl Line {
        async fn with(direction: Direction, toxics: &[Toxic]) -> Self {
            let (upstream, server) = echo().await;
            let proxy = FaultProxy::start(upstream).await.unwrap();
            proxy.set(direction, toxics);
            Self { proxy, _server: server }
        }

        async fn connect(&self) -> TcpStream {
            TcpStream::connect(self.proxy.address()).await.unwrap()
        }

        /// Sends, ends, and reads until the end: what came back, and how it ended.
        async fn exchange(&self, sent: &[u8]) -> (Vec<u8>, io::Result<usize>, Duration) {
            let mut client = self.connect().await;
            let (start, mut got) = (Instant::now(), Vec::new());
            let _ = client.write_all(sent).await;
            let _ = client.shutdown().await;
            let end = client.read_to_end(&mut got).await;
            (got, end, start.elapsed())
        }
    }

    fn is_reset<T: std::fmt::Debug>(result: &io::Result<T>) -> bool {
        result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
    }

    #[tokio::test]
    async fn a_healthy_line_passes_and_counts_everything() {
        let line = Line::with(Up, &[]).await;
        let sent: Vec<u8> = (0..=255).cycle().take(300_000).collect();
        let (got, end, _) = line.exchange(&sent).await;
        assert!(end.is_ok() && got == sent);
        assert_eq!((line.proxy.bytes(Up), line.proxy.bytes(Down)), (300_000, 300_000));
        assert_eq!(line.proxy.accepted(), 1);
        timeout(SHORT * 10, async {
            while line.proxy.open() > 0 {
                sleep(Duration::from_millis(1)).await;
            }
        })
        .await
        .unwrap();
    }

    #[tokio::test]
    async fn latency_delays_each_byte_once() {
        let delayed = Toxic::Latency { delay: SHORT, jitter: Duration::from_millis(20) };
        let line = Line::with(Down, &[delayed]).await;
        // Many pieces are on their way together: one delay, not one for each.
        let (got, end, took) = line.exchange(&vec![7; 200_000]).await;
        assert!(end.is_ok() && got.len() == 200_000);
        assert!(took >= SHORT - Duration::from_millis(20) && took < SHORT * 10, "{took:?}");
    }

    #[tokio::test]
    async fn bandwidth_sets_the_pace() {
        let line = Line::with(Up, &[Toxic::Bandwidth { bytes_per_second: 10_000 }]).await;
        let (got, _, took) = line.exchange(&[7; 4_000]).await;
        assert_eq!(got.len(), 4_000);
        assert!(took >= Duration::from_millis(390), "{took:?}");
    }

    #[tokio::test]
    async fn slicer_lets_pieces_arrive_one_by_one() {
        let pause = Duration::from_millis(50);
        let line = Line::with(Down, &[Toxic::Slicer { size_bytes: 3, pause }]).await;
        let mut client = line.connect().await;
        let start = Instant::now();
        client.write_all(b"hello world").await.unwrap();
        let mut buffer = [0; 11];
        client.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"hello world");
        // Four pieces, three pauses between them.
        assert!(start.elapsed() >= pause * 3, "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn blackhole_holds_everything_until_it_is_lifted() {
        let line = Line::with(Down, &[Toxic::Blackhole]).await;
        let mut client = line.connect().await;
        client.write_all(b"hello").await.unwrap();
        let mut buffer = [0; 5];
        assert!(timeout(SHORT, client.read_exact(&mut buffer)).await.is_err());
        assert_eq!((line.proxy.bytes(Up), line.proxy.bytes(Down)), (5, 0));
        line.proxy.heal();
        timeout(SHORT * 10, client.read_exact(&mut buffer)).await.unwrap().unwrap();
        assert_eq!(&buffer, b"hello");
    }

    #[tokio::test]
    async fn slow_close_delays_the_end_alone() {
        let line = Line::with(Down, &[Toxic::SlowClose { delay: SHORT }]).await;
        let (got, end, took) = line.exchange(b"hello").await;
        assert!(end.is_ok() && got == b"hello" && took >= SHORT, "{took:?}");
    }

    #[tokio::test]
    async fn data_limit_ends_both_directions_in_good_order() {
        let line = Line::with(Down, &[Toxic::DataLimit { bytes: 4 }]).await;
        let mut client = line.connect().await;
        client.write_all(b"hello world").await.unwrap();
        let mut got = Vec::new();
        client.read_to_end(&mut got).await.unwrap();
        assert_eq!(got, b"hell");
    }

    #[tokio::test]
    async fn half_close_ends_one_direction_alone() {
        let line = Line::with(Down, &[Toxic::HalfClose { after_bytes: 4 }]).await;
        let mut client = line.connect().await;
        client.write_all(b"hello world").await.unwrap();
        let mut got = Vec::new();
        client.read_to_end(&mut got).await.unwrap();
        assert_eq!(got, b"hell");
        client.write_all(b"still heard").await.unwrap();
        timeout(SHORT * 10, async {
            while line.proxy.bytes(Up) < 22 {
                sleep(Duration::from_millis(1)).await;
            }
        })
        .await
        .unwrap();
    }

    #[tokio::test]
    async fn reset_of_the_answer_comes_after_the_request_went_through() {
        let line = Line::with(Down, &[Toxic::Reset { after_bytes: 0 }]).await;
        let (got, end, _) = line.exchange(b"hello").await;
        assert!(got.is_empty() && is_reset(&end), "{end:?}");
        assert_eq!((line.proxy.bytes(Up), line.proxy.bytes(Down)), (5, 0));
    }

    #[tokio::test]
    async fn reset_of_the_request_lets_nothing_through() {
        let line = Line::with(Up, &[Toxic::Reset { after_bytes: 0 }]).await;
        let (got, end, _) = line.exchange(b"hello").await;
        assert!(got.is_empty() && is_reset(&end), "{end:?}");
        assert_eq!(line.proxy.bytes(Up), 0);
    }

    #[tokio::test]
    async fn open_connections_are_reset_on_demand() {
        let line = Line::with(Up, &[]).await;
        let mut client = line.connect().await;
        let mut buffer = [0; 5];
        client.write_all(b"hello").await.unwrap();
        client.read_exact(&mut buffer).await.unwrap();
        line.proxy.reset_all();
        let end = timeout(SHORT * 10, client.read(&mut buffer)).await.unwrap();
        assert!(is_reset(&end), "{end:?}");
    }

    #[tokio::test]
    async fn a_closed_listener_refuses_until_it_accepts_again() {
        let line = Line::with(Up, &[]).await;
        let mut open = line.connect().await;
        let mut buffer = [0; 2];
        open.write_all(b"ok").await.unwrap();
        open.read_exact(&mut buffer).await.unwrap();

        line.proxy.refuse().await;
        let refused = TcpStream::connect(line.proxy.address()).await;
        assert!(refused.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused));
        open.write_all(b"on").await.unwrap();
        open.read_exact(&mut buffer).await.unwrap();

        line.proxy.accept_again().await.unwrap();
        let (got, end, _) = line.exchange(b"hello").await;
        assert!(end.is_ok() && got == b"hello");
    }

    #[tokio::test]
    async fn an_upstream_that_is_down_resets_the_client() {
        let gone = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
        let line = Line { proxy: FaultProxy::start(gone).await.unwrap(), _server: JoinSet::new() };
        let (got, end, _) = line.exchange(b"hello").await;
        assert!(got.is_empty() && end.is_err(), "{end:?}");
    }
}
