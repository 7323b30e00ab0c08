//! From the credentials of a request to the agent behind it. The only place that does so.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use centrala_domain::agent::{Actor, Agent};
use centrala_domain::permission::{Permission, Scope};
use centrala_domain::{ApiTokenId, LoginSessionId, Private, Timestamp, TraceId, WorkspaceId};
use centrala_store::login_sessions::hash_secret;
use centrala_store::{Origin, api_tokens, login_sessions};
use std::time::Duration;

use super::{cookie, origin, secret};
use crate::edge::RequestId;
use crate::problem::{Answer, Problem, Slug};
use crate::state::App;

/// A use is written down at most this often for each session and token.
const NOTE_USE_EVERY: Duration = Duration::from_secs(60);

/// What a request proved itself with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// A browser's session.
    Session(LoginSessionId),
    /// A program's token.
    Token(ApiTokenId),
}

/// The agent behind a request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub agent: Agent,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// How he proved it.
    pub via: Via,
    /// Id of the request.
    pub trace: TraceId,
}

impl Caller {
    /// What he may see.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        Scope::of(self.workspace, self.agent.id, self.agent.role)
    }

    /// In whose name commands of this request run.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        Origin {
            scope: self.scope(),
            actor: Actor::Agent { id: self.agent.id },
            trace: self.trace,
            cause: None,
            depth: 0,
            job: None,
        }
    }

    /// The login session, if that is how he proved himself.
    #[must_use]
    pub const fn session(&self) -> Option<LoginSessionId> {
        match self.via {
            Via::Session(session) => Some(session),
            Via::Token(_) => None,
        }
    }
}

/// Lets a request through if its agent has the permission; the route table puts this before every handler that
/// needs one.
pub async fn authenticate(
    State((app, permission)): State<(App, Permission)>,
    mut request: Request,
    next: Next,
) -> Answer<Response> {
    let trace = trace_of(&request);
    let caller = caller_of(&app, request.method(), request.headers(), trace).await?;
    if !caller.agent.role.may(permission) {
        return Err(Problem::new(Slug::Forbidden));
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

fn trace_of(request: &Request) -> TraceId {
    request.extensions().get::<RequestId>().map_or(TraceId(uuid::Uuid::nil()), |id| id.0)
}

/// The agent behind the credentials: a bearer token, else the session cookie.
///
/// # Errors
/// [`Slug::Unauthenticated`], [`Slug::ForeignOrigin`], or the database's.
pub async fn caller_of(app: &App, method: &Method, headers: &HeaderMap, trace: TraceId) -> Answer<Caller> {
    if let Some(token) = bearer(headers) {
        return by_token(app, &token?, trace).await;
    }
    let secret = cookie::read(headers, app.config.is_https())
        .filter(|secret| secret::is_secret(secret.expose()))
        .ok_or(Slug::Unauthenticated)?;
    if !origin::is_safe(method) {
        origin::check_with_cookie(headers, app.own_origin())?;
    }
    by_session(app, &secret, trace).await
}

fn bearer(headers: &HeaderMap) -> Option<Answer<Private>> {
    let value = headers.get(header::AUTHORIZATION)?;
    let token = value.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
    Some(match token {
        Some(token) if secret::is_token(token) => Ok(Private::from(token)),
        Some(_) | None => Err(Slug::Unauthenticated.into()),
    })
}

async fn by_token(app: &App, token: &Private, trace: TraceId) -> Answer<Caller> {
    let mut reader = app.store.read().await?;
    let bearer = api_tokens::find_by_secret_hash(&mut reader, &hash_secret(token.expose())).await?;
    drop(reader);
    let bearer = bearer.ok_or(Slug::Unauthenticated)?;
    let caller =
        Caller { agent: bearer.agent, workspace: bearer.workspace, via: Via::Token(bearer.token.id), trace };
    if is_stale(app, bearer.token.last_used_at.unwrap_or_default()) {
        app.note_use(&caller);
    }
    Ok(caller)
}

async fn by_session(app: &App, secret: &Private, trace: TraceId) -> Answer<Caller> {
    let now = app.store.clock().now();
    let mut reader = app.store.read().await?;
    let found = login_sessions::find_by_secret_hash(&mut reader, &hash_secret(secret.expose()), now).await?;
    drop(reader);
    let found = found.ok_or(Slug::Unauthenticated)?;
    if !app.is_session_standing(&found.session) {
        return Err(Slug::Unauthenticated.into());
    }
    let via = Via::Session(found.session.id);
    let caller = Caller { agent: found.agent, workspace: found.workspace, via, trace };
    if is_stale(app, found.session.last_seen_at) {
        app.note_use(&caller);
    }
    Ok(caller)
}

fn is_stale(app: &App, last: Timestamp) -> bool {
    app.store.clock().now().since(last) >= NOTE_USE_EVERY
}

/// The caller that [`authenticate`] left in the request.
pub(super) fn in_request(parts: &Parts) -> Answer<Caller> {
    parts.extensions.get::<Caller>().cloned().ok_or_else(|| Slug::Unauthenticated.into())
}
