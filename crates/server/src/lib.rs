//! The `centrala` program: HTTP routes, live socket, sign-in, configuration, command line, doctor.
//!
//! What a change means is decided in `engine` and `domain`; here is only how people and programs reach it.

pub mod auth;
pub mod boot;
pub mod chores;
pub mod cli;
pub mod config;
pub mod connections;
pub mod doctor;
pub mod edge;
pub mod forged;
pub mod listener;
pub mod live;
pub mod openapi;
pub mod problem;
pub mod push;
pub mod routes;
pub mod state;
pub mod telemetry;
#[cfg(feature = "embed-web")]
mod web;

#[cfg(test)]
mod testing;
