//! What a caller chooses before the sandbox starts. What can change while it runs is in `settings`.

use std::net::{Ipv4Addr, SocketAddr};

use crate::Settings;

/// How to start a sandbox.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Makes identifiers, tokens and chances repeatable.
    pub seed: u64,
    /// The address that media links carry, if it is not the listening one.
    pub public_url: Option<String>,
    /// True if no scripted customer writes by themselves.
    pub quiet_town: bool,
    /// True if the bakery has a second number in the same account.
    pub second_number: bool,
    /// Fidelity and delays at the start; `PATCH /sandbox/settings` changes them later.
    pub settings: Settings,
    /// Divides every real delay: ticks, retries, the script's pauses.
    pub speed: f64,
    /// How many ledger entries are kept before the oldest go.
    pub ledger_capacity: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: 1,
            public_url: None,
            quiet_town: true,
            second_number: false,
            settings: Settings::default(),
            speed: 1.0,
            ledger_capacity: 1_000_000,
        }
    }
}
