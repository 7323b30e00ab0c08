//! Accepting connections and serving calls on them, until the sandbox stops.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

use super::answer::{Answer, Outcome};
use super::call::{Call, Unreadable};
use crate::world::World;
use crate::{control, graph};

/// Makes hyper close a connection without an answer.
#[derive(Debug)]
struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is cut on purpose")
    }
}

impl std::error::Error for Cut {}

/// Serves every connection of a listener.
pub(crate) async fn serve(world: Arc<World>, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let owned = world.clone();
                world.spawn(async move { connection(owned, stream).await });
            }
            Err(error) => {
                tracing::warn!(error = %error, "The sandbox could not accept a connection");
                world.pause(50).await;
            }
        }
    }
}

async fn connection(world: Arc<World>, stream: TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = %error, "The connection stays with delayed small packets");
    }
    let service = service_fn(move |request| answer(world.clone(), request));
    let served =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
    if let Err(error) = served {
        tracing::debug!(error = %error, "A connection ended early");
    }
}

async fn answer(world: Arc<World>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Cut> {
    let is_control = request.uri().path() == "/sandbox" || request.uri().path().starts_with("/sandbox/");
    let call = match Call::read(request).await {
        Ok(call) => call,
        Err(unreadable) => return Ok(refuse(&world, unreadable).into_response()),
    };
    if is_control {
        return Ok(control::answer(&world, &call).into_response());
    }
    match graph::answer(&world, call).await {
        Outcome::Answer(answer) => Ok(answer.into_response()),
        Outcome::Cut => Err(Cut),
    }
}

fn refuse(world: &World, unreadable: Unreadable) -> Answer {
    let (status, message) = match unreadable {
        Unreadable::TooLarge => (413, "Request body is too large".to_owned()),
        Unreadable::Malformed(why) => (400, format!("(#100) The body could not be read: {why}")),
    };
    let body = json!({"error": {
        "message": message, "type": "OAuthException", "code": 100, "fbtrace_id": world.traces.trace_id(),
    }});
    Answer::json(status, &body)
}
