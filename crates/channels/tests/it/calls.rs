//! The small calls: read receipts, typing, subscribing, and the evidence of a check.

use centrala_channels::{Timeouts, all};
use centrala_domain::ChannelKind;
use centrala_domain::error_code::ErrorClass;
use centrala_domain::ports::{Channel, Verdict};
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::support::{channel, connection};
use crate::upstream::{Seen, Upstream, answer};

const SUCCESS: &str = r#"{"success":true}"#;

#[test]
fn every_channel_is_registered_once() {
    let kinds: Vec<_> = all(Timeouts::default()).unwrap().iter().map(|channel| channel.kind()).collect();
    assert_eq!(kinds, [ChannelKind::WhatsappCloud]);
}

#[test]
fn webhook_is_authentic_when_one_of_the_secrets_signed_it() {
    let mut connection = connection("http://127.0.0.1:9");
    connection.secrets.app_secrets.insert(0, "newer".into());
    let mut mac = Hmac::<Sha256>::new_from_slice(b"SECRET-of-tests").unwrap();
    mac.update(b"{}");
    let header = format!("sha256={}", HEXLOWER.encode(&mac.finalize().into_bytes()));
    assert!(channel().is_authentic(&connection, Some(&header), b"{}"));
    assert!(!channel().is_authentic(&connection, Some(&header), b"{ }"));
    assert!(!channel().is_authentic(&connection, None, b"{}"));
}

#[tokio::test]
async fn read_receipt_and_typing_are_one_call_each() {
    let upstream = Upstream::answering(200, SUCCESS).await;
    let (channel, connection) = (channel(), connection(&upstream.base_url));
    assert_eq!(channel.mark_read(&connection, "wamid.A").await, Ok(()));
    assert_eq!(channel.show_typing(&connection, "wamid.A").await, Ok(()));
    let read = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.A"});
    let mut typing = read.clone();
    typing["typing_indicator"] = json!({"type": "text"});
    let bodies: Vec<_> = upstream.seen().iter().map(Seen::json).collect();
    assert_eq!(bodies, [read, typing]);
}

#[tokio::test]
async fn call_that_fails_says_what_to_do() {
    for (status, body, class, code) in [
        (400, r#"{"error":{"code":131009,"message":"m"}}"#, ErrorClass::Permanent, Some(131_009)),
        (200, r#"{"success":false}"#, ErrorClass::Retry, None),
        (200, "garbage", ErrorClass::Retry, None),
        (500, "<html>", ErrorClass::Retry, None),
        (404, "<html>", ErrorClass::Permanent, None),
    ] {
        let upstream = Upstream::answering(status, body).await;
        let error = channel().mark_read(&connection(&upstream.base_url), "wamid.A").await.unwrap_err();
        assert_eq!((error.class, error.code), (class, code), "{body}");
    }
    let error = channel().mark_read(&connection("http://127.0.0.1:9"), "wamid.A").await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Retry);
}

#[tokio::test]
async fn subscribing_names_our_address_and_token() {
    let upstream = Upstream::answering(200, SUCCESS).await;
    let url = "https://shop.example/hooks/1";
    assert_eq!(channel().subscribe(&connection(&upstream.base_url), url).await, Ok(()));
    let seen = upstream.seen();
    assert_eq!(seen[0].line, "POST /v26.0/800/subscribed_apps");
    assert_eq!(seen[0].json(), json!({"override_callback_uri": url, "verify_token": "VERIFY-of-tests"}));
    let long = format!("https://shop.example/{}", "a".repeat(200));
    let error = channel().subscribe(&connection(&upstream.base_url), &long).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Permanent);
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn check_brings_evidence_for_every_question() {
    let upstream = Upstream::start(|seen, _| {
        let body = match seen.line.as_str() {
            line if line.contains("debug_token") => {
                json!({"data": {"is_valid": true, "expires_at": 0, "app_id": "700",
                "scopes": ["whatsapp_business_messaging", "whatsapp_business_management"]}})
            }
            line if line.contains("health_status") => {
                json!({"health_status": {"can_send_message": "AVAILABLE"}})
            }
            line if line.contains("subscribed_apps") => {
                json!({"data": [{"whatsapp_business_api_data": {"id": "700"}}]})
            }
            _ => json!({"status": "CONNECTED", "quality_rating": "GREEN", "name_status": "APPROVED"}),
        };
        answer(200, body.to_string())
    })
    .await;
    let found = channel().check(&connection(&upstream.base_url)).await;
    let found: Vec<_> = found.iter().map(|one| (one.check.as_str(), one.verdict)).collect();
    let wanted = ["token", "phone_number", "webhook", "sending"].map(|check| (check, Verdict::Fine));
    assert_eq!(found, wanted);
    let seen = upstream.seen();
    let debug = seen.iter().find(|one| one.line.contains("debug_token")).unwrap();
    assert_eq!(debug.line, "GET /v26.0/debug_token?input_token=TOKEN-of-tests");
    assert_eq!(debug.header("authorization"), "Bearer 700|SECRET-of-tests");
}

#[tokio::test]
async fn check_of_a_bad_credential_is_broken_and_of_silence_unknown() {
    let upstream = Upstream::answering(401, r#"{"error":{"code":190,"message":"expired"}}"#).await;
    let found = channel().check(&connection(&upstream.base_url)).await;
    assert!(found.iter().all(|one| one.verdict == Verdict::Broken && one.code == Some(190)), "{found:?}");
    let found = channel().check(&connection("http://127.0.0.1:9")).await;
    assert!(found.iter().all(|one| one.verdict == Verdict::Unknown), "{found:?}");
    assert!(!format!("{found:?}").contains("TOKEN-of-tests"));
}
