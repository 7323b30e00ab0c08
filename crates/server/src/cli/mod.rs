//! The command line. Exit codes: 0 fine, 1 it failed (standard error says what to do), 2 wrong usage.

pub mod bench;
mod config;
mod demo;
mod doctor;
mod migrate;
mod morning;
mod past;
mod print;
mod running;
mod sandbox;
mod serve;
mod settings;
pub mod setup_link;
mod user;
mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A self-hosted switchboard for customer messages.
#[derive(Debug, Parser)]
#[command(name = "centrala", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve people, programs and webhooks
    Serve(serve::Args),
    /// Try it: a simulated town with customers, and everything connected to it
    Demo(demo::Args),
    /// The simulated Meta platform alone
    Sandbox(sandbox::Args),
    /// Do background work only, beside a server on the same PostgreSQL database
    Worker(worker::Args),
    /// Bring the database to the newest schema
    Migrate(migrate::Args),
    /// Add agents and give them passwords
    #[command(subcommand)]
    User(user::Command),
    /// Look for what is broken, and say what to do about it
    Doctor(doctor::Args),
    /// Measure this machine against the budgets
    Bench(bench::Args),
    /// Settings in force
    #[command(subcommand)]
    Config(config::Command),
}

/// Why a command ends with another code than 0.
#[derive(Debug)]
enum Failure {
    /// It was used wrongly: 2.
    Usage(String),
    /// It failed: 1.
    Failed(anyhow::Error),
    /// It did its work, and what it found is bad: 1, without a message.
    Unhealthy,
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<crate::config::ConfigError>() {
            Ok(error) => Self::Usage(error.to_string()),
            Err(error) => Self::Failed(error),
        }
    }
}

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    // The database holds personal data: whatever this process makes is for its owner alone.
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o077));
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let outcome = arm_fail_point().and_then(|()| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
            Failure::Failed(anyhow::Error::new(error).context("the program could not be started"))
        })?;
        runtime.block_on(run(cli.command))
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Unhealthy) => ExitCode::from(1),
        Err(Failure::Failed(error)) => {
            print::error(&format!("{error:#}"));
            ExitCode::from(1)
        }
        Err(Failure::Usage(message)) => {
            print::error(&message);
            ExitCode::from(2)
        }
    }
}

async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(args) => serve::run(args).await,
        Command::Demo(args) => demo::run(args).await,
        Command::Sandbox(args) => sandbox::run(args).await,
        Command::Worker(args) => worker::run(args).await,
        Command::Migrate(args) => migrate::run(args).await,
        Command::User(command) => user::run(command).await,
        Command::Doctor(args) => doctor::run(args).await,
        Command::Bench(args) => bench::run(args).await,
        Command::Config(command) => config::run(command),
    }
}

/// `CENTRALA_FAILPOINT=<name>` or `<name>:<nth time>` ends the process at that point, as a power cut would.
#[cfg(feature = "fail-points")]
fn arm_fail_point() -> Result<(), Failure> {
    let Ok(text) = std::env::var("CENTRALA_FAILPOINT") else { return Ok(()) };
    let (name, nth) = match text.split_once(':') {
        Some((name, nth)) => (name, nth.parse().ok()),
        None => (text.as_str(), Some(1)),
    };
    let nth = nth.ok_or_else(|| Failure::Usage(format!("{text}: expected <name>:<number>")))?;
    centrala_engine::fail_points::arm(name, nth, || std::process::abort()).map_err(Failure::Usage)
}

#[cfg(not(feature = "fail-points"))]
fn arm_fail_point() -> Result<(), Failure> {
    match std::env::var_os("CENTRALA_FAILPOINT") {
        None => Ok(()),
        Some(_) => Err(Failure::Usage("this build has no fail points: unset CENTRALA_FAILPOINT".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
