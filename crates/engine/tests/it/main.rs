//! The engine from outside: deliveries in, jobs run, a scripted channel at the other end.

#![expect(clippy::unwrap_used, reason = "what a helper of a test meets fails the test")]

mod clock_steps;
mod converging;
mod ordering;
mod regressions;
mod scripted;
mod sending;
mod twice;
mod world;
