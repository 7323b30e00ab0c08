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

#[tokio::test]
async fn after_seven_days_a_webhook_is_lost_for_good() {
    let town = Town::with(json!({"retry_base_ms": 50})).await;
    town.receiver.answer_with(&[503; 50]);
    let wamid = town.write("ana", "Bună").await;
    eventually("an attempt", || town.receiver.received().first().cloned()).await;
    town.control("POST", "/clock", json!({"advance_seconds": 8 * 86_400})).await;
    let expired =
        eventually("the end", || town.sandbox.ledger().into_iter().find(|entry| entry.outcome == "expired"))
            .await;
    assert_eq!(expired.wamids, [wamid]);
    let attempts = town.receiver.received().len();
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    assert_eq!(town.receiver.received().len(), attempts);
    town.stop().await;
}

#[tokio::test]
async fn a_receiver_that_comes_back_gets_everything() {
    let town = Town::start().await;
    let address = town.receiver.url.clone();
    let Town { sandbox, receiver, number, client } = town;
    receiver.close().await;
    let url = format!("{}/sandbox/customers/ana/messages", sandbox.base_url());
    let body = json!({"type": "text", "text": {"body": "x"}, "count": 20});
    assert!(client.post(url).json(&body).send().await.unwrap().status().is_success());
    eventually("a failed attempt", || sandbox.ledger().into_iter().find(|entry| entry.outcome == "failed"))
        .await;
    let receiver = crate::town::Receiver::start_at(&address).await;
    eventually("all messages", || (receiver.all("messages").len() == 20).then_some(())).await;
    Town { sandbox, receiver, number, client }.stop().await;
}

#[tokio::test]
async fn large_batches_are_split_below_the_ceiling() {
    let town = Town::with(json!({"batch_max": 1000, "batch_wait_ms": 100})).await;
    let body = json!({"type": "text", "text": {"body": "ă".repeat(4000)}, "count": 200});
    town.control("POST", "/customers/ana/messages", body).await;
    eventually("all messages", || (town.receiver.all("messages").len() == 200).then_some(())).await;
    let received = town.receiver.received();
    assert!(received.len() > 1 && received.iter().all(|one| one.body.len() <= 3 * 1024 * 1024));
    town.stop().await;
}
