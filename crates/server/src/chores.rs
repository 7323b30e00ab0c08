//! What runs beside the requests: following facts that change what is kept in memory, and tidying up.

use std::sync::Arc;
use std::time::Duration;

use centrala_domain::WorkspaceId;
use centrala_domain::event::Event;
use centrala_engine::live::Batch;
use centrala_store::workspaces;
use tokio::sync::broadcast::error::RecvError;

use crate::state::App;

const FLUSH_EVERY: Duration = Duration::from_secs(5);
const TIDY_EVERY: Duration = Duration::from_secs(60);
/// Another process on the same database may have changed an inbox: nobody tells us, so we look.
const RELOAD_EVERY: Duration = Duration::from_secs(30);

/// Starts all of it.
pub fn start(app: &App) {
    app.beside(every(FLUSH_EVERY, app.clone(), async |app| crate::forged::flush(app).await));
    app.beside(every(TIDY_EVERY, app.clone(), async |app| {
        app.sign_in_limits.tidy();
        app.tickets.tidy(app.store.clock().now());
    }));
    app.beside(every(RELOAD_EVERY, app.clone(), async |app| reload(app).await));
    let starter = app.clone();
    app.beside(async move {
        match workspace_ids(&starter).await {
            Ok(ids) => ids.into_iter().for_each(|id| follow(&starter, id)),
            Err(error) => tracing::warn!(error = %error, "the workspaces could not be read"),
        }
    });
}

async fn workspace_ids(app: &App) -> centrala_store::Result<Vec<WorkspaceId>> {
    let mut reader = app.store.read().await?;
    workspaces::ids(&mut reader).await
}

async fn every(period: Duration, app: App, chore: impl AsyncFn(&App)) {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        chore(&app).await;
    }
}

/// Follows the facts of a workspace from now on.
pub fn follow(app: &App, workspace: WorkspaceId) {
    let mut room = app.engine.live.subscribe(workspace);
    let follower = app.clone();
    app.beside(async move {
        loop {
            match room.recv().await {
                Ok(batch) if changes_connections(&batch) => reload(&follower).await,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => reload(&follower).await,
                Err(RecvError::Closed) => return,
            }
        }
    });
}

fn changes_connections(batch: &Arc<Batch>) -> bool {
    batch
        .events
        .iter()
        .any(|event| matches!(event.recorded.event, Event::InboxCreated { .. } | Event::InboxChanged { .. }))
}

async fn reload(app: &App) {
    if let Err(error) = app.connections.reload(app).await {
        tracing::warn!(error = %error, "the inboxes could not be read again");
    }
}
