//! A server that runs: listener, worker, chores; and its end.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use centrala_engine::push::{self, SessionRules};
use centrala_engine::upkeep::{self, Retention};
use centrala_engine::worker::{self, Concurrency};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::boot::{self, Opened};
use crate::config::Config;
use crate::state::App;
use crate::{listener, routes};

/// A server in this process.
pub(super) struct Server {
    pub(super) app: App,
    pub(super) address: SocketAddr,
    opened: Opened,
    stop_listening: CancellationToken,
    stop_working: CancellationToken,
    listening: TaskTracker,
    working: TaskTracker,
}

/// How many jobs of each kind run at the same time.
pub(super) fn concurrency(config: &Config) -> Concurrency {
    Concurrency {
        outbound: usize::from(config.workers_outbound),
        media: usize::from(config.workers_media),
        other: usize::from(config.workers_other),
    }
}

/// How long things are kept.
pub(super) fn retention(config: &Config) -> Retention {
    let days = |days: u16| Duration::from_secs(u64::from(days) * 24 * 3600);
    Retention {
        receipts: days(config.receipts_retention_days),
        jobs: days(config.receipts_retention_days),
        answers: days(1),
        drafts: days(90),
    }
}

/// How long login sessions are good.
pub(super) fn session_rules(config: &Config) -> SessionRules {
    SessionRules { idle: config.session_idle(), lifetime: config.session_lifetime() }
}

impl Server {
    /// Opens everything, listens, works. Ready when it returns.
    pub(super) async fn start(config: Config) -> anyhow::Result<Self> {
        let opened = boot::open(&config).await?;
        let listener = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("{} cannot be listened on", config.listen))?;
        let address = listener.local_addr()?;
        let base = config.public_base(address);
        let (connections_max, concurrency, retention, rules) =
            (config.connections_max, concurrency(&config), retention(&config), session_rules(&config));
        let app = App::start(config, base, opened.engine.clone()).await?;
        let (stop_listening, stop_working) = (CancellationToken::new(), CancellationToken::new());
        let (listening, working) = (TaskTracker::new(), TaskTracker::new());
        let serving =
            listener::serve(listener, routes::router(&app), connections_max, stop_listening.clone());
        drop(listening.spawn(serving));
        drop(working.spawn(worker::run(opened.engine.clone(), concurrency, stop_working.clone())));
        drop(working.spawn(upkeep::run(opened.engine.clone(), retention, stop_working.clone())));
        let pushing = push::run(opened.engine.clone(), app.push.clone(), rules, stop_working.clone());
        drop(working.spawn(pushing));
        Ok(Self { app, address, opened, stop_listening, stop_working, listening, working })
    }

    /// Stops accepting, finishes what is under way, closes the database.
    pub(super) async fn stop(self) {
        self.stop_listening.cancel();
        // Live sockets do not end by themselves.
        self.app.shutdown.cancel();
        self.listening.close();
        self.listening.wait().await;
        self.stop_working.cancel();
        self.working.close();
        self.working.wait().await;
        self.app.stop().await;
        self.opened.engine.store.close().await;
        drop(self.opened.lock);
    }
}

/// Waits for SIGTERM or SIGINT.
pub(super) async fn until_told_to_stop() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    Ok(())
}
