//! HTTP itself: connections, reading a call in any of the shapes clients use, writing an answer.
//!
//! `graph` and `control` decide what to answer.

pub(crate) mod answer;
pub(crate) mod call;
pub(crate) mod server;

pub(crate) use answer::{Answer, Outcome};
pub(crate) use call::Call;
