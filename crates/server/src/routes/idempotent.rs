//! `Idempotency-Key`: the same request with the same key gets the same answer, and is carried out once.
//!
//! Kept are answers of requests that did something (2xx), sealed. A request that was refused changed nothing and
//! may be tried again. Should the process die between the change and the keeping of its answer, the repetition
//! is carried out again: creates with an id or `client_id` of the client are safe even then.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use centrala_domain::{AgentId, Private};
use centrala_store::idempotency::{self, KeptAnswer};
use centrala_store::{Command, Ctx, Done, Tx};
use sha2::{Digest as _, Sha256};

use super::input::{JSON_BYTES, read_body};
use crate::auth::Caller;
use crate::problem::{Answer, Problem, Slug};
use crate::state::App;

const KEY: &str = "idempotency-key";
/// Says that an answer is a repetition.
const REPLAYED: &str = "idempotency-replayed";
const KEY_CHARACTERS: usize = 255;

/// Keeps the answer of a request. A matter of HTTP, hence here and not in the engine.
struct KeepAnswer {
    agent: AgentId,
    key: String,
    kept: KeptAnswer,
}

impl Command for KeepAnswer {
    type Out = ();
    type Error = centrala_store::Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> centrala_store::Result<Done<()>> {
        idempotency::put(&ctx.scope, tx, self.agent, &self.key, &self.kept).await?;
        Ok(Done::unchanged(()))
    }
}

/// Keys of requests that are under way in this process.
#[derive(Debug, Default, Clone)]
pub struct UnderWay(Arc<Mutex<HashSet<(AgentId, String)>>>);

struct Hold {
    all: UnderWay,
    one: (AgentId, String),
}

impl UnderWay {
    fn begin(&self, agent: AgentId, key: &str) -> Option<Hold> {
        let one = (agent, key.to_owned());
        let is_new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(one.clone());
        is_new.then(|| Hold { all: self.clone(), one })
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.one);
    }
}

fn key_of(headers: &HeaderMap) -> Answer<Option<String>> {
    let Some(value) = headers.get(KEY) else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=KEY_CHARACTERS).contains(&key.len()) => Ok(Some(key.to_owned())),
        Ok(_) | Err(_) => Err(Problem::new(Slug::MalformedRequest).at(
            "Idempotency-Key",
            "invalid",
            format!("a key has 1 to {KEY_CHARACTERS} visible ASCII characters"),
        )),
    }
}

/// Refuses a key where answers are not kept, instead of promising what does not hold.
pub async fn refuse_key(request: Request, next: Next) -> Answer<Response> {
    match key_of(request.headers())? {
        None => Ok(next.run(request).await),
        Some(_) => Err(Problem::new(Slug::MalformedRequest).at(
            "Idempotency-Key",
            "not-supported",
            "this operation takes no key",
        )),
    }
}

/// Carries a request out once for each key.
pub async fn once_for_each_key(State(app): State<App>, request: Request, next: Next) -> Answer<Response> {
    let (Some(key), Some(caller)) =
        (key_of(request.headers())?, request.extensions().get::<Caller>().cloned())
    else {
        return Ok(next.run(request).await);
    };
    let (parts, body) = request.into_parts();
    let body = read_body(&parts.headers, body, JSON_BYTES).await?;
    let digest = digest(&parts.uri.to_string(), &body);
    let _hold = app.under_way.begin(caller.agent.id, &key).ok_or(Slug::IdempotencyInProgress)?;

    let mut reader = app.store.read().await?;
    let kept = idempotency::find(&caller.scope(), &mut reader, caller.agent.id, &key).await?;
    drop(reader);
    if let Some(kept) = kept {
        return replay(&app, &caller, &key, &digest, &kept);
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if !response.status().is_success() {
        return Ok(response);
    }
    keep(&app, &caller, &key, digest, response).await
}

fn digest(uri: &str, body: &Bytes) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(uri.as_bytes());
    hash.update([0]);
    hash.update(body);
    hash.finalize().to_vec()
}

fn place(caller: &Caller, key: &str) -> String {
    format!("idempotent_answers/{}/{key}", caller.agent.id)
}

fn replay(app: &App, caller: &Caller, key: &str, digest: &[u8], kept: &KeptAnswer) -> Answer<Response> {
    if kept.request_digest != digest {
        return Err(Slug::IdempotencyKeyReused.into());
    }
    let body = app.vault.open(&place(caller, key), kept.body.expose())?;
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut response = answer(status, body);
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

fn answer(status: StatusCode, body: Vec<u8>) -> Response {
    let has_body = !body.is_empty();
    let mut response = (status, body).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    if has_body {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}

async fn keep(
    app: &App,
    caller: &Caller,
    key: &str,
    digest: Vec<u8>,
    response: Response,
) -> Answer<Response> {
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.map_err(|_| Problem::new(Slug::Internal))?;
    let kept = KeptAnswer {
        request_digest: digest,
        status: parts.status.as_u16(),
        body: Private::new(app.vault.seal(&place(caller, key), &body)?),
        created_at: app.store.clock().now(),
    };
    let command = KeepAnswer { agent: caller.agent.id, key: key.to_owned(), kept };
    if let Err(error) = app.store.execute(caller.origin(), command).await {
        // The change itself is done: failing now would say the opposite.
        tracing::warn!(request.id = %caller.trace, error = %error, "an answer could not be kept");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}
