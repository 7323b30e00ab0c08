//! `GET /receipts/{receipt}`

use axum::extract::State;
use centrala_domain::ReceiptId;
use centrala_store::receipts;

use super::ReceiptOut;
use crate::auth::{Allowed, Operate};
use crate::problem::{Answer, Problem};
use crate::routes::input::Path;
use crate::routes::page::OneOut;
use crate::state::App;

/// Show a raw delivery without its body.
#[utoipa::path(get, path = "/api/v1/receipts/{receipt}", tag = "receipts",
    params(("receipt" = String, Path, description = "Delivery", example = "rcp_0000000000000000000000000e")),
    responses((status = 200, description = "The delivery", body = OneOut<ReceiptOut>)))]
pub async fn get_receipt(
    State(app): State<App>,
    allowed: Allowed<Operate>,
    Path(id): Path<ReceiptId>,
) -> Answer<axum::Json<OneOut<ReceiptOut>>> {
    let mut reader = app.store.read().await?;
    let found = receipts::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    OneOut::of(&allowed.scope, &mut reader, found.into()).await
}
