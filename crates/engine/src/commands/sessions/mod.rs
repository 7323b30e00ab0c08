//! Signing in and out. Not here: passwords and secrets themselves (`server`).

pub mod end_others;
pub mod note_use;
pub mod sign_in;
pub mod sign_out;
