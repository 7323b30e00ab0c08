//! `GET /receipts/counts`

use axum::extract::State;
use centrala_domain::Timestamp;
use centrala_store::{events, receipts};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Allowed, Operate};
use crate::problem::Answer;
use crate::state::App;

/// How many deliveries want attention.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptCountsOut {
    /// Wait to be applied.
    #[schema(example = 0)]
    received: i64,
    /// Arrival of the oldest that waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    oldest_received_at: Option<Timestamp>,
    /// Something in them could not be applied.
    #[schema(example = 2)]
    rejected: i64,
    /// Number of the workspace's last fact that this knows of.
    #[schema(example = 4711)]
    as_of: i64,
}

/// Count the deliveries that wait, and those that could not be applied whole.
#[utoipa::path(get, path = "/api/v1/receipts/counts", tag = "receipts",
    responses((status = 200, description = "The counts", body = ReceiptCountsOut)))]
pub async fn count_receipts(
    State(app): State<App>,
    allowed: Allowed<Operate>,
) -> Answer<axum::Json<ReceiptCountsOut>> {
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let counts = receipts::counts(&allowed.scope, &mut reader).await?;
    Ok(axum::Json(ReceiptCountsOut {
        received: counts.received,
        oldest_received_at: counts.oldest_received,
        rejected: counts.rejected,
        as_of,
    }))
}
