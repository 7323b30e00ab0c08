//! Connected endpoints: connecting, changing, staffing them, and evidence of their health that no message brings.

pub mod add_forged_webhooks;
pub mod change;
pub mod create;
pub mod record_check;
pub mod set_members;

use centrala_domain::inbox::ChannelConfig;

/// The channel's own id of an endpoint, from its settings.
fn endpoint(config: &ChannelConfig) -> Option<String> {
    match config {
        ChannelConfig::WhatsappCloud(config) => {
            let id = config.phone_number_id.trim();
            (!id.is_empty()).then(|| id.to_owned())
        }
    }
}
