//! `GET /receipts/{receipt}/raw`

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use centrala_domain::ReceiptId;
use centrala_store::receipts;

use crate::auth::{Allowed, Operate};
use crate::problem::{Answer, Problem};
use crate::routes::input::Path;
use crate::routes::media::attachment;
use crate::state::App;

/// Download the body of a raw delivery, byte for byte.
///
/// It holds customers' messages and numbers; it is saved, never shown as a page.
#[utoipa::path(get, path = "/api/v1/receipts/{receipt}/raw", tag = "receipts",
    params(("receipt" = String, Path, description = "Delivery", example = "rcp_0000000000000000000000000e")),
    responses((status = 200, description = "The body", content_type = "application/octet-stream", body = Vec<u8>)))]
pub async fn get_receipt_raw(
    State(app): State<App>,
    allowed: Allowed<Operate>,
    Path(id): Path<ReceiptId>,
) -> Answer<Response> {
    let mut reader = app.store.read().await?;
    let raw = receipts::raw(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, attachment(&format!("{id}.json"))),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((headers, raw).into_response())
}
