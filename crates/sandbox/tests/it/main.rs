//! The sandbox as outside programs meet it: over HTTP, with a receiver of webhooks beside it.

mod town;
mod webhooks;
