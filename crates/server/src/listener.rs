//! Accepting connections: a cap on their number, a time limit for headers, and a graceful end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::auth::Peer;

/// Headers that are not here by then do not come any more (and an idle connection is closed).
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// Largest head of a request, in bytes.
const HEAD_BYTES: usize = 64 * 1024;
/// How long requests may go on after the end was asked for.
const GRACE: Duration = Duration::from_secs(10);
/// Pause after a failed accept (too many open files), instead of a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `shutdown`, then lets the requests in flight finish.
pub async fn serve(listener: TcpListener, router: Router, connections_max: u32, shutdown: CancellationToken) {
    let room = Arc::new(Semaphore::new(usize::try_from(connections_max).unwrap_or(Semaphore::MAX_PERMITS)));
    let tasks = TaskTracker::new();
    loop {
        // No permit, no accept: what waits, waits in the kernel's queue.
        let permit = tokio::select! {
            () = shutdown.cancelled() => break,
            permit = room.clone().acquire_owned() => permit,
        };
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (router, shutdown) = (router.clone(), shutdown.clone());
                drop(tasks.spawn(async move {
                    connection(stream, peer, router, shutdown).await;
                    drop(permit);
                }));
            }
            Err(error) => {
                tracing::warn!(error = %error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!(connections = tasks.len(), "connections did not end in time");
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, shutdown: CancellationToken) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = %error, "a connection went away at once");
    }
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let router = router.clone();
        async move { Ok::<_, Infallible>(answer(router, request.map(Body::new)).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(error = %error, "a connection ended early");
    }
}

async fn answer(router: Router, request: axum::extract::Request) -> axum::response::Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn start(connections_max: u32) -> (SocketAddr, CancellationToken, TaskTracker) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let slow = || async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "done"
        };
        let router = Router::new().route("/slow", axum::routing::get(slow));
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        drop(tasks.spawn(serve(listener, router, connections_max, stop.clone())));
        tasks.close();
        (address, stop, tasks)
    }

    async fn ask(address: SocketAddr) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        stream
    }

    #[tokio::test]
    async fn request_under_way_is_finished_and_nothing_new_is_accepted() {
        let (address, stop, tasks) = start(10).await;
        let mut stream = ask(address).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        stop.cancel();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("done"), "{answer}");
        tasks.wait().await;
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn connection_over_the_cap_waits_for_another_to_end() {
        let (address, stop, _tasks) = start(1).await;
        let first = ask(address).await;
        let mut second = ask(address).await;
        let mut byte = [0u8; 1];
        let early = tokio::time::timeout(Duration::from_millis(600), second.read(&mut byte)).await;
        assert!(early.is_err(), "the first connection is still open");
        drop(first);
        assert_eq!(second.read(&mut byte).await.unwrap(), 1);
        stop.cancel();
    }
}
