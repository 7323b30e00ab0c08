//! What things are and which changes are allowed.
//!
//! Here live the ids, the entities, the facts ([`event::Event`]), the pure rules (status lattice, service
//! window, conversation life cycle) and the ports to the outside world. Here is no I/O, no runtime and no
//! clock: instants arrive as parameters, and the ports only declare signatures.

pub mod agent;
pub mod channel;
pub mod contact;
pub mod content;
pub mod conversation;
pub mod draft;
pub mod error_code;
pub mod event;
pub mod fold;
pub mod hours;
pub mod ids;
pub mod inbound;
pub mod inbox;
pub mod label;
pub mod limits;
pub mod media;
pub mod message;
pub mod permission;
pub mod ports;
pub mod preferences;
pub mod private;
pub mod push;
pub mod time;
pub mod workspace;

pub use channel::ChannelKind;
pub use ids::*;
pub use private::Private;
pub use time::Timestamp;
