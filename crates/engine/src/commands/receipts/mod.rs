//! Raw deliveries: applied, replayed.

pub mod apply;
mod batch;
pub mod delivery;
pub mod replay;
