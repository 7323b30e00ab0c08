//! Housekeeping: what has served its time goes.

pub mod forget_old;
