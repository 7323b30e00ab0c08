//! `GET /receipts`

use axum::extract::State;
use centrala_domain::{InboxId, ReceiptId};
use centrala_store::receipts::ReceiptFilter;
use centrala_store::{events, receipts};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{ReceiptOut, ReceiptState};
use crate::auth::{Allowed, Operate};
use crate::problem::Answer;
use crate::routes::input::Query;
use crate::routes::page::{PageOut, limit, read_cursor, write_cursor};
use crate::state::App;

/// Which deliveries.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReceiptsIn {
    /// Only in this state.
    #[param(inline)]
    state: Option<ReceiptState>,
    /// Only of this inbox.
    #[param(value_type = Option<String>, example = "inb_0000000000000000000000000e")]
    inbox: Option<InboxId>,
    /// Where the last part ended: its `next`.
    after: Option<String>,
    /// How many: 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200, example = 50)]
    limit: Option<usize>,
}

/// List raw deliveries, newest first.
#[utoipa::path(get, path = "/api/v1/receipts", tag = "receipts", params(ReceiptsIn),
    responses((status = 200, description = "The deliveries", body = PageOut<ReceiptOut>)),
    extensions(("x-problems" = json!(["invalid-cursor", "invalid-input", "malformed-request"]))))]
pub async fn list_receipts(
    State(app): State<App>,
    allowed: Allowed<Operate>,
    Query(input): Query<ReceiptsIn>,
) -> Answer<axum::Json<PageOut<ReceiptOut>>> {
    let limit = limit(input.limit)?;
    let before: Option<ReceiptId> = input.after.as_deref().map(read_cursor).transpose()?;
    let state = input.state.map(|state| state.as_str().to_owned());
    let filter = ReceiptFilter { state, inbox: input.inbox, before };
    let more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut reader = app.store.read().await?;
    let as_of = events::last_seq(&allowed.scope, &mut reader).await?;
    let mut found = receipts::list(&allowed.scope, &mut reader, &filter, more).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|receipt| write_cursor(&receipt.id));
    Ok(axum::Json(PageOut { items: found.into_iter().map(ReceiptOut::from).collect(), next, as_of }))
}
