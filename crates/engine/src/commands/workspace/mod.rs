//! The installation's first set-up, and the workspace itself.

pub mod change;
pub mod offer_set_up;
pub mod set_up;
