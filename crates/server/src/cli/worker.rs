//! `centrala worker`

use std::sync::Arc;

use clap::Args as ClapArgs;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::running::{concurrency, retention, session_rules, until_told_to_stop};
use super::settings::Common;
use super::{Failure, print};
use crate::push::WebPush;
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
    if config.database_url.is_none() {
        let message = "a worker of its own needs PostgreSQL: with SQLite, `centrala serve` does the work";
        return Err(Failure::Usage(message.into()));
    }
    let opened = boot::open(&config).await?;
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    drop(tasks.spawn(centrala_engine::worker::run(
        opened.engine.clone(),
        concurrency(&config),
        stop.clone(),
    )));
    drop(tasks.spawn(centrala_engine::upkeep::run(opened.engine.clone(), retention(&config), stop.clone())));
    let port =
        Arc::new(WebPush::new(&config, opened.engine.store.clock().clone()).map_err(anyhow::Error::from)?);
    let pushing =
        centrala_engine::push::run(opened.engine.clone(), port, session_rules(&config), stop.clone());
    drop(tasks.spawn(pushing));
    print::line("Centrala works");
    until_told_to_stop().await?;
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    opened.engine.store.close().await;
    Ok(())
}
