//! Fresh databases, builders, fake clock, fault points.

pub mod builders;
pub mod clock;
pub mod postgres;
pub mod proxy;
pub mod store;

pub use builders::TestWorkspace;
pub use clock::TestClock;
pub use store::{TestDatabase, TestStore, on_both_engines};
