//! The engine from outside: deliveries in, jobs run, a scripted channel at the other end.

mod converging;
mod scripted;
mod world;
