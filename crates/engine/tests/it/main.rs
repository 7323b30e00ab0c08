//! The engine from outside: deliveries in, jobs run, a scripted channel at the other end.

mod converging;
mod ordering;
mod regressions;
mod scripted;
mod sending;
mod twice;
mod world;
