//! `centrala config show`

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use super::settings::{Common, Listening};
use super::{Failure, print};

/// What to do with settings.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the settings in force and where each comes from; secrets are hidden
    Show(Args),
}

/// Flags.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    listening: Listening,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: Command) -> Result<(), Failure> {
    let Command::Show(args) = command;
    let (_, shown) = args.common.load(&args.listening)?;
    if args.json {
        let all: serde_json::Map<_, _> = shown
            .iter()
            .map(|it| (it.key.to_owned(), json!({"value": it.value, "source": it.source.to_string()})))
            .collect();
        print::json(&all)?;
        return Ok(());
    }
    for it in shown {
        print::line(&format!("{} = {:?}  # {}", it.key, it.value, it.source));
    }
    Ok(())
}
