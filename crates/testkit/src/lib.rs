//! Fresh databases, builders, fake clock, fault points.

pub mod clock;
pub mod postgres;
pub mod proxy;
