//! `GET /events`: facts by polling, where sockets do not pass.

use axum::extract::State;
use centrala_domain::event::Recorded;
use centrala_store::events;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::{Allowed, ReadConversations};
use crate::live::may_know;
use crate::problem::Answer;
use crate::routes::input::Query;
use crate::routes::page;
use crate::routes::schemas::RecordedSchema;
use crate::state::App;

/// Which facts.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsIn {
    /// Number of the last fact that the client has.
    #[param(example = 4711)]
    after: i64,
    /// How many facts are looked at: 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

/// Facts, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventsOut {
    /// The facts that the caller may know of. Their kinds are only ever added to: ignore unknown ones.
    #[schema(value_type = Vec<RecordedSchema>)]
    items: Vec<Recorded>,
    /// Number of the last fact that was looked at: give it as `after` the next time.
    #[schema(example = 4761)]
    next: i64,
    /// Number of the workspace's last fact.
    #[schema(example = 4800)]
    as_of: i64,
}

/// List facts after a number.
///
/// The fallback where WebSockets do not pass. `next` equal to `as_of` means that there is no more now.
#[utoipa::path(get, path = "/api/v1/events", tag = "live", params(EventsIn),
    responses((status = 200, description = "The facts", body = EventsOut,
        example = json!({"items": [], "next": 4711, "as_of": 4711}))),
    extensions(("x-problems" = json!(["malformed-request", "invalid-input"]))))]
pub async fn list_events(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
    Query(input): Query<EventsIn>,
) -> Answer<axum::Json<EventsOut>> {
    let limit = page::limit(input.limit)?;
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let found =
        events::after(&allowed.scope, &mut reader, input.after, i64::try_from(limit).unwrap_or(i64::MAX)).await?;
    drop(reader);
    let next = found.last().map_or(as_of, |last| last.seq);
    let mut items = Vec::with_capacity(found.len());
    for fact in found {
        if may_know(&app, &allowed.caller, &fact.event).await? {
            items.push(fact);
        }
    }
    Ok(axum::Json(EventsOut { items, next, as_of }))
}
