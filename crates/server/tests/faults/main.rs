//! Faults of disk, network, neighbours and attackers, against the real program.

#[path = "../harness/mod.rs"]
#[expect(dead_code, reason = "each suite uses its part of the harness")]
mod harness;

mod disk;
mod intake;
mod upstream;
