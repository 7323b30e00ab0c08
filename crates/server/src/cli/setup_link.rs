//! The one-time link that opens an empty installation.

use std::time::Duration;

use anyhow::Context as _;
use centrala_domain::{Private, TraceId, WorkspaceId};
use centrala_engine::commands::workspace::offer_set_up::OfferSetUp;
use centrala_store::Origin;
use centrala_store::login_sessions::hash_secret;

use crate::auth::secret;
use crate::state::App;

const LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// Makes a new link; older ones stop working. Gives its secret.
///
/// # Errors
/// The database's, or no random bytes.
pub async fn offer(app: &App) -> anyhow::Result<Private> {
    let secret = secret::new_secret().map_err(|_| anyhow::anyhow!("the system gives no random bytes"))?;
    let expires_at = app.store.clock().now().plus(LIFETIME);
    let workspace: WorkspaceId = app.store.new_id();
    let trace: TraceId = app.store.new_id();
    let command = OfferSetUp { secret_hash: hash_secret(secret.expose()), expires_at };
    app.store
        .execute(Origin::system(workspace, trace), command)
        .await
        .context("no set-up link could be made")?;
    Ok(secret)
}

/// The address to open. The secret stands behind the `#`, which browsers do not send.
#[must_use]
pub fn address(app: &App, secret: &Private) -> String {
    format!("{}/setup#{}", app.public_base, secret.expose())
}
