//! `centrala sandbox`

use anyhow::Context as _;
use centrala_sandbox::Options;
use clap::Args as ClapArgs;
use serde::Serialize;

use super::running::until_told_to_stop;
use super::{Failure, print};

/// Flags.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    listen: std::net::SocketAddr,
    /// Makes identifiers, tokens and chances repeatable
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// No customer writes by himself
    #[arg(long)]
    quiet_town: bool,
    /// Print one line of JSON when ready
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Ready {
    sandbox_url: String,
    numbers: Vec<centrala_sandbox::Number>,
    customers: Vec<Customer>,
}

/// A customer of the town, as `demo` and `sandbox` tell of him.
#[derive(Serialize)]
pub(super) struct Customer {
    id: String,
    name: String,
    phone: String,
    user_id: String,
    phone_url: String,
}

impl Customer {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// All of them.
    pub(super) fn all(sandbox: &centrala_sandbox::Running) -> Vec<Self> {
        let base = sandbox.base_url().to_owned();
        sandbox
            .customers()
            .into_iter()
            .map(|it| Self {
                phone_url: format!("{base}/sandbox/customers/{}/messages", it.id),
                id: it.id,
                name: it.name,
                phone: it.phone,
                user_id: it.user_id,
            })
            .collect()
    }
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let options =
        Options { listen: args.listen, seed: args.seed, quiet_town: args.quiet_town, ..Options::default() };
    let sandbox = centrala_sandbox::start(options)
        .await
        .with_context(|| format!("the sandbox cannot listen on {}", args.listen))?;
    let ready = Ready {
        sandbox_url: sandbox.base_url().to_owned(),
        numbers: sandbox.numbers(),
        customers: Customer::all(&sandbox),
    };
    if args.json {
        print::json(&ready)?;
    } else {
        print::line(&format!("The town is at {}/sandbox/", ready.sandbox_url));
        for number in &ready.numbers {
            print::line(&format!(
                "  {} {}: app {}, account {}, number {}, token {}",
                number.verified_name,
                number.display_phone_number,
                number.app_id,
                number.waba_id,
                number.phone_number_id,
                number.access_token
            ));
        }
    }
    until_told_to_stop().await?;
    sandbox.stop().await;
    Ok(())
}
