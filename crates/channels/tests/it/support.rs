//! What the tests share: a channel, an endpoint, and webhooks to take apart.

use std::sync::LazyLock;
use std::time::Duration;

use centrala_channels::{Timeouts, WhatsappCloud};
use centrala_domain::inbound::{Inbound, InboundMessage, InboundStatus, Item};
use centrala_domain::inbox::{ChannelConfig, ChannelSecrets, Connection, Health, Inbox, WhatsappCloudConfig};
use centrala_domain::ports::Channel;
use centrala_domain::{InboxId, MediaId, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const PHONE_NUMBER_ID: &str = "1060000000001";
pub(crate) const SENT_AT: i64 = 1_790_000_000;

/// A channel that waits long enough for a busy machine.
pub(crate) fn channel() -> WhatsappCloud {
    channel_waiting(Duration::from_secs(20))
}

/// A channel that waits so long for a call.
pub(crate) fn channel_waiting(call: Duration) -> WhatsappCloud {
    let timeouts = Timeouts { connect: Duration::from_secs(2), call, transfer: Duration::from_secs(60) };
    WhatsappCloud::new(timeouts).unwrap()
}

/// An endpoint whose Graph API is at an address.
pub(crate) fn connection(base_url: &str) -> Connection {
    let config = WhatsappCloudConfig {
        base_url: base_url.into(),
        api_version: "v26.0".into(),
        app_id: "700".into(),
        waba_id: "800".into(),
        phone_number_id: PHONE_NUMBER_ID.into(),
        display_phone_number: None,
    };
    let inbox = Inbox {
        id: InboxId(Uuid::from_u128(1)),
        name: "Shop".into(),
        config: ChannelConfig::WhatsappCloud(config),
        endpoint: PHONE_NUMBER_ID.into(),
        health: Health::default(),
        created_at: Timestamp::default(),
    };
    let secrets = ChannelSecrets {
        access_token: "TOKEN-of-tests".into(),
        app_secrets: vec!["SECRET-of-tests".into()],
        verify_token: "VERIFY-of-tests".into(),
    };
    Connection { inbox, secrets }
}

pub(crate) fn media_id(number: u128) -> MediaId {
    MediaId(Uuid::from_u128(number))
}

/// Takes a body apart; media ids count from one.
pub(crate) fn parse(body: &[u8]) -> Vec<Inbound> {
    static CHANNEL: LazyLock<WhatsappCloud> = LazyLock::new(channel);
    let mut last = 0;
    CHANNEL.parse(body, &mut || {
        last += 1;
        media_id(last)
    })
}

/// A webhook with one change.
pub(crate) fn change(field: &str, value: &Value) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [
        {"id": "800", "changes": [{"field": field, "value": value}]}]})
}

/// A value of the field `messages` with some members.
pub(crate) fn value(members: &Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "40310000000", "phone_number_id": PHONE_NUMBER_ID},
    });
    for (name, member) in members.as_object().unwrap() {
        value[name] = member.clone();
    }
    value
}

/// A message of Ana's with some members.
pub(crate) fn message(members: &Value) -> Value {
    let mut message = json!({"from": "40700000001", "id": "wamid.A", "timestamp": SENT_AT.to_string()});
    for (name, member) in members.as_object().unwrap() {
        message[name] = member.clone();
    }
    message
}

/// The items of a `messages` change.
pub(crate) fn items(members: &Value) -> Vec<Item> {
    let found = parse(change("messages", &value(members)).to_string().as_bytes());
    found
        .into_iter()
        .map(|inbound| {
            assert_eq!(inbound.endpoint.as_deref(), Some(PHONE_NUMBER_ID));
            inbound.item
        })
        .collect()
}

/// The one message of a change.
pub(crate) fn only_message(members: &Value) -> InboundMessage {
    match <[Item; 1]>::try_from(items(members)) {
        Ok([Item::Message(message)]) => *message,
        other => panic!("{other:?}"),
    }
}

/// The one status of a change.
pub(crate) fn only_status(members: &Value) -> InboundStatus {
    match <[Item; 1]>::try_from(items(members)) {
        Ok([Item::Status(status)]) => *status,
        other => panic!("{other:?}"),
    }
}
