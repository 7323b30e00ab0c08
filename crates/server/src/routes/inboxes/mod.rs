//! Connected endpoints: settings, members, health. Credentials go in and never come out.

pub mod change;
pub mod create;
pub mod get;
pub mod list;
pub mod members;
pub mod set_members;
pub mod subscribe;
pub mod verify;

use centrala_domain::inbox::{ChannelConfig, ChannelSecrets, Health, HealthProblem, Inbox};
use centrala_domain::permission::Permission::{ManageInboxes, ReadWorkspace};
use centrala_domain::{ChannelKind, InboxId, Private, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::schemas::ChannelKindSchema;
use super::table::Route;
use crate::problem::{Answer, Problem};
use crate::state::App;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::needs(ReadWorkspace, routes!(list::list_inboxes)),
        Route::needs(ManageInboxes, routes!(create::create_inbox)),
        Route::needs(ReadWorkspace, routes!(get::get_inbox)),
        Route::needs(ManageInboxes, routes!(change::change_inbox)),
        Route::needs(ReadWorkspace, routes!(members::list_inbox_members)),
        Route::needs(ManageInboxes, routes!(set_members::set_inbox_members)),
        Route::needs(ManageInboxes, routes!(verify::verify_inbox)),
        Route::needs(ManageInboxes, routes!(subscribe::subscribe_inbox)),
    ]
}

/// A connected endpoint, without its credentials.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboxOut {
    /// Id.
    #[schema(value_type = String, example = "inb_0000000000000000000000000e")]
    id: InboxId,
    /// What the team calls it.
    #[schema(example = "WhatsApp magazin")]
    name: String,
    /// Kind of transport.
    #[schema(value_type = ChannelKindSchema)]
    channel: ChannelKind,
    /// Where it lives.
    whatsapp_cloud: WhatsappCloudOut,
    /// The address that the channel delivers webhooks to.
    #[schema(example = "https://inbox.example.com/webhooks/whatsapp_cloud/inb_0000000000000000000000000e")]
    webhook_url: String,
    /// What is known of its health.
    health: HealthOut,
    /// When it was connected.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    created_at: Timestamp,
}

/// Where a WhatsApp number lives.
#[derive(Debug, Serialize, ToSchema)]
pub struct WhatsappCloudOut {
    /// Address of the Graph API.
    #[schema(example = "https://graph.facebook.com")]
    base_url: String,
    /// Graph version.
    #[schema(example = "v26.0")]
    api_version: String,
    /// Meta app id.
    #[schema(example = "1203981203981")]
    app_id: String,
    /// WhatsApp Business Account id.
    #[schema(example = "1029384756102938")]
    waba_id: String,
    /// Phone-number id.
    #[schema(example = "1122334455667788")]
    phone_number_id: String,
    /// The number as people read it.
    #[schema(value_type = Option<String>, example = "+40 364 555 100")]
    display_phone_number: Option<Private>,
}

/// Evidence of health: a list of facts, not a switch.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthOut {
    /// Last message or status that reached us.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_inbound_at: Option<Timestamp>,
    /// Last message that the channel took.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_accepted_at: Option<Timestamp>,
    /// Last time the channel accepted the credential.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_authenticated_at: Option<Timestamp>,
    /// Set while the channel refuses the credential.
    credential_problem: Option<HealthProblemOut>,
    /// Last other failure.
    last_problem: Option<HealthProblemOut>,
    /// Webhooks with a wrong or missing signature.
    forged_webhooks: i64,
}

/// Something that went wrong with an endpoint.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthProblemOut {
    /// When.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T12:00:00Z")]
    at: Timestamp,
    /// The channel's error code.
    code: Option<i64>,
    /// What it said.
    detail: String,
}

impl HealthProblemOut {
    fn of(problem: HealthProblem) -> Self {
        let HealthProblem { at, code, detail } = problem;
        Self { at, code, detail }
    }
}

impl InboxOut {
    fn of(app: &App, inbox: Inbox) -> Self {
        let channel = inbox.channel();
        let Inbox { id, name, config, endpoint: _, health, created_at } = inbox;
        let ChannelConfig::WhatsappCloud(config) = config;
        let Health {
            last_inbound_at,
            last_accepted_at,
            last_authenticated_at,
            credential_problem,
            last_problem,
            forged_webhooks,
        } = health;
        Self {
            id,
            name,
            channel,
            whatsapp_cloud: WhatsappCloudOut {
                base_url: config.base_url,
                api_version: config.api_version,
                app_id: config.app_id,
                waba_id: config.waba_id,
                phone_number_id: config.phone_number_id,
                display_phone_number: config.display_phone_number,
            },
            webhook_url: app.webhook_url(id),
            health: HealthOut {
                last_inbound_at,
                last_accepted_at,
                last_authenticated_at,
                credential_problem: credential_problem.map(HealthProblemOut::of),
                last_problem: last_problem.map(HealthProblemOut::of),
                forged_webhooks,
            },
            created_at,
        }
    }
}

/// Credentials of a WhatsApp number; never shown again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretsIn {
    /// Bearer token for calls.
    #[schema(value_type = String, example = "EAAJB…")]
    access_token: Private,
    /// Keys of webhook signatures, newest first: several while one is being replaced.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 4)]
    app_secrets: Vec<Private>,
    /// Token of the webhook handshake.
    #[schema(value_type = String, example = "un-cuvant-al-nostru")]
    verify_token: Private,
}

const APP_SECRETS_MAX: usize = 4;

impl SecretsIn {
    fn checked(self) -> Answer<ChannelSecrets> {
        let Self { access_token, app_secrets, verify_token } = self;
        let is_header_safe = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        if !is_header_safe(access_token.expose()) {
            return Err(Problem::wrong("/secrets/access_token", "characters", "visible ASCII characters"));
        }
        if verify_token.expose().is_empty() {
            return Err(Problem::wrong("/secrets/verify_token", "empty", "must not be empty"));
        }
        if app_secrets.len() > APP_SECRETS_MAX {
            return Err(Problem::wrong("/secrets/app_secrets", "too-many", "1 to 4 secrets")
                .with("max", APP_SECRETS_MAX));
        }
        if app_secrets.is_empty() || app_secrets.iter().any(|secret| secret.expose().is_empty()) {
            return Err(Problem::wrong("/secrets/app_secrets", "empty", "1 to 4 secrets, none empty"));
        }
        Ok(ChannelSecrets { access_token, app_secrets, verify_token })
    }
}
