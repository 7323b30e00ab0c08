//! Faults of disk, network, neighbours and attackers, against the real program.

#![expect(clippy::unwrap_used, reason = "what a helper of a test meets fails the test")]

#[path = "../harness/mod.rs"]
#[expect(dead_code, reason = "each suite uses its part of the harness")]
mod harness;

mod clock;
mod disk;
mod intake;
mod upstream;
