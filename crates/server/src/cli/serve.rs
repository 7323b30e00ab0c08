//! `centrala serve`

use clap::Args as ClapArgs;
use serde::Serialize;

use super::running::{Server, until_told_to_stop};
use super::settings::{Common, Listening};
use super::{Failure, print, setup_link};
use crate::telemetry;

/// Flags.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    listening: Listening,
    /// Print one line of JSON when ready
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Ready {
    url: String,
    api_url: String,
    setup_url: Option<String>,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let (config, _) = args.common.load(&args.listening)?;
    telemetry::start(&config)?;
    let server = Server::start(config).await?;
    let setup_url = if server.app.is_set_up() {
        None
    } else {
        let secret = setup_link::offer(&server.app).await?;
        Some(setup_link::address(&server.app, &secret))
    };
    let url = format!("http://{}", server.address);
    if args.json {
        print::json(&Ready { api_url: format!("{url}/api/v1"), url, setup_url })?;
    } else {
        print::line(&format!("Centrala listens on {url}"));
        if let Some(link) = setup_url {
            print::line(
                "This installation is empty. Set it up within 24 hours with this link, which works once:",
            );
            print::line(&format!("  {link}"));
        }
    }
    until_told_to_stop().await?;
    server.stop().await;
    Ok(())
}
