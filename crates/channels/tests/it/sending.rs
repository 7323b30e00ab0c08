//! How one try to send ends, by the delivery contract: never twice, and unknown when in doubt.

use std::time::Duration;

use centrala_channels::{Timeouts, WhatsappCloud};
use centrala_domain::contact::PhoneNumber;
use centrala_domain::content::Content;
use centrala_domain::error_code::ErrorClass;
use centrala_domain::ports::{Channel, Outgoing, Recipient, SendOutcome};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::support::{channel, channel_waiting, connection};
use crate::upstream::{Act, Raw, Upstream, answer};

const ACCEPTED: &str =
    r#"{"messaging_product":"whatsapp","contacts":[{"input":"x"}],"messages":[{"id":"wamid.NEW"}]}"#;
const ACCEPTED_HTTP: &str =
    "HTTP/1.1 200 OK\r\ncontent-length: 35\r\n\r\n{\"messages\":[{\"id\":\"wamid.FIRST\"}]} ";

fn outgoing() -> Outgoing {
    Outgoing {
        to: Recipient { phone: PhoneNumber::parse("+40700000001"), bsuid: None },
        content: Content::Text { body: "Bună".into(), preview_url: false },
        upstream_media_id: None,
        reply_to_upstream_id: None,
        callback_data: "msg_1.1".into(),
    }
}

async fn send(base_url: &str) -> SendOutcome {
    channel().send(&connection(base_url), &outgoing()).await
}

fn is_unknown(outcome: &SendOutcome) -> bool {
    matches!(outcome, SendOutcome::Unknown { .. })
}

fn accepted(id: &str) -> SendOutcome {
    SendOutcome::Accepted { upstream_id: id.into() }
}

#[tokio::test]
async fn accepted_message_gives_its_id() {
    let upstream = Upstream::answering(200, ACCEPTED).await;
    assert_eq!(send(&upstream.base_url).await, accepted("wamid.NEW"));
    let seen = upstream.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].line, "POST /v26.0/1060000000001/messages");
    assert_eq!(seen[0].header("authorization"), "Bearer TOKEN-of-tests");
    assert!(seen[0].header("user-agent").starts_with("Centrala/"));
    assert_eq!(seen[0].json()["biz_opaque_callback_data"], json!("msg_1.1"));
}

#[tokio::test]
async fn address_with_a_path_or_a_slash_at_its_end_is_kept() {
    let upstream = Upstream::answering(200, ACCEPTED).await;
    send(&format!("{}/graph/", upstream.base_url)).await;
    assert_eq!(upstream.seen()[0].line, "POST /graph/v26.0/1060000000001/messages");
}

#[tokio::test]
async fn refused_port_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let outcome = send(&base_url).await;
    assert!(matches!(outcome, SendOutcome::NotSent { .. }), "{outcome:?}");
}

#[tokio::test]
async fn name_that_is_not_found_means_not_sent() {
    let outcome = send("http://nowhere.invalid").await;
    assert!(matches!(outcome, SendOutcome::NotSent { .. }), "{outcome:?}");
}

#[tokio::test]
async fn failed_or_hanging_tls_handshake_means_not_sent() {
    let timeouts = Timeouts { connect: Duration::from_millis(300), ..Timeouts::default() };
    let channel = WhatsappCloud::new(timeouts).unwrap();
    for says in [Some("HTTP/1.1 400 Bad Request\r\n\r\n"), None] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connection = connection(&format!("https://{}", listener.local_addr().unwrap()));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            match says {
                Some(text) => stream.write_all(text.as_bytes()).await.unwrap(),
                None => std::future::pending().await,
            }
        });
        let outcome = channel.send(&connection, &outgoing()).await;
        assert!(matches!(outcome, SendOutcome::NotSent { .. }), "{outcome:?}");
    }
}

#[tokio::test]
async fn connection_cut_after_the_request_is_unknown_and_one_request() {
    for text in
        ["", "HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"messages\""]
    {
        let raw = Raw::start(&[Act::WriteAndClose(text)]).await;
        let outcome = send(&raw.base_url).await;
        assert!(is_unknown(&outcome), "{text}: {outcome:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(raw.requests(), 1, "{text}");
    }
}

#[tokio::test]
async fn kept_connection_cut_after_the_request_is_unknown_and_one_request() {
    let raw =
        Raw::start(&[Act::Write(ACCEPTED_HTTP), Act::WriteAndClose(""), Act::Write(ACCEPTED_HTTP)]).await;
    let (channel, connection, message) = (channel(), connection(&raw.base_url), outgoing());
    assert_eq!(channel.send(&connection, &message).await, accepted("wamid.FIRST"));
    let outcome = channel.send(&connection, &message).await;
    assert!(is_unknown(&outcome), "{outcome:?}");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(raw.requests(), 2);
}

#[tokio::test]
async fn connection_that_died_while_idle_is_replaced_without_doubt() {
    let raw = Raw::start(&[Act::WriteAndClose(ACCEPTED_HTTP), Act::Write(ACCEPTED_HTTP)]).await;
    let (channel, connection, message) = (channel(), connection(&raw.base_url), outgoing());
    assert_eq!(channel.send(&connection, &message).await, accepted("wamid.FIRST"));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(channel.send(&connection, &message).await, accepted("wamid.FIRST"));
    assert_eq!(raw.requests(), 2);
}

#[tokio::test]
async fn silence_is_unknown_and_one_request() {
    let raw = Raw::start(&[Act::Hang]).await;
    let channel = channel_waiting(Duration::from_millis(500));
    let outcome = channel.send(&connection(&raw.base_url), &outgoing()).await;
    assert!(is_unknown(&outcome), "{outcome:?}");
    assert_eq!(raw.requests(), 1);
}

#[tokio::test]
async fn success_that_names_no_message_is_unknown() {
    for body in ["", "garbage", "{}", r#"{"messages":[]}"#, r#"{"messages":[{"id":""}]}"#, "<html>"] {
        let upstream = Upstream::answering(200, body).await;
        let outcome = send(&upstream.base_url).await;
        assert!(is_unknown(&outcome), "{body}: {outcome:?}");
    }
}

#[tokio::test]
async fn answer_without_end_is_unknown() {
    let upstream = Upstream::start(|_, _| answer(200, "x".repeat(2 * 1024 * 1024))).await;
    let outcome = send(&upstream.base_url).await;
    assert!(is_unknown(&outcome), "{outcome:?}");
}

#[tokio::test]
async fn refusal_of_meta_has_the_class_of_its_code() {
    for (status, code, class) in [
        (400, 131_047, ErrorClass::Window),
        (400, 131_026, ErrorClass::Permanent),
        (400, 130_429, ErrorClass::Throttle),
        (400, 131_056, ErrorClass::Throttle),
        (401, 190, ErrorClass::Credential),
        (403, 231, ErrorClass::Credential),
        (500, 131_000, ErrorClass::Retry),
        (500, 131_016, ErrorClass::Retry),
        (503, 2, ErrorClass::Retry),
        (400, 1, ErrorClass::Retry),
        (502, 131_005, ErrorClass::Credential),
    ] {
        let upstream = Upstream::start(move |_, _| {
            let body = json!({"error": {"code": code, "message": "(#1) no", "error_data": {"details": "call 0700 000 001"}}});
            answer(status, body.to_string())
        })
        .await;
        match send(&upstream.base_url).await {
            SendOutcome::Refused { error, class: found, retry_after: None } => {
                assert_eq!((error.code, found, error.detail.as_str()), (code, class, "call ***"));
            }
            other => panic!("{code}: {other:?}"),
        }
        assert_eq!(upstream.seen().len(), 1);
    }
}

#[tokio::test]
async fn wait_that_meta_asks_for_is_passed_on() {
    let upstream = Upstream::start(|_, _| {
        let mut response = answer(429, r#"{"error":{"code":4,"message":"m"}}"#);
        response.headers_mut().insert("retry-after", "17".parse().unwrap());
        response
    })
    .await;
    match send(&upstream.base_url).await {
        SendOutcome::Refused { class, retry_after, .. } => {
            assert_eq!((class, retry_after), (ErrorClass::Throttle, Some(Duration::from_secs(17))));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn server_fault_without_words_of_meta_is_unknown() {
    for status in [500, 502, 503, 504, 408] {
        let upstream = Upstream::answering(status, "<html>oops</html>").await;
        let outcome = send(&upstream.base_url).await;
        assert!(is_unknown(&outcome), "{status}: {outcome:?}");
    }
}

#[tokio::test]
async fn somebody_in_the_way_never_blames_the_credential_and_is_not_followed() {
    for (status, class) in [
        (307, ErrorClass::Permanent),
        (401, ErrorClass::Permanent),
        (404, ErrorClass::Permanent),
        (429, ErrorClass::Throttle),
    ] {
        let upstream = Upstream::start(move |_, own| {
            let mut response = answer(status, "");
            response.headers_mut().insert("location", format!("{own}/elsewhere").parse().unwrap());
            response
        })
        .await;
        match send(&upstream.base_url).await {
            SendOutcome::Refused { error, class: found, .. } => {
                assert_eq!((error.code, found), (i64::from(status), class));
            }
            other => panic!("{status}: {other:?}"),
        }
        assert_eq!(upstream.seen().len(), 1);
    }
}

#[tokio::test]
async fn what_breaks_a_limit_is_refused_before_any_call() {
    let upstream = Upstream::answering(200, ACCEPTED).await;
    let mut message = outgoing();
    message.content = Content::Text { body: "a".repeat(4097).into(), preview_url: false };
    match channel().send(&connection(&upstream.base_url), &message).await {
        SendOutcome::Refused { error, class: ErrorClass::Permanent, .. } => assert_eq!(error.code, 100),
        other => panic!("{other:?}"),
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn outcome_never_tells_the_token_or_the_number() {
    for base_url in ["http://127.0.0.1:9", "no address", "http://nowhere.invalid"] {
        let told = format!("{:?}", send(base_url).await);
        assert!(!told.contains("TOKEN-of-tests") && !told.contains("700000001"), "{told}");
    }
}
