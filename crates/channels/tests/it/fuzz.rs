//! Whatever arrives, taking it apart ends without a panic.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::support::{change, message, parse, value};

/// Names that mean something, so that random JSON gets past the first door.
const NAMES: [&str; 34] = [
    "entry",
    "changes",
    "field",
    "value",
    "metadata",
    "phone_number_id",
    "contacts",
    "messages",
    "statuses",
    "errors",
    "message_echoes",
    "from",
    "from_user_id",
    "to",
    "id",
    "timestamp",
    "type",
    "text",
    "body",
    "image",
    "interactive",
    "button_reply",
    "nfm_reply",
    "response_json",
    "edit",
    "message",
    "original_message_id",
    "system",
    "reaction",
    "message_id",
    "context",
    "status",
    "pricing",
    "code",
];

const TEXTS: [&str; 18] = [
    "messages",
    "standby",
    "smb_message_echoes",
    "text",
    "image",
    "interactive",
    "edit",
    "system",
    "reaction",
    "order",
    "contacts",
    "location",
    "nfm_reply",
    "sent",
    "1790000000",
    "40700000001",
    "RO.a1",
    "wamid.A",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        select(TEXTS.to_vec()).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(7, 64, 6, |inner| {
        let name = select(NAMES.to_vec()).prop_map(str::to_owned);
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(name, inner, 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn valid() -> Value {
    let rich =
        |kind: &str, body: Value| message(&json!({"type": kind, kind: body, "context": {"id": "wamid.Q"}}));
    change(
        "messages",
        &value(&json!({
            "contacts": [{"wa_id": "40700000001", "user_id": "RO.a1", "profile": {"name": "Ana", "username": "ana"}}],
            "messages": [
                rich("text", json!({"body": "Bună 😀"})),
                rich("image", json!({"id": "9001", "mime_type": "image/png", "caption": "c"})),
                rich("location", json!({"latitude": 1.5, "longitude": 2.5})),
                rich("interactive", json!({"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": "{\"a\":1}"}})),
                rich("edit", json!({"original_message_id": "wamid.T", "message": {"type": "text", "text": {"body": "b"}}})),
                rich("system", json!({"type": "user_changed_number", "wa_id": "40700000002", "body": "x"})),
            ],
            "statuses": [{"id": "wamid.O", "status": "failed", "timestamp": "1790000000", "recipient_id": "40700000001",
                "errors": [{"code": 131_026, "error_data": {"details": "d"}}], "pricing": {"type": "regular"}}],
            "errors": [{"code": 1, "title": "t"}],
        })),
    )
}

/// Every value inside a value, itself included.
fn pointers(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| pointers(item, &format!("{at}/{index}"), out));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| pointers(member, &format!("{at}/{name}"), out));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_bytes_are_taken_apart(body in vec(any::<u8>(), 0..400)) {
        parse(&body);
    }

    #[test]
    fn any_json_is_taken_apart(body in any_json()) {
        parse(body.to_string().as_bytes());
    }

    #[test]
    fn any_value_of_a_change_is_taken_apart(inner in any_json(), field in select(TEXTS[..3].to_vec())) {
        parse(change(field, &inner).to_string().as_bytes());
    }

    #[test]
    fn any_item_beside_a_good_one_leaves_it_whole(items in vec(any_json(), 0..4)) {
        let mut all = items;
        all.push(message(&json!({"type": "text", "text": {"body": "a"}, "id": "wamid.GOOD"})));
        let found = parse(change("messages", &value(&json!({ "messages": all }))).to_string().as_bytes());
        let is_good = |item: &centrala_domain::inbound::Item| {
            matches!(item, centrala_domain::inbound::Item::Message(one) if one.upstream_id == "wamid.GOOD")
        };
        prop_assert!(found.iter().any(|inbound| is_good(&inbound.item)));
    }

    #[test]
    fn valid_webhook_with_a_part_replaced_is_taken_apart(at in any::<Index>(), part in any_json()) {
        let mut body = valid();
        let mut all = Vec::new();
        pointers(&body, "", &mut all);
        *body.pointer_mut(at.get(all.as_slice()).as_str()).unwrap() = part;
        parse(body.to_string().as_bytes());
    }

    #[test]
    fn valid_webhook_with_damaged_bytes_is_taken_apart(
        damage in vec((any::<Index>(), any::<u8>(), 0u8..3), 1..12),
        end in any::<Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut body = valid().to_string().into_bytes();
        for (at, byte, how) in damage {
            let at = at.index(body.len());
            match how {
                0 => body[at] = byte,
                1 => body.insert(at, byte),
                _ => drop(body.remove(at)),
            }
        }
        if is_cut {
            body.truncate(end.index(body.len()));
        }
        parse(&body);
    }
}
