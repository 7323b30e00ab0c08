//! Delivery statuses out of webhooks.

use centrala_domain::Timestamp;
use centrala_domain::inbound::{Item, Pricing, UpstreamError};
use centrala_domain::message::DeliveryStatus;
use serde_json::{Value, json};

use crate::support::{SENT_AT, items, only_status};

fn status(members: &Value) -> Value {
    let mut status =
        json!({"id": "wamid.O", "status": "sent", "timestamp": "1790000000", "recipient_id": "40700000001"});
    status.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    status
}

#[test]
fn every_status_is_read_in_the_order_it_came() {
    let names = ["played", "read", "sent", "failed", "delivered"];
    let sent: Vec<_> = names.iter().map(|name| status(&json!({"status": name}))).collect();
    let found: Vec<_> = items(&json!({ "statuses": sent }))
        .into_iter()
        .map(|item| match item {
            Item::Status(status) => status.status.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(found, names);
}

#[test]
fn status_carries_reference_recipient_and_time() {
    let found = only_status(&json!({
        "contacts": [{"wa_id": "40700000001", "user_id": "RO.a1", "profile": {"name": "Ana"}}],
        "statuses": [status(&json!({"biz_opaque_callback_data": "msg_x.2", "timestamp": SENT_AT}))],
    }));
    assert_eq!(found.upstream_id, "wamid.O");
    assert_eq!(found.status, DeliveryStatus::Sent);
    assert_eq!(found.at, Timestamp::from_unix_seconds(SENT_AT));
    assert_eq!(found.callback_data.as_deref(), Some("msg_x.2"));
    assert_eq!(found.recipient.bsuid, Some("RO.a1".into()));
}

#[test]
fn status_without_a_phone_names_the_business_scoped_id() {
    for parent in ["recipient_parent_user_id", "parent_recipient_user_id", "parent_user_id"] {
        let sent = json!({"id": "wamid.O", "status": "read", "timestamp": "1790000000", "recipient_user_id": "RO.a1",
            parent: "RO.ENT.p"});
        let found = only_status(&json!({ "statuses": [sent] }));
        assert_eq!((found.recipient.bsuid, found.recipient.phone), (Some("RO.a1".into()), None));
    }
}

#[test]
fn what_is_charged_is_told_by_the_type() {
    let pricing =
        |pricing: Value| only_status(&json!({"statuses": [status(&json!({ "pricing": pricing }))]})).pricing;
    let wanted = |is_billable, kind: Option<&str>| {
        Some(Pricing {
            is_billable,
            kind: kind.map(str::to_owned),
            category: Some("authentication_international".into()),
            model: Some("PMP".into()),
        })
    };
    let category = "authentication-international";
    for (sent, wanted) in [
        (json!({"billable": false, "type": "regular"}), wanted(true, Some("regular"))),
        (json!({"billable": true, "type": "free_entry_point"}), wanted(false, Some("free_entry_point"))),
        (json!({"pricing_type": "regular"}), wanted(true, Some("regular"))),
        (json!({"billable": true}), wanted(true, None)),
        (json!({}), wanted(false, None)),
    ] {
        let mut sent = sent;
        sent["category"] = json!(category);
        sent["pricing_model"] = json!("PMP");
        assert_eq!(pricing(sent), wanted);
    }
    assert_eq!(pricing(Value::Null), None);
}

#[test]
fn failure_carries_its_error_without_phone_numbers() {
    let errors = json!([{"code": 131_026, "title": "Undeliverable", "message": "Undeliverable",
        "error_data": {"details": "Message to +40 700 000 001 undeliverable"}}]);
    let found = only_status(&json!({"statuses": [status(&json!({"status": "failed", "errors": errors}))]}));
    assert_eq!(found.status, DeliveryStatus::Failed);
    let wanted = UpstreamError { code: 131_026, detail: "Message to +*** undeliverable".into() };
    assert_eq!(found.error, Some(wanted));
}

#[test]
fn statuses_of_other_things_say_nothing_and_break_nothing() {
    let found = items(&json!({"statuses": [
        status(&json!({"status": "deleted"})),
        status(&json!({"status": "warning"})),
        status(&json!({"status": "status_of_the_future"})),
        status(&json!({"type": "call", "status": "RINGING"})),
        status(&json!({"recipient_type": "group", "recipient_participant_id": "40700000009"})),
        {"broken": true},
        status(&json!({"status": "delivered"})),
    ]}));
    match found.as_slice() {
        [Item::Unreadable { pointer, .. }, Item::Status(status)] => {
            assert_eq!(pointer, "/entry/0/changes/0/value/statuses/5");
            assert_eq!(status.status, DeliveryStatus::Delivered);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn printing_a_status_shows_no_phone() {
    let found = only_status(&json!({"statuses": [status(&json!({}))]}));
    assert!(!format!("{found:?}").contains("40700000001"));
}
