//! Messages: received, queued, tried, proven, retried.

pub mod ask_for_decision;
pub mod begin_attempt;
pub mod give_up;
pub mod react;
pub mod receive;
pub mod record_attempt;
pub mod record_status;
pub mod retry;
pub mod send;
pub mod settle;
