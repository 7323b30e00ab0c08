//! Every type of message, and what becomes of it.

use centrala_domain::content::{ChoiceControl, Content};
use centrala_domain::{Private, Timestamp};
use serde_json::{Value, json};

use crate::support::{SENT_AT, media_id, message, only_message};

fn content(members: &Value) -> Content {
    only_message(&json!({"messages": [message(members)]})).content
}

fn unsupported(kind: &str, code: Option<i64>) -> Content {
    Content::Unsupported { kind: kind.into(), code }
}

fn interactive(kind: &str, reply: &Value) -> Value {
    json!({"type": "interactive", "interactive": {"type": kind, kind: reply}})
}

#[test]
fn every_kind_without_a_file_becomes_its_content() {
    let choice = |control, choice_id: &str, title: &str| Content::Choice {
        control,
        choice_id: choice_id.into(),
        title: title.into(),
    };
    let reaction = |emoji: Option<&str>| Content::Reaction {
        target_upstream_id: Some("wamid.T".into()),
        target: None,
        emoji: emoji.map(str::to_owned),
    };
    let form = |response: Value| Content::FormReply { name: "flow".into(), response: Private::new(response) };
    let nfm = |text: &str| interactive("nfm_reply", &json!({"name": "flow", "response_json": text}));
    let permission = |response: &str| {
        interactive(
            "call_permission_reply",
            &json!({"response": response, "expiration_timestamp": "1790600000"}),
        )
    };
    for (sent, wanted) in [
        (
            json!({"type": "text", "text": {"body": "Bună"}}),
            Content::Text { body: "Bună".into(), preview_url: false },
        ),
        (
            json!({"type": "location", "location": {"latitude": 44.5, "longitude": "26.1", "name": "N", "address": "A"}}),
            Content::Location {
                latitude: 44.5,
                longitude: 26.1,
                name: Some("N".into()),
                address: Some("A".into()),
            },
        ),
        (
            json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "X"}, "odd": 1}]}),
            Content::Contacts {
                cards: Private::new(vec![json!({"name": {"formatted_name": "X"}, "odd": 1})]),
            },
        ),
        (
            interactive("button_reply", &json!({"id": "b", "title": "Da"})),
            choice(ChoiceControl::ReplyButton, "b", "Da"),
        ),
        (
            interactive("list_reply", &json!({"id": "r", "title": "M"})),
            choice(ChoiceControl::ListRow, "r", "M"),
        ),
        (
            json!({"type": "button", "button": {"payload": "P", "text": "Stop"}}),
            choice(ChoiceControl::TemplateButton, "P", "Stop"),
        ),
        (nfm(r#"{"size":"M"}"#), form(json!({"size": "M"}))),
        (nfm("no JSON"), form(json!("no JSON"))),
        (permission("accept"), Content::CallPermission { is_granted: true, expires_at: Some(1_790_600_000) }),
        (
            permission("reject"),
            Content::CallPermission { is_granted: false, expires_at: Some(1_790_600_000) },
        ),
        (
            json!({"type": "reaction", "reaction": {"message_id": "wamid.T", "emoji": "👍"}}),
            reaction(Some("👍")),
        ),
        (json!({"type": "reaction", "reaction": {"message_id": "wamid.T", "emoji": ""}}), reaction(None)),
        (json!({"type": "reaction", "reaction": {"message_id": "wamid.T"}}), reaction(None)),
        (
            json!({"type": "order", "order": {"catalog_id": "1", "text": "fast", "product_items": [{"quantity": 2}]}}),
            Content::Order {
                catalog_id: "1".into(),
                note: Some("fast".into()),
                items: vec![json!({"quantity": 2})],
            },
        ),
        (
            json!({"type": "system", "system": {"type": "customer_identity_changed", "body": "B"}}),
            Content::System { event: "customer_identity_changed".into(), body: "B".into() },
        ),
        (
            json!({"type": "edit", "edit": {"original_message_id": "wamid.T", "message": {"type": "text", "text": {"body": "new"}}}}),
            Content::Edit {
                target_upstream_id: "wamid.T".into(),
                replacement: Box::new(Content::Text { body: "new".into(), preview_url: false }),
            },
        ),
        (
            json!({"type": "revoke", "revoke": {"original_message_id": "wamid.T"}}),
            Content::Revoke { target_upstream_id: "wamid.T".into() },
        ),
    ] {
        assert_eq!(content(&sent), wanted, "{sent}");
    }
}

#[test]
fn every_kind_with_a_file_carries_it_for_seven_days() {
    let media = media_id(1);
    let file = |kind: &str, more: &Value| {
        let mut body =
            json!({"id": "9001", "mime_type": "a/b", "sha256": "x", "filename": "f.pdf", "caption": "c"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut sent = message(&json!({"type": kind}));
        sent[kind] = body;
        only_message(&json!({"messages": [sent]}))
    };
    let caption = || Some(Private::from("c"));
    for (kind, more, wanted) in [
        ("image", json!({}), Content::Image { media, caption: caption() }),
        ("video", json!({}), Content::Video { media, caption: caption() }),
        ("audio", json!({"voice": true}), Content::Audio { media, is_voice: true }),
        ("audio", json!({}), Content::Audio { media, is_voice: false }),
        (
            "document",
            json!({}),
            Content::Document { media, filename: Some("f.pdf".into()), caption: caption() },
        ),
        ("sticker", json!({"animated": true}), Content::Sticker { media, is_animated: true }),
    ] {
        let message = file(kind, &more);
        assert_eq!(message.content, wanted);
        let found = message.media.unwrap();
        assert_eq!((found.id, found.upstream_id.as_str(), found.mime_type.as_str()), (media, "9001", "a/b"));
        assert_eq!(found.expires_at, Timestamp::from_unix_seconds(SENT_AT + 7 * 86_400));
    }
}

#[test]
fn edit_of_a_caption_carries_its_file() {
    let sent = json!({"type": "edit", "edit": {"original_message_id": "wamid.T",
        "message": {"type": "image", "image": {"id": "9001", "mime_type": "image/png", "caption": "new"}}}});
    let message = only_message(&json!({"messages": [message(&sent)]}));
    assert_eq!(message.content.media(), message.media.map(|media| media.id));
}

#[test]
fn what_cannot_be_shown_is_unsupported_and_not_lost() {
    let errors = json!([{"code": 131_051, "title": "t"}]);
    for (sent, wanted) in [
        (json!({"type": "hologram", "hologram": {"x": 1}}), unsupported("hologram", None)),
        (
            json!({"type": "unsupported", "errors": errors, "unsupported": {"type": "poll"}}),
            unsupported("poll", Some(131_051)),
        ),
        (json!({"type": "unknown", "errors": errors}), unsupported("unknown", Some(131_051))),
        (json!({"type": "image", "errors": [{"code": 131_052}]}), unsupported("image", Some(131_052))),
        (json!({"type": "text"}), unsupported("text", None)),
        (json!({"type": "text", "text": "bare"}), unsupported("text", None)),
        (
            json!({"type": "location", "location": {"latitude": 91, "longitude": 0}}),
            unsupported("location", None),
        ),
        (interactive("new_reply", &json!({})), unsupported("interactive", None)),
        (json!({"type": "media_placeholder"}), unsupported("media_placeholder", None)),
        (json!({}), unsupported("unknown", None)),
    ] {
        assert_eq!(content(&sent), wanted, "{sent}");
    }
}
