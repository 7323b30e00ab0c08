//! Who asks, and whether he may: passwords, sessions, tokens, sign-in limits, origins, permissions.
//!
//! The one way in is [`authenticate`]; the one way for a handler to get a scope is [`Allowed`]. Not here: the
//! routes of signing in and out (`routes::session`).

mod address;
mod allowed;
mod authenticate;
pub mod cookie;
pub mod limits;
pub mod origin;
pub mod password;
pub mod secret;

pub use address::{ClientAddress, Peer, client_address};
pub use allowed::{
    Allowed, ManageAgents, ManageInboxes, ManageLabels, ManageSelf, ManageWorkspace, Needs, Operate,
    ReadConversations, ReadWorkspace, WorkConversations,
};
pub use authenticate::{Caller, Via, authenticate, caller_of};
