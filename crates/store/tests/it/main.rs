//! The store on both engines: one file per aggregate.

#![expect(clippy::unwrap_used, reason = "what a helper of a test meets fails the test")]

mod agents;
mod api_tokens;
mod attempts;
mod blobs;
mod clock_steps;
mod contacts;
mod conversations;
mod drafts;
mod events;
mod idempotency;
mod inboxes;
mod jobs;
mod labels;
mod leases;
mod login_sessions;
mod media;
mod messages;
mod migrations;
mod notes;
mod pages;
mod preferences;
mod push;
mod receipts;
mod setup;
mod statements;
mod statistics;
mod workspaces;
mod writer;
