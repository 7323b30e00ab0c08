//! Browsers that are woken by notices.

pub mod keep_key;
pub mod note_use;
pub mod subscribe;
pub mod unsubscribe;
