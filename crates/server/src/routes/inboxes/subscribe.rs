//! `POST /inboxes/{inbox}/subscribe`

use axum::extract::State;
use centrala_domain::InboxId;
use centrala_domain::error_code::ErrorClass;
use centrala_domain::ports::CallError;
use centrala_store::inboxes;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Allowed, ManageInboxes};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::Path;
use crate::state::App;

/// The channel delivers from now on.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubscribedOut {
    /// Where to.
    #[schema(example = "https://inbox.example.com/webhooks/whatsapp_cloud/inb_0000000000000000000000000e")]
    webhook_url: String,
}

/// Make the channel deliver webhooks to this server.
///
/// The channel asks for the handshake while this request is under way, so it must reach this server at its public
/// address.
#[utoipa::path(post, path = "/api/v1/inboxes/{inbox}/subscribe", tag = "inboxes",
    params(("inbox" = String, Path, description = "Inbox", example = "inb_0000000000000000000000000e")),
    responses((status = 200, description = "Subscribed", body = SubscribedOut)),
    extensions(("x-problems" = json!(["channel-refused"]))))]
pub async fn subscribe_inbox(
    State(app): State<App>,
    allowed: Allowed<ManageInboxes>,
    Path(inbox): Path<InboxId>,
) -> Answer<axum::Json<SubscribedOut>> {
    let mut reader = app.store.read().await?;
    let connection = inboxes::connection(&allowed.scope, &mut reader, inbox, &app.vault)
        .await?
        .ok_or_else(Problem::not_found)?;
    drop(reader);
    let webhook_url = app.webhook_url(inbox);
    let channel = app.engine.channels.of(connection.inbox.channel()).ok_or(Slug::Unavailable)?;
    channel.subscribe(&connection, &webhook_url).await?;
    Ok(axum::Json(SubscribedOut { webhook_url }))
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        let problem = Self::new(Slug::ChannelRefused);
        let problem = match error.code {
            Some(code) => problem.detail(format!("{} (code {code})", error.detail)),
            None => problem.detail(&error.detail),
        };
        match (error.retry_after, error.class) {
            (Some(wait), _) => problem.retry_after(wait),
            (None, ErrorClass::Retry | ErrorClass::Throttle) => {
                problem.retry_after(std::time::Duration::from_secs(10))
            }
            (None, ErrorClass::Window | ErrorClass::Permanent | ErrorClass::Credential | ErrorClass::Account) => problem,
        }
    }
}
