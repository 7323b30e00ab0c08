//! Facts as they are committed, for whoever shows them now. Nothing here is kept: a subscriber that falls
//! behind reads the log.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use centrala_domain::WorkspaceId;
use centrala_domain::event::Recorded;
use tokio::sync::broadcast;

/// Batches that a slow subscriber may be behind before it has to read the log.
const BEHIND: usize = 1024;

/// Hands committed facts to subscribers, per workspace. Cloning is cheap.
#[derive(Clone, Default)]
pub struct LiveHub {
    rooms: Arc<Mutex<HashMap<WorkspaceId, broadcast::Sender<Arc<Batch>>>>>,
}

/// The facts of one commit, in order of their numbers.
#[derive(Debug)]
pub struct Batch {
    /// Number of the first.
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
}

impl LiveEvent {
    /// Writes the JSON of a fact.
    #[must_use]
    pub fn new(recorded: Recorded) -> Self {
        // A fact is made of ids, numbers and texts: it can always be written.
        let json = serde_json::to_vec(&recorded).map(Bytes::from).unwrap_or_default();
        Self { recorded, json }
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
