//! Fidelity: which of Meta's shapes and rules apply, and how long things take. Changed by `PATCH /sandbox/settings`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which identifiers of a customer webhooks carry.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// The shape before 2026: phone numbers only.
    Phone,
    /// The shape of 2026: user ids always, phone numbers where visible.
    Bsuid,
    /// Nobody shows a phone number.
    Username,
}

/// How webhook bodies are spelled.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Escape {
    /// As Meta does: ASCII only, with `\uXXXX` and `\/`.
    Meta,
    /// UTF-8 as it is.
    Plain,
}

/// How template languages are spelled in webhooks.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum LocaleStyle {
    /// `en_US`
    #[serde(rename = "en_US")]
    Underscore,
    /// `en-US`
    #[serde(rename = "en-US")]
    Hyphen,
}

/// How a message outside the 24 hour window is refused.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowErrors {
    /// Accepted, then a `failed` status.
    Webhook,
    /// Refused in the answer.
    Sync,
}

/// Everything about the simulation that can change while it runs.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Which identifiers webhooks carry.
    pub identity: Identity,
    /// The webhook version of the app's subscription; below 24 statuses carry a conversation.
    pub webhook_version: u32,
    /// How webhook bodies are spelled.
    pub escape: Escape,
    /// How template languages are spelled in webhooks.
    pub locale_style: LocaleStyle,
    /// False lets free-form messages through at any time.
    pub enforce_window: bool,
    /// How a message outside the window is refused.
    pub window_errors: WindowErrors,
    /// False lifts the limit of one message per 6 seconds to the same person.
    pub pair_limit: bool,
    /// Messages per second that a number may send.
    pub throughput: u32,
    /// Service messages per number and month that cost nothing since 2026-10-01.
    pub free_service_messages: u32,
    /// True if every call must carry `appsecret_proof`.
    pub require_appsecret_proof: bool,
    /// True if incoming media carry a link beside their id.
    pub media_url_in_webhooks: bool,
    /// True if an open chat reports `read` without `delivered` before it.
    pub read_without_delivered: bool,
    /// From acceptance to `sent`, in real milliseconds.
    pub sent_ms: u64,
    /// From acceptance to `delivered`.
    pub delivered_ms: u64,
    /// From acceptance to `read`.
    pub read_ms: u64,
    /// From acceptance to `played`, for voice messages.
    pub played_ms: u64,
    /// The first pause before a webhook is tried again; it doubles each time.
    pub retry_base_ms: u64,
    /// The longest pause between two attempts.
    pub retry_max_ms: u64,
    /// How many updates one webhook may carry; 1 sends each alone.
    pub batch_max: usize,
    /// How long a batch waits for company.
    pub batch_wait_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            identity: Identity::Bsuid,
            webhook_version: 26,
            escape: Escape::Meta,
            locale_style: LocaleStyle::Underscore,
            enforce_window: true,
            window_errors: WindowErrors::Webhook,
            pair_limit: true,
            throughput: 80,
            free_service_messages: 1000,
            require_appsecret_proof: false,
            media_url_in_webhooks: true,
            read_without_delivered: false,
            sent_ms: 20,
            delivered_ms: 60,
            read_ms: 400,
            played_ms: 700,
            retry_base_ms: 200,
            retry_max_ms: 5000,
            batch_max: 1,
            batch_wait_ms: 50,
        }
    }
}

impl Settings {
    /// These settings with some members replaced; unknown members are refused.
    pub(crate) fn patched(&self, patch: &Value) -> Result<Self, String> {
        let members = patch.as_object().ok_or("the body must be an object of settings")?;
        let mut all = serde_json::to_value(self).map_err(|error| error.to_string())?;
        if let Some(object) = all.as_object_mut() {
            object.extend(members.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        let next: Self = serde_json::from_value(all).map_err(|error| error.to_string())?;
        if next.batch_max == 0 || next.batch_max > 1000 {
            return Err("batch_max must be between 1 and 1000".to_owned());
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_changes_only_what_it_names() {
        let patched = Settings::default().patched(&json!({"identity": "username", "sent_ms": 1})).unwrap();
        assert_eq!(patched.identity, Identity::Username);
        assert_eq!(patched.sent_ms, 1);
        assert_eq!(patched.read_ms, Settings::default().read_ms);
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        assert!(Settings::default().patched(&json!({"identitty": "phone"})).is_err());
        assert!(Settings::default().patched(&json!({"batch_max": 0})).is_err());
    }
}
