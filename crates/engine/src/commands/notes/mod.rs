//! Internal notes on a conversation.

pub mod add;
pub mod delete;
