//! Webhooks as a whole: what surrounds the contents, what is broken, and other news.

use centrala_domain::content::Content;
use centrala_domain::inbound::Item;
use serde_json::{Value, json};

use crate::support::{
    PHONE_NUMBER_ID, SENT_AT, change, items, media_id, message, only_message, parse, value,
};

fn unsupported(kind: &str, code: Option<i64>) -> Content {
    Content::Unsupported { kind: kind.into(), code }
}

/// A message as Meta writes it, with a body that is already escaped.
fn text(id: &str, body: &str) -> String {
    let kind = format!(r#""type":"text","text":{{"body":"{body}"}}"#);
    format!(r#"{{"from":"40700000001","id":"{id}","timestamp":"1790000000",{kind}}}"#)
}

/// A webhook whose messages need not be JSON that can be read.
fn raw(messages: &[&str]) -> String {
    let metadata = format!(r#""metadata":{{"phone_number_id":"{PHONE_NUMBER_ID}"}}"#);
    let value = format!(r#"{{{metadata},"messages":[{}]}}"#, messages.join(","));
    format!(r#"{{"entry":[{{"changes":[{{"field":"messages","value":{value}}}]}}]}}"#)
}

#[test]
fn interactive_without_a_body_takes_the_error_of_its_change() {
    let found = items(&json!({
        "messages": [message(&json!({"type": "interactive"}))],
        "errors": [{"code": 131_000, "title": "Something went wrong"}],
    }));
    match found.as_slice() {
        [Item::Message(message)] => assert_eq!(message.content, unsupported("interactive", Some(131_000))),
        other => panic!("{other:?}"),
    }
}

#[test]
fn error_of_the_endpoint_is_an_item_without_phone_numbers() {
    let found = items(&json!({"errors": [
        {"code": 130_429, "title": "Rate limit hit", "error_data": {"details": "too fast for 40700000001"}}]}));
    let wanted = Item::EndpointError { code: Some(130_429), detail: "too fast for ***".into() };
    assert_eq!(found, [wanted]);
}

#[test]
fn context_tells_the_answered_message_and_forwarding() {
    for (context, reply, is_forwarded) in [
        (json!({"from": "40310000000", "id": "wamid.Q"}), Some("wamid.Q"), false),
        (json!({"forwarded": true}), None, true),
        (json!({"frequently_forwarded": true}), None, true),
        (json!({}), None, false),
        (Value::Null, None, false),
    ] {
        let sent = message(&json!({"type": "text", "text": {"body": "a"}, "context": context}));
        let message = only_message(&json!({"messages": [sent]}));
        assert_eq!(message.reply_to_upstream_id.as_deref(), reply);
        assert_eq!(message.is_forwarded, is_forwarded);
    }
}

#[test]
fn referral_is_kept_as_it_came() {
    let referral = json!({"source_url": "https://example.com", "source_type": "ad", "ctwa_clid": "c"});
    let sent = message(&json!({"type": "text", "text": {"body": "a"}, "referral": referral}));
    assert_eq!(only_message(&json!({"messages": [sent]})).referral, Some(referral));
}

#[test]
fn welcome_request_says_nothing() {
    assert_eq!(items(&json!({"messages": [message(&json!({"type": "request_welcome"}))]})), []);
}

#[test]
fn group_message_is_a_notice_and_not_a_private_message() {
    let sent = message(&json!({"type": "text", "text": {"body": "a"}, "group_id": "G=="}));
    let wanted = Item::Notice { field: "group_message".into(), value: sent.clone() };
    assert_eq!(items(&json!({"messages": [sent]})), [wanted]);
}

#[test]
fn broken_item_in_the_middle_leaves_its_neighbours_whole() {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    for poison in ["null", "17", r#""text""#, "[]", "{}", r#"{"id":"x"}"#, "1e999", deep.as_str()] {
        let found = parse(raw(&[&text("wamid.1", "a"), poison, &text("wamid.3", "a")]).as_bytes());
        match found.iter().map(|inbound| &inbound.item).collect::<Vec<_>>().as_slice() {
            [Item::Message(first), Item::Unreadable { pointer, .. }, Item::Message(last)] => {
                assert_eq!((first.upstream_id.as_str(), last.upstream_id.as_str()), ("wamid.1", "wamid.3"));
                assert_eq!(pointer, "/entry/0/changes/0/value/messages/1");
            }
            other => panic!("{} gave {other:?}", &poison[..poison.len().min(20)]),
        }
    }
}

#[test]
fn broken_entry_or_change_leaves_its_neighbours_whole() {
    let good = value(&json!({"messages": [message(&json!({"type": "text", "text": {"body": "a"}}))]}));
    let body = json!({"entry": [
        7,
        {"id": "1"},
        {"changes": [null, {"field": 3, "value": {}}, {"field": "messages"}, {"field": "messages", "value": good}]},
    ]});
    let found = parse(body.to_string().as_bytes());
    let pointers: Vec<_> = found
        .iter()
        .filter_map(|inbound| match &inbound.item {
            Item::Unreadable { pointer, .. } => Some(pointer.as_str()),
            _ => None,
        })
        .collect();
    let wanted = [
        "/entry/0",
        "/entry/1/changes",
        "/entry/2/changes/0",
        "/entry/2/changes/1/field",
        "/entry/2/changes/2/value",
    ];
    assert_eq!(pointers, wanted);
    assert!(matches!(found.last().unwrap().item, Item::Message(_)));
}

#[test]
fn body_that_is_no_webhook_is_one_unreadable_item() {
    let deep = "[".repeat(100_000);
    for body in ["", "hello", "[]", "null", "{", "\u{feff}{}", r#"{"entry":"x"}"#, "{}", deep.as_str()] {
        let found = parse(body.as_bytes());
        assert!(
            matches!(found.as_slice(), [one] if matches!(one.item, Item::Unreadable { .. })),
            "{found:?}"
        );
    }
}

#[test]
fn escapes_of_meta_are_read_as_the_letters_they_stand_for() {
    let body = raw(&[&text("wamid.A", r"\u015ftiu http:\/\/example.com \ud83d\ude00 \ud83d\u0000")]);
    match parse(body.as_bytes()).as_slice() {
        [one] => match &one.item {
            Item::Message(message) => assert_eq!(
                message.content,
                Content::Text { body: "ştiu http://example.com 😀 \u{fffd}".into(), preview_url: false }
            ),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn member_that_stands_twice_counts_once() {
    let body = r#"{"entry":[],"entry":[{"changes":[{"field":"x","field":"account_alerts","value":{"a":1,"a":2}}]}]}"#;
    let wanted = Item::Notice { field: "account_alerts".into(), value: json!({"a": 2}) };
    assert_eq!(parse(body.as_bytes()).into_iter().map(|inbound| inbound.item).collect::<Vec<_>>(), [wanted]);
}

#[test]
fn other_fields_are_notices() {
    for field in ["account_update", "history", "calls", "smb_app_state_sync", "field_of_the_future"] {
        let sent = json!({"event": "X", "n": [1]});
        let found = parse(change(field, &sent).to_string().as_bytes());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].endpoint, None);
        assert_eq!(found[0].item, Item::Notice { field: field.into(), value: sent });
    }
}

#[test]
fn message_sent_from_the_phone_app_is_an_echo() {
    let echo = json!({"from": "40310000000", "to": "40700000001", "to_user_id": "RO.a1", "id": "wamid.E",
        "timestamp": SENT_AT.to_string(), "type": "image", "image": {"id": "9001", "mime_type": "image/jpeg"}});
    for field in ["smb_message_echoes", "standby"] {
        let body = change(field, &value(&json!({"message_echoes": [echo]})));
        match parse(body.to_string().as_bytes()).as_slice() {
            [one] => match &one.item {
                Item::Echo(echo) => {
                    assert_eq!(echo.to.bsuid, Some("RO.a1".into()));
                    assert!(echo.to.phone.is_some());
                    assert_eq!(echo.content.media(), Some(media_id(1)));
                    assert!(echo.media.is_some());
                }
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn standby_messages_are_messages() {
    let sent = value(&json!({"messages": [message(&json!({"type": "text", "text": {"body": "a"}}))]}));
    let found = parse(change("standby", &sent).to_string().as_bytes());
    assert!(matches!(found.as_slice(), [one] if matches!(one.item, Item::Message(_))));
}
