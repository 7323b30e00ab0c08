//! Telling the business: updates become signed webhooks that are tried until they are taken.
//!
//! `payload` builds the envelope, `spelling` writes its bytes, `sender` delivers, `handshake` verifies an address.

pub(crate) mod handshake;
mod payload;
mod sender;
mod spelling;

pub(crate) use payload::Update;
pub(crate) use sender::Sender;
