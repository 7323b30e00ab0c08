//! Webhooks with a wrong or missing signature: counted in memory, written down every few seconds, so that a
//! flood of them costs next to nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use centrala_domain::{InboxId, WorkspaceId};
use centrala_engine::commands::inboxes::add_forged_webhooks::AddForgedWebhooks;
use centrala_store::Origin;

use crate::state::App;

/// Counts that are not written down yet.
#[derive(Default)]
pub struct Forged(Mutex<HashMap<InboxId, (WorkspaceId, u32)>>);

impl Forged {
    /// Counts one.
    pub fn count(&self, workspace: WorkspaceId, inbox: InboxId) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, count) = counts.entry(inbox).or_insert((workspace, 0));
        *count = count.saturating_add(1);
    }

    fn take(&self) -> HashMap<InboxId, (WorkspaceId, u32)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn give_back(&self, workspace: WorkspaceId, inbox: InboxId, more: u32) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, count) = counts.entry(inbox).or_insert((workspace, 0));
        *count = count.saturating_add(more);
    }
}

/// Writes the counts down.
pub async fn flush(app: &App) {
    for (inbox, (workspace, count)) in app.forged.take() {
        let origin = Origin::system(workspace, app.store.new_id());
        if let Err(error) = app.store.execute(origin, AddForgedWebhooks { inbox, count }).await {
            tracing::warn!(inbox.id = %inbox, error = %error, "forged webhooks could not be counted");
            app.forged.give_back(workspace, inbox, count);
        }
    }
}
