//! `GET /live`: the socket.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;
use centrala_domain::permission::Permission;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::{Caller, Via, caller_of, origin};
use crate::edge::RequestId;
use crate::live;
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::Query;
use crate::state::App;

/// What is read and written at once.
const BUFFER_BYTES: usize = 4096;
/// What a client may say at once; it has little to say.
const MESSAGE_BYTES: usize = 4096;

/// Where to begin.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConnectIn {
    /// Number of the last fact that the client has; without it, the socket begins now.
    #[param(example = 4711)]
    after: Option<i64>,
    /// A one-time ticket, for clients without cookie and header.
    ticket: Option<String>,
}

/// Follow the facts of the workspace.
///
/// A WebSocket. Proof is the session cookie, a bearer token, or a one-time ticket. Frames are
/// `{"type":"events","items":[...],"seq":n}`, or `{"type":"resync","seq":n}`: too much was missed, load anew and
/// go on from `n`. What is no fact comes beside them, without a number and never twice: one's own drafts and
/// preferences (see there), and the frames of `LiveNewsFrame`; a client may say those of `LiveClientFrame`. Ignore
/// frames of an unknown type. Closed with 4401 when the session ends, 4408 when the client is too slow, 4429 when it
/// says more than 600 frames in 10 seconds.
#[utoipa::path(get, path = "/api/v1/live", tag = "live", params(ConnectIn),
    responses((status = 101, description = "The socket is open",
        example = json!({"type": "events", "items": [], "seq": 4711}))),
    extensions(("x-problems" = json!(["unauthenticated", "forbidden", "foreign-origin", "malformed-request"]))))]
pub async fn connect_live(
    State(app): State<App>,
    Extension(RequestId(trace)): Extension<RequestId>,
    Query(input): Query<ConnectIn>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Answer<Response> {
    let caller = proven(&app, &headers, input.ticket.as_deref(), trace).await?;
    if !caller.agent.role.may(Permission::ReadConversations) {
        return Err(Slug::Forbidden.into());
    }
    let permit = app.sockets.clone().try_acquire_owned().map_err(|_| Slug::Unavailable)?;
    let upgrade =
        upgrade.map_err(|_| Problem::new(Slug::MalformedRequest).detail("this address is a WebSocket"))?;
    Ok(upgrade
        // A socket mostly waits: the library's buffers of 128 KiB each would be most of its memory.
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_message_size(MESSAGE_BYTES)
        .max_frame_size(MESSAGE_BYTES)
        .on_upgrade(move |socket| {
            // Tracked, so that the end of the program waits for its farewell.
            let tasks = app.tasks.clone();
            tasks.track_future(async move {
                live::run(socket, app, caller, input.after).await;
                drop(permit);
            })
        }))
}

async fn proven(
    app: &App,
    headers: &HeaderMap,
    ticket: Option<&str>,
    trace: centrala_domain::TraceId,
) -> Answer<Caller> {
    origin::check_origin(headers, app.own_origin())?;
    if let Some(ticket) = ticket {
        return app.tickets.take(ticket, app.store.clock().now()).ok_or_else(|| Slug::Unauthenticated.into());
    }
    let caller = caller_of(app, &Method::GET, headers, trace).await?;
    // A browser always says where a socket comes from; a cookie without that word is not believed.
    if matches!(caller.via, Via::Session(_)) && !headers.contains_key(header::ORIGIN) {
        return Err(Slug::ForeignOrigin.into());
    }
    Ok(caller)
}
