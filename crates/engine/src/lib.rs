//! What happens: commands, routing of facts to jobs, jobs, the projector of receipts, the worker, the live hub.
//!
//! Here are no HTTP types and no SQL text; the outside world is known only through the ports in
//! `domain::ports`. A command changes state; a job does slow or fallible work and ends by executing a command;
//! [`route`] tells every consequence of every fact.

pub mod attention;
pub mod commands;
pub mod fail_points;
pub mod jobs;
pub mod live;
pub mod projector;
pub mod push;
pub mod route;
pub mod upkeep;
pub mod worker;

mod backoff;
mod clock_look;
#[cfg(test)]
mod testing;

use std::collections::HashMap;
use std::sync::Arc;

use centrala_domain::ChannelKind;
use centrala_domain::ports::{Channel, Clock};
use centrala_store::blobs::Blobs;
use centrala_store::write::Hooks;
use centrala_store::{Options, Store, Vault};
use tokio::sync::Notify;

use crate::attention::Attention;
use crate::live::LiveHub;
use crate::push::PushQueue;

/// Everything that commands and jobs need, as the rest of the program holds it. Cloning is cheap.
#[derive(Clone)]
pub struct Engine {
    /// The database.
    pub store: Store,
    /// How we speak with customers.
    pub channels: Channels,
    /// Opens the secrets of inboxes.
    pub vault: Vault,
    /// The bytes of files.
    pub blobs: Blobs,
    /// Facts as they are committed.
    pub live: LiveHub,
    /// Who is at a screen.
    pub attention: Attention,
    /// Messages of which browsers are told.
    pub push: PushQueue,
    pub(crate) wake: Wake,
}

/// The channels that are plugged in.
#[derive(Clone, Default)]
pub struct Channels(Arc<HashMap<ChannelKind, Arc<dyn Channel>>>);

impl Channels {
    /// Plugs channels in.
    #[must_use]
    pub fn new(channels: Vec<Arc<dyn Channel>>) -> Self {
        Self(Arc::new(channels.into_iter().map(|channel| (channel.kind(), channel)).collect()))
    }

    /// The one of a kind.
    #[must_use]
    pub fn of(&self, kind: ChannelKind) -> Option<&Arc<dyn Channel>> {
        self.0.get(&kind)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Arc<dyn Channel>> {
        self.0.values()
    }
}

/// Hints that something is due. They may be lost without harm: whoever waits also looks by himself.
#[derive(Clone, Default)]
pub(crate) struct Wake {
    pub(crate) jobs: Arc<Notify>,
    pub(crate) receipts: Arc<Notify>,
}

impl Engine {
    /// Opens the database with everything plugged in. Does not migrate and starts no worker.
    ///
    /// # Errors
    /// [`centrala_store::Error::Unavailable`] when the database cannot be reached.
    pub async fn open(
        options: Options,
        clock: Arc<dyn Clock>,
        channels: Channels,
        vault: Vault,
        blobs: Blobs,
    ) -> centrala_store::Result<Self> {
        let live = LiveHub::default();
        let wake = Wake::default();
        let push = PushQueue::default();
        let hooks = hooks(live.clone(), wake.clone(), push.clone());
        let store = Store::open(options, clock, hooks).await?;
        Ok(Self { store, channels, vault, blobs, live, attention: Attention::default(), push, wake })
    }

    /// An engine over a store that was opened with [`hooks`] (tests bring their own store).
    #[must_use]
    pub fn over(store: Store, channels: Channels, vault: Vault, blobs: Blobs, live: LiveHub) -> Self {
        let (attention, push) = (Attention::default(), PushQueue::default());
        Self { store, channels, vault, blobs, live, attention, push, wake: Wake::default() }
    }
}

fn hooks(live: LiveHub, wake: Wake, push: PushQueue) -> Hooks {
    Hooks {
        route: route::route,
        committed: Arc::new(move |committed| {
            if committed.has_due_jobs {
                wake.jobs.notify_waiters();
            }
            if committed.has_receipts {
                wake.receipts.notify_one();
            }
            for (workspace, facts) in &committed.events {
                live.publish(*workspace, facts);
                push.put(*workspace, facts);
            }
        }),
    }
}
