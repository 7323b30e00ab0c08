//! `PATCH /inboxes/{inbox}`

use axum::extract::State;
use centrala_domain::InboxId;
use centrala_engine::commands::inboxes::change::{ChangeInbox, ChangeInboxError};
use centrala_store::inboxes;
use serde::Deserialize;
use utoipa::ToSchema;

use super::create::{ID_DIGITS, WhatsappCloudIn};
use super::{InboxOut, SecretsIn};
use crate::auth::{Allowed, ManageInboxes};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::{Json, Path};
use crate::state::App;

/// What changes; what is absent stays. Settings and credentials are replaced whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InboxPatch {
    /// What the team calls it; 1 to 100 characters.
    #[schema(example = "WhatsApp comenzi")]
    name: Option<String>,
    /// Where the number lives.
    whatsapp_cloud: Option<WhatsappCloudIn>,
    /// Its credentials.
    secrets: Option<SecretsIn>,
}

/// Change an inbox's name, settings or credentials.
#[utoipa::path(patch, path = "/api/v1/inboxes/{inbox}", tag = "inboxes", request_body = InboxPatch,
    params(("inbox" = String, Path, description = "Inbox", example = "inb_0000000000000000000000000e")),
    responses((status = 200, description = "The inbox", body = InboxOut)),
    extensions(("x-problems" = json!(["inbox-already-connected", "invalid-input"]))))]
pub async fn change_inbox(
    State(app): State<App>,
    allowed: Allowed<ManageInboxes>,
    Path(inbox): Path<InboxId>,
    Json(patch): Json<InboxPatch>,
) -> Answer<axum::Json<InboxOut>> {
    let InboxPatch { name, whatsapp_cloud, secrets } = patch;
    let config = whatsapp_cloud.map(WhatsappCloudIn::checked).transpose()?;
    let secrets = secrets.map(SecretsIn::checked).transpose()?;
    let sealed_secrets =
        secrets.map(|secrets| inboxes::seal(&app.vault, inbox, &secrets)).transpose()?;
    let command = ChangeInbox { inbox, name, config, sealed_secrets };
    let changed = app.store.execute(allowed.origin(), command).await?;
    app.connections.reload(&app).await?;
    Ok(axum::Json(InboxOut::of(&app, changed)))
}

impl From<ChangeInboxError> for Problem {
    fn from(error: ChangeInboxError) -> Self {
        match error {
            ChangeInboxError::NotFound => Self::not_found(),
            ChangeInboxError::EndpointTaken => Slug::InboxAlreadyConnected.into(),
            ChangeInboxError::Endpoint => Self::wrong("/whatsapp_cloud/phone_number_id", "digits", error).with("max", ID_DIGITS),
            ChangeInboxError::Name => Self::length("/name", 1, 100, error),
            ChangeInboxError::Store(error) => error.into(),
        }
    }
}
