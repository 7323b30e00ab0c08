//! Facts as they are committed, for whoever shows them now. Nothing here is kept: a subscriber that falls
//! behind reads the log.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use centrala_domain::event::Recorded;
use centrala_domain::permission::Scope;
use centrala_domain::{InboxId, WorkspaceId};
use centrala_store::events;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::Engine;

/// Batches that a slow subscriber may be behind before it has to read the log.
pub const BEHIND: usize = 1024;

/// How often the log is looked at for facts of other processes.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Hands committed facts to subscribers, per workspace. Cloning is cheap.
#[derive(Clone, Default)]
pub struct LiveHub {
    rooms: Arc<Mutex<HashMap<WorkspaceId, broadcast::Sender<Arc<Batch>>>>>,
}

/// The facts of one commit, in order of their numbers.
#[derive(Debug)]
pub struct Batch {
    /// Number of the first; one more than the last when there is none.
    pub seq_from: i64,
    /// Number of the last.
    pub seq_to: i64,
    /// The facts.
    pub events: Vec<Arc<LiveEvent>>,
}

/// A fact and its JSON, written once for all sockets.
#[derive(Debug)]
pub struct LiveEvent {
    /// The fact.
    pub recorded: Recorded,
    /// Its JSON.
    pub json: Bytes,
    /// The inbox of its conversation, once a subscriber has looked it up: the same for all of them.
    pub inbox: OnceLock<InboxId>,
}

impl LiveEvent {
    /// Writes the JSON of a fact.
    #[must_use]
    pub fn new(recorded: Recorded) -> Self {
        // A fact is made of ids, numbers and texts: it can always be written.
        let json = serde_json::to_vec(&recorded).map(Bytes::from).unwrap_or_default();
        Self { recorded, json, inbox: OnceLock::new() }
    }
}

impl LiveHub {
    /// Follows a workspace from now on.
    #[must_use]
    pub fn subscribe(&self, workspace: WorkspaceId) -> broadcast::Receiver<Arc<Batch>> {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        rooms.entry(workspace).or_insert_with(|| broadcast::channel(BEHIND).0).subscribe()
    }

    /// The workspaces that somebody follows.
    #[must_use]
    pub fn followed(&self) -> Vec<WorkspaceId> {
        let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        rooms.iter().filter(|(_, room)| room.receiver_count() > 0).map(|(workspace, _)| *workspace).collect()
    }

    /// Tells the subscribers of a workspace how far its log goes. Whoever is behind reads it.
    fn tell_seq(&self, workspace: WorkspaceId, seq: i64) {
        let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(room) = rooms.get(&workspace) {
            // Everyone may have left in the meantime; there is nothing to tell then.
            let _ = room.send(Arc::new(Batch { seq_from: seq + 1, seq_to: seq, events: Vec::new() }));
        }
    }

    /// Hands facts to the subscribers of their workspace. Nothing is written as JSON when nobody listens.
    pub fn publish(&self, workspace: WorkspaceId, facts: &[Recorded]) {
        let (Some(first), Some(last)) = (facts.first(), facts.last()) else { return };
        let room = {
            let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            match rooms.get(&workspace) {
                Some(room) if room.receiver_count() > 0 => room.clone(),
                Some(_) => {
                    rooms.remove(&workspace);
                    return;
                }
                None => return,
            }
        };
        let events = facts.iter().cloned().map(LiveEvent::new).map(Arc::new).collect();
        // Everyone may have left in the meantime; there is nothing to tell then.
        let _ = room.send(Arc::new(Batch { seq_from: first.seq, seq_to: last.seq, events }));
    }
}

/// Tells subscribers of facts that other processes committed to the same database, until told to stop.
pub async fn follow_log(engine: Engine, stop: CancellationToken) {
    let mut told = HashMap::new();
    while !stop.is_cancelled() {
        for workspace in engine.live.followed() {
            match last_seq(&engine, workspace).await {
                Ok(seq) if told.insert(workspace, seq) == Some(seq) => {}
                Ok(seq) => engine.live.tell_seq(workspace, seq),
                Err(error) => tracing::warn!(error = %error, "the log could not be looked at"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn last_seq(engine: &Engine, workspace: WorkspaceId) -> centrala_store::Result<i64> {
    let mut reader = engine.store.read().await?;
    events::last_seq(&Scope::system(workspace), &mut reader).await
}
