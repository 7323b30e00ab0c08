//! The WhatsApp Cloud API channel as the engine uses it: through the port, against invented payloads and a
//! scripted upstream. All numbers and ids are invented.

#![expect(clippy::unwrap_used, reason = "what a test cannot set up should stop it, in its helpers too")]

mod calls;
mod contents;
mod fuzz;
mod identities;
mod inbound;
mod media;
mod sending;
mod statuses;
mod support;
mod upstream;
