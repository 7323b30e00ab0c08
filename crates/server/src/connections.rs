//! Inboxes with their opened secrets, in memory, so that a webhook is checked without asking the database.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use centrala_domain::inbox::Connection;
use centrala_domain::{InboxId, WorkspaceId};
use centrala_store::inboxes;

use crate::state::App;

/// An unknown inbox makes us look into the database at most this often: another process may have made it.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// An inbox that is connected.
#[derive(Debug, Clone)]
pub struct Connected {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Settings and secrets.
    pub connection: Arc<Connection>,
}

#[derive(Default)]
struct Known {
    inboxes: HashMap<InboxId, Connected>,
    looked_at: Option<Instant>,
}

/// What is known of all inboxes.
#[derive(Default)]
pub struct Connections(RwLock<Known>);

impl Connections {
    /// One inbox.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(&self, app: &App, id: InboxId) -> centrala_store::Result<Option<Connected>> {
        if let Some(connected) = self.get(id) {
            return Ok(Some(connected));
        }
        let is_fresh = {
            let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
            known.looked_at.is_some_and(|at| at.elapsed() < LOOK_EVERY)
        };
        if is_fresh {
            return Ok(None);
        }
        self.reload(app).await?;
        Ok(self.get(id))
    }

    fn get(&self, id: InboxId) -> Option<Connected> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).inboxes.get(&id).cloned()
    }

    /// Reads all of them again.
    ///
    /// # Errors
    /// The database's. An inbox whose secrets do not open is left out and logged; the others work.
    pub async fn reload(&self, app: &App) -> centrala_store::Result<()> {
        let mut reader = app.store.read().await?;
        let all = inboxes::all_connections(&mut reader, &app.vault).await?;
        drop(reader);
        let mut fresh = HashMap::with_capacity(all.len());
        for (workspace, id, connection) in all {
            match connection {
                Ok(connection) => {
                    fresh.insert(id, Connected { workspace, connection: Arc::new(connection) });
                }
                Err(error) => {
                    tracing::error!(inbox.id = %id, error = %error, "the secrets of an inbox cannot be opened");
                }
            }
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *known = Known { inboxes: fresh, looked_at: Some(Instant::now()) };
        Ok(())
    }
}
