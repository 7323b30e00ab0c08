//! `POST /live/tickets`: a one-time ticket for a socket.

use axum::extract::State;
use centrala_domain::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Allowed, ReadConversations, secret};
use crate::problem::Answer;
use crate::state::App;

/// A one-time ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveTicketOut {
    /// Give it as `?ticket=` to `/api/v1/live`; good once.
    #[schema(example = "5e1f…")]
    ticket: String,
    /// Until when.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:30Z")]
    expires_at: Timestamp,
}

/// Get a one-time ticket for the live socket.
///
/// For clients that can neither send a cookie nor set a header on a WebSocket. Good for 30 seconds, once, at the
/// process that gave it.
#[utoipa::path(post, path = "/api/v1/live/tickets", tag = "live",
    responses((status = 200, description = "The ticket", body = LiveTicketOut)))]
pub async fn create_live_ticket(
    State(app): State<App>,
    allowed: Allowed<ReadConversations>,
) -> Answer<axum::Json<LiveTicketOut>> {
    let ticket = secret::new_secret()?;
    let expires_at = app.tickets.put(&ticket, allowed.caller, app.store.clock().now());
    Ok(axum::Json(LiveTicketOut { ticket: ticket.into_exposed(), expires_at }))
}
