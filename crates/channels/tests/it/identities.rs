//! Who wrote, in every shape of identity that Meta sends.

use centrala_domain::contact::{PhoneNumber, Sighting};
use centrala_domain::inbound::Item;
use serde_json::{Value, json};

use crate::support::{items, only_message};

fn text(members: Value) -> Value {
    let mut message =
        json!({"id": "wamid.A", "timestamp": "1790000000", "type": "text", "text": {"body": "a"}});
    if let Value::Object(members) = members {
        message.as_object_mut().unwrap().extend(members);
    }
    message
}

fn phone(text: &str) -> Option<PhoneNumber> {
    PhoneNumber::parse(text)
}

#[test]
fn every_shape_of_identity_becomes_a_sighting() {
    let name = || Some("Ana".into());
    for (contact, sender, wanted) in [
        (
            json!({"wa_id": "40700000001", "profile": {"name": "Ana"}}),
            json!({"from": "40700000001"}),
            Sighting { phone: phone("40700000001"), name: name(), ..Sighting::default() },
        ),
        (
            json!({"wa_id": "40700000001", "user_id": "RO.a1", "profile": {"name": "Ana"}}),
            json!({"from": "40700000001", "from_user_id": "RO.a1"}),
            Sighting {
                phone: phone("40700000001"),
                bsuid: Some("RO.a1".into()),
                name: name(),
                ..Sighting::default()
            },
        ),
        (
            json!({"user_id": "RO.a1", "profile": {"name": "Ana"}}),
            json!({"from_user_id": "RO.a1"}),
            Sighting { bsuid: Some("RO.a1".into()), name: name(), ..Sighting::default() },
        ),
        (
            json!({"user_id": "RO.a1", "profile": {"name": "Ana", "username": "@ana"}}),
            json!({"from_user_id": "RO.a1", "from_parent_user_id": "RO.ENT.p"}),
            Sighting {
                bsuid: Some("RO.a1".into()),
                username: Some("@ana".into()),
                name: name(),
                ..Sighting::default()
            },
        ),
        (
            json!({"profile": {"name": "Ana", "username": "ana"}}),
            json!({}),
            Sighting { username: Some("@ana".into()), name: name(), ..Sighting::default() },
        ),
        (
            json!({"wa_id": "RO.a1", "profile": {"name": "Ana"}}),
            json!({"from": "RO.a1"}),
            Sighting { bsuid: Some("RO.a1".into()), name: name(), ..Sighting::default() },
        ),
    ] {
        let members = json!({"contacts": [contact], "messages": [text(sender)]});
        assert_eq!(only_message(&members).from, wanted, "{members}");
    }
}

#[test]
fn contacts_in_another_order_still_name_their_own_messages() {
    let found = items(&json!({
        "contacts": [
            {"wa_id": "40700000002", "profile": {"name": "Ion"}},
            {"user_id": "RO.c3", "profile": {"name": "Dan"}},
            {"wa_id": "40700000001", "profile": {"name": "Ana"}},
        ],
        "messages": [
            text(json!({"from": "40700000001"})),
            text(json!({"from": "40700000002"})),
            text(json!({"from_user_id": "RO.c3"})),
            text(json!({"from": "40700000004"})),
        ],
    }));
    let names: Vec<_> = found
        .into_iter()
        .map(|item| match item {
            Item::Message(message) => message.from.name.map(centrala_domain::Private::into_exposed),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(names, [Some("Ana".into()), Some("Ion".into()), Some("Dan".into()), None]);
}

#[test]
fn broken_contact_does_not_lose_the_message() {
    let found = items(&json!({"contacts": [5], "messages": [text(json!({"from": "40700000001"}))]}));
    assert!(matches!(found.as_slice(), [Item::Unreadable { .. }, Item::Message(_)]), "{found:?}");
}

#[test]
fn message_of_nobody_is_unreadable() {
    let found = items(&json!({"messages": [text(json!({}))]}));
    assert!(matches!(found.as_slice(), [Item::Unreadable { .. }]), "{found:?}");
}

#[test]
fn changed_number_and_changed_id_name_both_sides() {
    let system = |system: Value, sender: Value| {
        let mut message = text(sender);
        message["type"] = json!("system");
        message["system"] = system;
        only_message(&json!({"messages": [message]})).from
    };
    let moved = system(
        json!({"type": "user_changed_number", "body": "B", "wa_id": "40700000002"}),
        json!({"from": "40700000001"}),
    );
    assert_eq!((moved.phone, moved.previous_phone), (phone("40700000002"), phone("40700000001")));
    let renamed = system(
        json!({"type": "user_changed_user_id", "body": "B", "user_id": "RO.new", "previous_user_id": "RO.old"}),
        json!({"from_user_id": "RO.new"}),
    );
    assert_eq!((renamed.bsuid, renamed.previous_bsuid), (Some("RO.new".into()), Some("RO.old".into())));
}
