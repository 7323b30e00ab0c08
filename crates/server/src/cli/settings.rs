//! Flags that are settings, and reading all sources of settings together.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use crate::config::{Config, Shown, Sources, load};

/// Settings that every command takes.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Common {
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE", env = "CENTRALA_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of everything that is kept
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// PostgreSQL instead of SQLite, such as postgres://user:password@host/centrala
    #[arg(long, value_name = "URL")]
    pub(super) database_url: Option<String>,
    /// Which log lines are written, such as info,centrala_engine=debug
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
}

/// Settings of commands that listen.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Listening {
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<String>,
    /// The address that people and Meta reach this server at
    #[arg(long, value_name = "URL")]
    pub(super) public_url: Option<String>,
}

impl Common {
    /// Reads all sources. What is wrong is told at once.
    pub(super) fn load(&self, listening: &Listening) -> anyhow::Result<(Config, Vec<Shown>)> {
        let file = match &self.config {
            Some(path) => Some(
                std::fs::read_to_string(path)
                    .with_context(|| format!("the configuration file {} cannot be read", path.display()))?,
            ),
            None => None,
        };
        let mut flags = Vec::new();
        let mut add = |key, value: Option<String>| flags.extend(value.map(|value| (key, value)));
        add("data_dir", self.data.as_ref().map(|path| path.display().to_string()));
        add("database_url", self.database_url.clone());
        add("log_filter", self.log.clone());
        add("listen", listening.listen.clone());
        add("public_url", listening.public_url.clone());
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Ok(load(&Sources { file, environment, flags })?)
    }

    /// Reads the settings of a command that does not listen.
    pub(super) fn load_quiet(&self) -> anyhow::Result<Config> {
        Ok(self.load(&Listening::default())?.0)
    }
}
