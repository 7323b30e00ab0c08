//! The sandbox as outside programs meet it: over HTTP, with a receiver of webhooks beside it.
#![expect(clippy::unwrap_used, reason = "a helper of tests that cannot go on fails its test")]

mod carriers;
mod faults;
mod graph;
mod media;
mod phones;
mod rules;
mod screen;
mod shapes;
mod town;
mod webhooks;
