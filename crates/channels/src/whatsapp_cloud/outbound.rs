//! The body of a send, and what is refused before anything leaves (`cloud-api.md` section 8).
//!
//! Pure. Not here: the call itself ([`super::client`]).

use centrala_domain::Private;
use centrala_domain::content::Content;
use centrala_domain::ports::Outgoing;
use serde_json::{Map, Value, json};

use super::limits::{CALLBACK_DATA_CHARACTERS, CONTACT_CARDS, LIMITS};

/// Builds the body. The error says why the message cannot be sent, without quoting it.
pub(super) fn body(message: &Outgoing) -> Result<Value, String> {
    if message.to.is_empty() {
        return Err("the message has no recipient".into());
    }
    at_most(CALLBACK_DATA_CHARACTERS, &message.callback_data, "the reference")?;
    let (kind, object) = typed(message)?;
    let mut body = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "type": kind,
        kind: object,
        "biz_opaque_callback_data": message.callback_data,
    });
    // With the plus sign; without it the sender's own country code would be put before the number. When both
    // are given, Meta takes the phone.
    if let Some(phone) = &message.to.phone {
        body["to"] = json!(phone.as_str());
    }
    if let Some(bsuid) = &message.to.bsuid {
        body["recipient"] = json!(bsuid.expose());
    }
    // A reaction names its message itself.
    if let Some(id) = message.reply_to_upstream_id.as_ref().filter(|_| kind != "reaction") {
        body["context"] = json!({ "message_id": id });
    }
    Ok(body)
}

/// Name and object of the type.
fn typed(message: &Outgoing) -> Result<(&'static str, Value), String> {
    let object = match &message.content {
        Content::Text { body, preview_url } => text(body, *preview_url)?,
        Content::Image { caption, .. } | Content::Video { caption, .. } => {
            file(message, &[("caption", caption.as_ref())])?
        }
        Content::Audio { is_voice, .. } => {
            let mut audio = file(message, &[])?;
            if *is_voice {
                audio["voice"] = json!(true);
            }
            audio
        }
        Content::Document { filename, caption, .. } => {
            file(message, &[("caption", caption.as_ref()), ("filename", filename.as_ref())])?
        }
        Content::Sticker { .. } => file(message, &[])?,
        Content::Location { latitude, longitude, name, address } => {
            location(*latitude, *longitude, name.as_ref(), address.as_ref())?
        }
        Content::Contacts { cards } => contacts(cards.expose())?,
        Content::Reaction { target_upstream_id, emoji, .. } => {
            let target =
                target_upstream_id.as_ref().ok_or("the message to react to is not known to WhatsApp")?;
            json!({ "message_id": target, "emoji": emoji.as_deref().unwrap_or_default() })
        }
        Content::Choice { .. }
        | Content::FormReply { .. }
        | Content::CallPermission { .. }
        | Content::Order { .. }
        | Content::System { .. }
        | Content::Edit { .. }
        | Content::Revoke { .. }
        | Content::Unsupported { .. } => {
            return Err(format!("a message of type `{}` cannot be sent", message.content.kind()));
        }
    };
    Ok((message.content.kind(), object))
}

fn text(body: &Private, preview_url: bool) -> Result<Value, String> {
    if body.expose().trim().is_empty() {
        return Err("the text is empty".into());
    }
    at_most(LIMITS.text_characters, body.expose(), "the text")?;
    let mut text = json!({ "body": body.expose() });
    if preview_url {
        text["preview_url"] = json!(true);
    }
    Ok(text)
}

/// A file by the id of its upload, with its optional texts.
fn file(message: &Outgoing, texts: &[(&str, Option<&Private>)]) -> Result<Value, String> {
    let id = message.upstream_media_id.as_ref().ok_or("the file was not uploaded")?;
    let mut file = json!({ "id": id });
    for (name, value) in texts {
        let Some(value) = value.map(Private::expose).filter(|value| !value.is_empty()) else { continue };
        if *name == "caption" {
            at_most(LIMITS.caption_characters, value, "the caption")?;
        }
        file[*name] = json!(value);
    }
    Ok(file)
}

fn location(
    latitude: f64,
    longitude: f64,
    name: Option<&Private>,
    address: Option<&Private>,
) -> Result<Value, String> {
    // Written so that NaN is refused too.
    if !(latitude.abs() <= 90.0 && longitude.abs() <= 180.0) {
        return Err("the place is not on Earth".into());
    }
    let mut place = Map::new();
    place.insert("latitude".into(), json!(latitude));
    place.insert("longitude".into(), json!(longitude));
    for (member, value) in [("name", name), ("address", address)] {
        if let Some(value) = value {
            place.insert(member.into(), json!(value.expose()));
        }
    }
    Ok(Value::Object(place))
}

fn contacts(cards: &[Value]) -> Result<Value, String> {
    if cards.is_empty() || cards.len() > CONTACT_CARDS {
        return Err(format!("a message carries 1 to {CONTACT_CARDS} contact cards"));
    }
    let is_named = |card: &Value| card.pointer("/name/formatted_name").is_some_and(Value::is_string);
    if !cards.iter().all(is_named) {
        return Err("every contact card needs `name.formatted_name`".into());
    }
    Ok(json!(cards))
}

fn at_most(most: usize, text: &str, what: &str) -> Result<(), String> {
    match text.chars().count() {
        count if count > most => Err(format!("{what} has {count} characters, at most {most} are allowed")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_domain::contact::PhoneNumber;
    use centrala_domain::content::ChoiceControl;
    use centrala_domain::ports::Recipient;
    use centrala_domain::{MediaId, Private};

    fn media() -> MediaId {
        MediaId(uuid::Uuid::from_u128(1))
    }

    fn outgoing(content: Content) -> Outgoing {
        Outgoing {
            to: Recipient { phone: PhoneNumber::parse("+40700000001"), bsuid: None },
            content,
            upstream_media_id: Some("9000".into()),
            reply_to_upstream_id: None,
            callback_data: "msg_1.1".into(),
        }
    }

    fn text_of(body: &str) -> Content {
        Content::Text { body: body.into(), preview_url: false }
    }

    fn object(content: Content) -> Value {
        let kind = content.kind();
        let body = body(&outgoing(content)).unwrap();
        assert_eq!(body["type"], kind);
        body[kind].clone()
    }

    fn refused(content: Content) -> String {
        body(&outgoing(content)).unwrap_err()
    }

    #[test]
    fn whole_body_of_a_text_is_as_meta_wants_it() {
        let mut message = outgoing(text_of("Bună"));
        message.reply_to_upstream_id = Some("wamid.Q".into());
        message.to.bsuid = Some("RO.a1".into());
        let wanted = json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "+40700000001",
            "recipient": "RO.a1",
            "type": "text",
            "text": { "body": "Bună" },
            "context": { "message_id": "wamid.Q" },
            "biz_opaque_callback_data": "msg_1.1",
        });
        assert_eq!(body(&message), Ok(wanted));
    }

    #[test]
    fn customer_without_a_phone_is_reached_by_the_business_scoped_id() {
        let mut message = outgoing(text_of("a"));
        message.to = Recipient { phone: None, bsuid: Some("RO.a1".into()) };
        let body = body(&message).unwrap();
        assert_eq!((body.get("to"), &body["recipient"]), (None, &json!("RO.a1")));
    }

    #[test]
    fn every_kind_that_can_be_sent_has_its_object() {
        let media = media();
        let caption = || Some(Private::from("c"));
        for (content, wanted) in [
            (
                Content::Text { body: "a".into(), preview_url: true },
                json!({"body": "a", "preview_url": true}),
            ),
            (Content::Image { media, caption: caption() }, json!({"id": "9000", "caption": "c"})),
            (Content::Image { media, caption: Some("".into()) }, json!({"id": "9000"})),
            (Content::Video { media, caption: None }, json!({"id": "9000"})),
            (Content::Audio { media, is_voice: true }, json!({"id": "9000", "voice": true})),
            (Content::Audio { media, is_voice: false }, json!({"id": "9000"})),
            (
                Content::Document { media, filename: Some("f.pdf".into()), caption: caption() },
                json!({"id": "9000", "caption": "c", "filename": "f.pdf"}),
            ),
            (Content::Sticker { media, is_animated: true }, json!({"id": "9000"})),
            (
                Content::Location { latitude: 44.5, longitude: 26.1, name: Some("N".into()), address: None },
                json!({"latitude": 44.5, "longitude": 26.1, "name": "N"}),
            ),
            (
                Content::Contacts { cards: Private::new(vec![json!({"name": {"formatted_name": "X"}})]) },
                json!([{"name": {"formatted_name": "X"}}]),
            ),
            (
                Content::Reaction {
                    target_upstream_id: Some("wamid.T".into()),
                    target: None,
                    emoji: Some("👍".into()),
                },
                json!({"message_id": "wamid.T", "emoji": "👍"}),
            ),
            (
                Content::Reaction { target_upstream_id: Some("wamid.T".into()), target: None, emoji: None },
                json!({"message_id": "wamid.T", "emoji": ""}),
            ),
        ] {
            assert_eq!(object(content), wanted);
        }
    }

    #[test]
    fn texts_are_measured_in_characters_and_the_limit_itself_is_allowed() {
        assert!(body(&outgoing(text_of(&"ș".repeat(4096)))).is_ok());
        assert!(refused(text_of(&"ș".repeat(4097))).contains("4096"));
        let caption = |n| Content::Image { media: media(), caption: Some(Private::new("ț".repeat(n))) };
        assert!(body(&outgoing(caption(1024))).is_ok());
        assert!(refused(caption(1025)).contains("1024"));
    }

    #[test]
    fn what_meta_would_refuse_is_refused_here_without_quoting_it() {
        assert!(!refused(text_of(" \n ")).is_empty());
        let nowhere = Content::Location { latitude: f64::NAN, longitude: 0.0, name: None, address: None };
        assert!(!refused(nowhere).is_empty());
        assert!(!refused(Content::Contacts { cards: Private::new(vec![]) }).is_empty());
        assert!(!refused(Content::Contacts { cards: Private::new(vec![json!({})]) }).is_empty());
        let lost = Content::Reaction { target_upstream_id: None, target: None, emoji: None };
        assert!(!refused(lost).is_empty());
        let mut without_upload = outgoing(Content::Sticker { media: media(), is_animated: false });
        without_upload.upstream_media_id = None;
        assert!(body(&without_upload).is_err());
        let mut to_nobody = outgoing(text_of("a"));
        to_nobody.to = Recipient::default();
        assert!(body(&to_nobody).is_err());
    }

    #[test]
    fn kinds_that_only_customers_send_are_refused() {
        let choice =
            Content::Choice { control: ChoiceControl::ListRow, choice_id: "1".into(), title: "t".into() };
        for content in [choice, Content::Revoke { target_upstream_id: "wamid.T".into() }] {
            let kind = content.kind();
            assert!(refused(content).contains(kind));
        }
    }
}
