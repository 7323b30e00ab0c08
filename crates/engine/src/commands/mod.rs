//! Everything that changes state, by area; one command per file.

pub mod contacts;
pub mod conversations;
pub mod media;
pub mod messages;
pub mod receipts;
