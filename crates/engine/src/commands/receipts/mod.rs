//! Raw deliveries: applied, replayed.

pub mod apply;
pub mod replay;
