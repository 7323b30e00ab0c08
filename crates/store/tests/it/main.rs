//! The store on both engines: one file per aggregate.

#![expect(clippy::unwrap_used, reason = "what a helper of a test meets fails the test")]

mod agents;
mod api_tokens;
mod idempotency;
mod inboxes;
mod jobs;
mod labels;
mod login_sessions;
mod migrations;
mod notes;
mod pages;
mod setup;
mod statements;
mod workspaces;
mod writer;
