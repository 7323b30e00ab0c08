//! Raw deliveries of channels, for operators: what waits, what could not be applied, and trying again.

pub mod counts;
pub mod get;
pub mod list;
pub mod raw;
pub mod replay;

use centrala_domain::permission::Permission::Operate;
use centrala_domain::{InboxId, ReceiptId, Timestamp, TraceId};
use centrala_store::receipts::{ReceiptProblem, ReceiptRecord};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::needs(Operate, routes!(list::list_receipts)),
        Route::needs(Operate, routes!(counts::count_receipts)),
        Route::needs(Operate, routes!(get::get_receipt)),
        Route::needs(Operate, routes!(raw::get_receipt_raw)),
        Route::needs(Operate, routes!(replay::replay_receipt)),
    ]
}

/// State of a delivery.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    /// Waits to be applied.
    Received,
    /// Applied whole.
    Applied,
    /// Something in it could not be applied; what could be, was.
    Rejected,
}

impl ReceiptState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Applied => "applied",
            Self::Rejected => "rejected",
        }
    }
}

/// Something in a delivery that could not be applied.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReceiptProblemOut {
    /// Where in the body (JSON pointer); empty for the whole.
    #[schema(example = "/entry/0/changes/0")]
    pointer: String,
    /// What is wrong.
    reason: String,
}

/// A raw delivery without its body.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReceiptOut {
    /// Id.
    #[schema(value_type = String, example = "rcp_0000000000000000000000000e")]
    id: ReceiptId,
    /// Through which endpoint it came.
    #[schema(value_type = String, example = "inb_0000000000000000000000000e")]
    inbox: InboxId,
    /// When.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    received_at: Timestamp,
    /// How it stands.
    #[schema(value_type = ReceiptState)]
    state: String,
    /// How often applying it failed for reasons of ours.
    tries: i64,
    /// What could not be applied.
    problems: Vec<ReceiptProblemOut>,
    /// When it was dealt with.
    #[schema(value_type = Option<String>, format = DateTime)]
    applied_at: Option<Timestamp>,
    /// Size of its body.
    #[schema(example = 812)]
    size_bytes: i64,
    /// What it set in motion.
    #[schema(value_type = String, example = "trc_0000000000000000000000000e")]
    trace: TraceId,
}

impl From<ReceiptRecord> for ReceiptOut {
    fn from(it: ReceiptRecord) -> Self {
        let problems = it.problems.into_iter().map(|problem| {
            let ReceiptProblem { pointer, reason } = problem;
            ReceiptProblemOut { pointer, reason }
        });
        Self {
            id: it.id,
            inbox: it.inbox,
            received_at: it.received_at,
            state: it.state,
            tries: it.tries,
            problems: problems.collect(),
            applied_at: it.applied_at,
            size_bytes: it.size_bytes,
            trace: it.trace,
        }
    }
}
