//! `POST /receipts/{receipt}/replay`

use axum::extract::State;
use centrala_domain::ReceiptId;
use centrala_engine::commands::receipts::replay::ReplayReceipt;
use centrala_store::receipts;

use super::ReceiptOut;
use crate::auth::{Allowed, Operate};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::Path;
use crate::state::App;

/// Put a delivery back into the queue.
///
/// Applying it again changes nothing that was applied before.
#[utoipa::path(post, path = "/api/v1/receipts/{receipt}/replay", tag = "receipts",
    params(("receipt" = String, Path, description = "Delivery", example = "rcp_0000000000000000000000000e")),
    responses((status = 200, description = "It waits to be applied", body = ReceiptOut)),
    extensions(("x-problems" = json!(["receipt-waiting"]))))]
pub async fn replay_receipt(
    State(app): State<App>,
    allowed: Allowed<Operate>,
    Path(id): Path<ReceiptId>,
) -> Answer<axum::Json<ReceiptOut>> {
    let is_queued = app.store.execute(allowed.origin(), ReplayReceipt { receipt: id }).await?;
    let mut reader = app.store.read().await?;
    let found = receipts::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    if is_queued { Ok(axum::Json(found.into())) } else { Err(Slug::ReceiptWaiting.into()) }
}
