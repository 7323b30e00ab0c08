//! `centrala migrate`

use anyhow::Context as _;
use centrala_store::migrate;
use clap::Args as ClapArgs;

use super::settings::Common;
use super::{Failure, print};
use crate::{boot, telemetry};

/// Flags.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(flatten)]
    common: Common,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let config = args.common.load_quiet()?;
    telemetry::start(&config)?;
    let opened = boot::open_unmigrated(&config).await?;
    let steps =
        migrate::run(&opened.engine.store).await.context("the database could not be brought up to date")?;
    opened.engine.store.close().await;
    print::line(&format!("schema {}, {steps} steps taken", migrate::newest()));
    Ok(())
}
