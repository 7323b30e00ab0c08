//! `POST /inboxes`

use axum::extract::State;
use axum::http::StatusCode;
use centrala_domain::inbox::{ChannelConfig, WhatsappCloudConfig};
use centrala_domain::{InboxId, Private};
use centrala_engine::commands::inboxes::create::{CreateInbox, CreateInboxError};
use centrala_store::inboxes;
use serde::Deserialize;
use url::Url;
use utoipa::ToSchema;

use super::{InboxOut, SecretsIn};
use crate::auth::{Allowed, ManageInboxes};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::agents::created;
use crate::routes::input::Json;
use crate::state::App;

/// A new inbox on WhatsApp Cloud API.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InboxIn {
    /// What the team calls it; 1 to 100 characters.
    #[schema(example = "WhatsApp magazin")]
    name: String,
    /// Where the number lives.
    whatsapp_cloud: WhatsappCloudIn,
    /// Its credentials.
    secrets: SecretsIn,
}

/// Where a WhatsApp number lives.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhatsappCloudIn {
    /// Address of the Graph API; by default Meta's.
    #[schema(example = "https://graph.facebook.com")]
    base_url: Option<String>,
    /// Graph version.
    #[schema(example = "v26.0")]
    api_version: Option<String>,
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

const BASE_URL: &str = "https://graph.facebook.com";
const API_VERSION: &str = "v26.0";
/// Longest id that Meta gives.
pub(super) const ID_DIGITS: usize = 32;

impl WhatsappCloudIn {
    pub(super) fn checked(self) -> Answer<ChannelConfig> {
        let base_url = self.base_url.unwrap_or_else(|| BASE_URL.into());
        let api_version = self.api_version.unwrap_or_else(|| API_VERSION.into());
        let wrong = |member: &str, code: &str, rule: &str| {
            Problem::wrong(&format!("/whatsapp_cloud/{member}"), code, rule)
        };
        let is_base = Url::parse(&base_url).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        });
        if !is_base {
            return Err(wrong("base_url", "address", "an http or https address"));
        }
        let is_version = api_version
            .strip_prefix('v')
            .is_some_and(|v| !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
        if !is_version {
            return Err(wrong("api_version", "version", "such as v26.0"));
        }
        for (member, id) in
            [("app_id", &self.app_id), ("waba_id", &self.waba_id), ("phone_number_id", &self.phone_number_id)]
        {
            if id.is_empty() || id.len() > ID_DIGITS || !id.bytes().all(|b| b.is_ascii_digit()) {
                return Err(wrong(member, "digits", "1 to 32 digits").with("max", ID_DIGITS));
            }
        }
        Ok(ChannelConfig::WhatsappCloud(WhatsappCloudConfig {
            base_url: base_url.trim_end_matches('/').to_owned(),
            api_version,
            app_id: self.app_id,
            waba_id: self.waba_id,
            phone_number_id: self.phone_number_id,
            display_phone_number: self.display_phone_number,
        }))
    }
}

/// Connect an inbox.
///
/// The credentials are sealed and never shown again. Nothing is asked of the channel yet: `verify` checks the
/// credentials, `subscribe` makes the channel deliver.
#[utoipa::path(post, path = "/api/v1/inboxes", tag = "inboxes", request_body = InboxIn,
    responses((status = 201, description = "The new inbox", body = InboxOut)),
    extensions(("x-problems" = json!(["inbox-already-connected", "invalid-input"]))))]
pub async fn create_inbox(
    State(app): State<App>,
    allowed: Allowed<ManageInboxes>,
    Json(input): Json<InboxIn>,
) -> Answer<(StatusCode, axum::Json<InboxOut>)> {
    let InboxIn { name, whatsapp_cloud, secrets } = input;
    let (config, secrets) = (whatsapp_cloud.checked()?, secrets.checked()?);
    let id: InboxId = app.store.new_id();
    let sealed_secrets = inboxes::seal(&app.vault, id, &secrets)?;
    let inbox = app.store.execute(allowed.origin(), CreateInbox { id, name, config, sealed_secrets }).await?;
    // At once, because the channel may ask for the handshake before the fact has made its way.
    app.connections.reload(&app).await?;
    Ok(created(InboxOut::of(&app, inbox)))
}

impl From<CreateInboxError> for Problem {
    fn from(error: CreateInboxError) -> Self {
        match error {
            CreateInboxError::EndpointTaken => Slug::InboxAlreadyConnected.into(),
            CreateInboxError::Endpoint => Self::wrong("/whatsapp_cloud/phone_number_id", "digits", error).with("max", ID_DIGITS),
            CreateInboxError::Name => Self::length("/name", 1, 100, error),
            CreateInboxError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn credentials_go_in_and_never_come_out() {
        let app = TestApp::start().await;
        let body = json!({"name": "Magazin", "whatsapp_cloud": {"app_id": "1", "waba_id": "2", "phone_number_id": "77"},
            "secrets": {"access_token": "hidden-1", "app_secrets": ["hidden-2"], "verify_token": "hidden-3"}});
        let inbox = app.shop.admin.post("/api/v1/inboxes", body.clone()).await.created();
        assert_eq!(inbox["whatsapp_cloud"]["base_url"], "https://graph.facebook.com");
        let shown = app.shop.agent.get(&format!("/api/v1/inboxes/{}", inbox["id"].as_str().unwrap())).await.ok();
        assert!(!inbox.to_string().contains("hidden") && !shown.to_string().contains("hidden"));
        app.shop.admin.post("/api/v1/inboxes", body).await.problem(409, "inbox-already-connected");
    }

    #[tokio::test]
    async fn empty_secret_is_refused() {
        let app = TestApp::start().await;
        let body = json!({"name": "Magazin", "whatsapp_cloud": {"app_id": "1", "waba_id": "2", "phone_number_id": "78"},
            "secrets": {"access_token": "a", "app_secrets": [""], "verify_token": "b"}});
        let problem = app.shop.admin.post("/api/v1/inboxes", body).await.problem(422, "invalid-input");
        assert_eq!(problem["errors"][0]["pointer"], "/secrets/app_secrets");
    }
}
