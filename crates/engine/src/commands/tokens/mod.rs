//! Tokens with which programs act as an agent. Not here: how their secrets are made (`server`).

pub mod create;
pub mod note_use;
pub mod revoke;
