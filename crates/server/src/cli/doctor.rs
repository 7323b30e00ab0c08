//! `centrala doctor`

use anyhow::Context as _;
use centrala_store::workspaces;
use clap::Args as ClapArgs;

use super::settings::Common;
use super::{Failure, print};
use crate::doctor::{Condition, Depth, Patient, examine};
use crate::{boot, telemetry};

/// Flags.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(flatten)]
    common: Common,
    /// Also read the whole database
    #[arg(long)]
    deep: bool,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let config = args.common.load_quiet()?;
    telemetry::start(&config)?;
    let opened = boot::open_unmigrated(&config).await?;
    let store = opened.engine.store.clone();
    // An empty database has no workspaces yet; the check of the schema says what to do.
    let workspaces = match store.read().await {
        Ok(mut reader) => workspaces::ids(&mut reader).await.unwrap_or_default(),
        Err(error) => return Err(anyhow::Error::new(error).context("the database does not answer").into()),
    };
    let patient = Patient { store: store.clone(), data_dir: config.data_dir.clone(), workspaces };
    let depth = if args.deep { Depth::Deep } else { Depth::Quick };
    let report = examine(&patient, depth).await;
    store.close().await;
    if args.json {
        print::json(&report).context("the report could not be written")?;
    } else {
        for finding in &report.findings {
            let word = match finding.condition {
                Condition::Fine => "fine   ",
                Condition::Warning => "warning",
                Condition::Broken => "BROKEN ",
            };
            print::line(&format!("{word} {}: {}", finding.check, finding.seen));
            if !finding.remedy.is_empty() {
                print::line(&format!("        {}", finding.remedy));
            }
        }
    }
    match report.condition {
        Condition::Fine | Condition::Warning => Ok(()),
        Condition::Broken => Err(Failure::Unhealthy),
    }
}
