//! A connected endpoint: its settings, its secrets, its health.

use serde::{Deserialize, Serialize};

use crate::channel::ChannelKind;
use crate::{InboxId, Private, Timestamp};

/// A connected endpoint without its secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inbox {
    /// Id.
    pub id: InboxId,
    /// What the team calls it.
    pub name: String,
    /// How it is reached.
    pub config: ChannelConfig,
    /// The channel's own id of the endpoint (the phone-number id): unique in the workspace.
    pub endpoint: String,
    /// What is known of its health.
    pub health: Health,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Inbox {
    /// Kind of transport.
    #[must_use]
    pub const fn channel(&self) -> ChannelKind {
        match self.config {
            ChannelConfig::WhatsappCloud(_) => ChannelKind::WhatsappCloud,
        }
    }
}

/// Settings of one endpoint, by kind of transport.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "channel", rename_all = "snake_case")]
pub enum ChannelConfig {
    /// WhatsApp Cloud API.
    WhatsappCloud(WhatsappCloudConfig),
}

/// Where a WhatsApp number lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatsappCloudConfig {
    /// Address of the Graph API without version, such as `https://graph.facebook.com`.
    pub base_url: String,
    /// Graph version, such as `v26.0`.
    pub api_version: String,
    /// Meta app id.
    pub app_id: String,
    /// WhatsApp Business Account id.
    pub waba_id: String,
    /// Phone-number id.
    pub phone_number_id: String,
    /// The number as people read it.
    pub display_phone_number: Option<Private>,
}

/// Secrets of an endpoint. Kept sealed, never shown again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelSecrets {
    /// Bearer token for calls.
    pub access_token: Private,
    /// Keys of webhook signatures, newest first: several, so that a rotation drops nothing. Never empty.
    pub app_secrets: Vec<Private>,
    /// Token of the webhook handshake.
    pub verify_token: Private,
}

/// Everything needed to speak with an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// The endpoint.
    pub inbox: Inbox,
    /// Its secrets.
    pub secrets: ChannelSecrets,
}

/// Health is a list of evidence, not a switch: a bad answer never makes us discard inbound messages, and only
/// an answer about the credential itself asks for a new one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// Last message or status that reached us.
    pub last_inbound_at: Option<Timestamp>,
    /// Last message that the channel took.
    pub last_accepted_at: Option<Timestamp>,
    /// Last time the channel accepted the credential.
    pub last_authenticated_at: Option<Timestamp>,
    /// Set when the channel refused the credential; cleared when it accepts one.
    pub credential_problem: Option<HealthProblem>,
    /// Last other failure of a call.
    pub last_problem: Option<HealthProblem>,
    /// Webhooks with a wrong or missing signature since the inbox was made.
    pub forged_webhooks: i64,
}

/// Something that went wrong with an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthProblem {
    /// When.
    pub at: Timestamp,
    /// The channel's error code, if it gave one.
    pub code: Option<i64>,
    /// What it said.
    pub detail: String,
}
