//! `POST /webhooks/whatsapp_cloud/{inbox}`: a delivery. The 200 means that it is on disk.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use centrala_domain::InboxId;
use centrala_store::Origin;
use centrala_store::receipts::KeepReceipt;
use fail::fail_point;

use crate::edge::RequestId;
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::{Path, read_body};
use crate::state::App;

/// Meta sends up to 3 MB; a little more, so that the limit is never the one that is met first.
const BODY_BYTES: usize = 3 * 1024 * 1024 + 64 * 1024;
/// Deliveries are refused while so many commands wait. Meta tries again for days; accepting and losing would be
/// worse.
const WAITING_MAX: usize = 2048;
/// Meta gives up after about this long; what was written by then comes again and changes nothing.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(10);

/// Take a delivery of WhatsApp.
///
/// The signature is checked on the raw bytes before anything is read. 200 after the delivery is on disk; 503
/// when it cannot be kept now.
#[utoipa::path(post, path = "/webhooks/whatsapp_cloud/{inbox}", tag = "webhooks",
    params(("inbox" = String, Path, description = "Inbox", example = "inb_0000000000000000000000000e")),
    request_body(content = String, content_type = "application/json", description = "Whatever Meta sends",
        example = json!({"object": "whatsapp_business_account", "entry": []})),
    responses((status = 200, description = "Kept")),
    extensions(("x-problems" = json!(["invalid-signature", "too-large", "invalid-id", "not-found"]))))]
pub async fn receive_webhook(
    State(app): State<App>,
    Path(inbox): Path<InboxId>,
    Extension(RequestId(trace)): Extension<RequestId>,
    headers: HeaderMap,
    body: Body,
) -> Answer<StatusCode> {
    let connected = app.connections.find(&app, inbox).await?.ok_or_else(Problem::not_found)?;
    let raw = read_body(&headers, body, BODY_BYTES).await?;
    let signature = headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok());
    let channel = app.engine.channels.of(connected.connection.inbox.channel()).ok_or(Slug::Unavailable)?;
    if !channel.is_authentic(&connected.connection, signature, &raw) {
        app.forged.count(connected.workspace, inbox);
        return Err(Slug::InvalidSignature.into());
    }
    if app.store.waiting_commands() > WAITING_MAX {
        return Err(Slug::Unavailable.into());
    }
    fail_point!("webhook_before_keep");
    let kept = app
        .store
        .execute(Origin::system(connected.workspace, trace), KeepReceipt { inbox, raw: raw.to_vec() });
    match tokio::time::timeout(COMMIT_TIMEOUT, kept).await {
        Ok(Ok(_)) => {
            fail_point!("webhook_after_keep");
            Ok(StatusCode::OK)
        }
        Ok(Err(error)) => {
            tracing::error!(inbox.id = %inbox, error = %error, "a delivery could not be kept");
            Err(Slug::Unavailable.into())
        }
        Err(_) => Err(Slug::Unavailable.into()),
    }
}
