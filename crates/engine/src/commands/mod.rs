//! Everything that changes state, by area; one command per file.

pub mod agents;
pub mod contacts;
pub mod conversations;
pub mod drafts;
pub mod inboxes;
pub mod labels;
pub mod media;
pub mod messages;
pub mod notes;
pub mod preferences;
pub mod push;
pub mod receipts;
pub mod sessions;
pub mod tokens;
pub mod upkeep;
pub mod workspace;

mod acting;
mod text;
