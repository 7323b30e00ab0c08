//! How it is kept: the SQL waist, migrations, one module per aggregate, jobs, events, blobs.
//!
//! This is the only crate with SQL text, and [`waist`] the only module that names a driver. Writing happens
//! inside [`write::Command::run`] and nowhere else; reading through [`Store::read`]. What a change *means* is
//! decided in `domain`; what follows from it is routed by `engine`.

pub mod agents;
pub mod api_tokens;
pub mod attempts;
pub mod blobs;
mod clock_steps;
pub mod contacts;
pub mod conversations;
mod dialect;
pub mod drafts;
pub mod error;
pub mod events;
pub mod filter;
pub mod idempotency;
mod ids;
pub mod inboxes;
pub mod jobs;
pub mod labels;
mod leases;
pub mod login_sessions;
pub mod media;
pub mod messages;
pub mod migrate;
pub mod notes;
pub mod preferences;
pub mod push;
pub mod receipts;
pub mod setup;
pub mod soundness;
mod statistics;
pub mod vault;
pub mod waist;
pub mod workspaces;
pub mod write;

mod open;
#[cfg(test)]
mod plans;

pub use error::{Error, Result};
pub use open::{Engine, Options, Store};
pub use vault::Vault;
pub use waist::{Reader, Row, Sql, Value};
pub use write::{Command, Ctx, Done, Origin, Tx};

/// Every fixed statement of this crate, for the test that prepares each on both engines.
#[must_use]
pub fn statements() -> Vec<Sql> {
    [
        agents::STATEMENTS,
        api_tokens::STATEMENTS,
        attempts::STATEMENTS,
        clock_steps::STATEMENTS,
        contacts::STATEMENTS,
        conversations::STATEMENTS,
        dialect::STATEMENTS,
        drafts::STATEMENTS,
        events::STATEMENTS,
        idempotency::STATEMENTS,
        ids::STATEMENTS,
        inboxes::STATEMENTS,
        jobs::STATEMENTS,
        labels::STATEMENTS,
        leases::STATEMENTS,
        login_sessions::STATEMENTS,
        media::STATEMENTS,
        messages::STATEMENTS,
        migrate::STATEMENTS,
        notes::STATEMENTS,
        preferences::STATEMENTS,
        push::STATEMENTS,
        receipts::STATEMENTS,
        setup::STATEMENTS,
        workspaces::STATEMENTS,
    ]
    .concat()
}
