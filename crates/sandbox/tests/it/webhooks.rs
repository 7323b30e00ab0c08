//! What the business hears, and how surely.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::town::{Town, eventually};

/// The digest as a receiver computes it.
pub(crate) fn hmac_hex(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_customers_words_arrive_signed_and_escaped() {
    let town = Town::start().await;
    let wamid = town.write("ana", "Bună / ziua").await;
    let received = eventually("the webhook", || town.receiver.received().first().cloned()).await;
    assert_eq!(received.signature, format!("sha256={}", hmac_hex(&town.number.app_secret, &received.body)));
    let text = String::from_utf8(received.body.to_vec()).unwrap();
    assert!(text.contains(r#""Bun\u0103 \/ ziua""#), "{text}");
    let value = received.value();
    assert_eq!(received.json()["entry"][0]["id"], town.number.waba_id);
    assert_eq!(value["metadata"]["phone_number_id"], town.number.phone_number_id);
    assert_eq!(value["messages"][0]["id"], wamid);
    assert_eq!(value["messages"][0]["from"], "40722555101");
    assert_eq!(value["messages"][0]["from_user_id"], value["contacts"][0]["user_id"]);
    assert!(value["messages"][0]["timestamp"].is_string());
    town.stop().await;
}

#[tokio::test]
async fn a_reply_is_sent_delivered_and_read_in_this_order() {
    let town = Town::start().await;
    town.write("ana", "Bună").await;
    let (status, body) = town
        .post(json!({
            "to": town.phone("ana"), "type": "text", "text": {"body": "Salut!"}, "biz_opaque_callback_data": "mark-7",
        }))
        .await;
    assert_eq!(status, 200);
    assert_eq!(body["contacts"][0]["wa_id"], "40722555101");
    let wamid = body["messages"][0]["id"].as_str().unwrap();
    let read = town.status(wamid, "read").await;
    assert_eq!(read["biz_opaque_callback_data"], "mark-7");
    assert_eq!(town.receiver.statuses(wamid), ["sent", "delivered", "read"]);
    let screen = town.screen("ana").await;
    let last = screen["messages"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((last["from"].as_str(), last["body"].as_str()), (Some("business"), Some("Salut!")));
    assert_eq!(last["status"], "read");
    assert_eq!(last["biz_opaque_callback_data"], "mark-7");
    let call = town
        .sandbox
        .ledger()
        .into_iter()
        .find(|entry| entry.wamids == [wamid] && entry.method.is_some())
        .unwrap();
    assert_eq!(call.reached_phone, Some(true));
    town.stop().await;
}

#[tokio::test]
async fn a_refused_webhook_is_tried_again_until_it_is_taken() {
    let town = Town::start().await;
    town.receiver.answer_with(&[500, 202, 404]);
    let wamid = town.write("ana", "Bună").await;
    eventually("the fourth attempt", || (town.receiver.received().len() == 4).then_some(())).await;
    let received = town.receiver.received();
    assert!(received.iter().all(|one| one.body == received[0].body));
    let attempts = eventually("the ledger", || {
        let ledger = town.sandbox.ledger();
        let attempts: Vec<_> = ledger
            .into_iter()
            .filter(|entry| entry.attempt.is_some() && entry.wamids == [wamid.clone()])
            .collect();
        (attempts.len() == 4).then_some(attempts)
    })
    .await;
    assert_eq!(
        attempts.iter().map(|entry| entry.outcome.as_str()).collect::<Vec<_>>(),
        ["refused", "refused", "refused", "delivered"]
    );
    assert_eq!(
        attempts.iter().map(|entry| entry.http_status).collect::<Vec<_>>(),
        [Some(500), Some(202), Some(404), Some(200)]
    );
    town.stop().await;
}

#[tokio::test]
async fn a_refused_handshake_changes_nothing() {
    let town = Town::start().await;
    let path = format!("{}/subscribed_apps", town.number.waba_id);
    let body = json!({"override_callback_uri": town.receiver.url, "verify_token": "wrong"});
    let (status, error) = town.graph("POST", &path, body).await;
    assert_eq!((status, error["error"]["code"].as_i64()), (400, Some(2200)));
    let (_, listed) = town.graph("GET", &path, Value::Null).await;
    assert_eq!(listed["data"][0]["override_callback_uri"], town.receiver.url);
    town.stop().await;
}
