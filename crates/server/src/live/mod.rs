//! Facts on their way to screens: who may know of what, who is woken by what, tickets, and the socket itself.
//!
//! A socket carries facts (ids and states, no texts); what they are about is fetched, and the fetch checks
//! permission. Beside them it carries what is no fact ([`About`]): who is where now, and what an agent changed for
//! himself elsewhere. Not here: where facts come from (`engine::live`) and the routes (`routes::live`).

mod frame;
mod presence;
mod room;
mod sight;
mod socket;
mod tickets;
mod volatile;

#[cfg(test)]
mod tests;

pub use frame::{AgentHere, Doing, FrameIn, FrameOut, MAX_REPLAY};
pub use room::Rooms;
pub use sight::{Sight, may_know};
pub use socket::run;
pub use tickets::Tickets;
pub use volatile::{About, frame};
