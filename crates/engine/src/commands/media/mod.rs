//! Files of messages: added by agents, fetched from channels, handed over to channels.

pub mod add;
pub mod record_fetch;
pub mod record_upload;
pub mod request;
