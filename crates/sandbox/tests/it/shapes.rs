//! The generations of payloads: identities, versions, spellings, batches.

use serde_json::{Value, json};

use crate::town::{Town, eventually};

/// The first message's value and the `sent` status's value of a reply to it.
async fn exchange(settings: Value) -> (Town, Value, Value) {
    let town = Town::with(settings).await;
    town.write("elena", "Bună").await;
    let inbound =
        eventually("the message", || town.receiver.received().first().map(crate::town::Received::value))
            .await;
    let to = match inbound["messages"][0]["from"].as_str() {
        Some(phone) => json!({"to": phone}),
        None => json!({"recipient": inbound["messages"][0]["from_user_id"]}),
    };
    let mut body = json!({"type": "text", "text": {"body": "Salut"}});
    body.as_object_mut().unwrap().extend(to.as_object().unwrap().clone());
    let (status, answer) = town.post(body).await;
    assert_eq!(status, 200, "{answer}");
    let wamid = answer["messages"][0]["id"].as_str().unwrap().to_owned();
    let outbound = eventually("the status", || {
        town.receiver
            .received()
            .iter()
            .map(crate::town::Received::value)
            .find(|value| value["statuses"][0]["id"] == wamid)
    })
    .await;
    (town, inbound, outbound)
}

#[tokio::test]
async fn someone_with_a_username_shows_no_phone_anywhere() {
    let (town, inbound, outbound) = exchange(json!({"identity": "username"})).await;
    let whole = format!("{inbound}{outbound}");
    assert!(!whole.contains("40766555105"), "{whole}");
    assert!(inbound["contacts"][0].get("wa_id").is_none());
    assert_eq!(inbound["contacts"][0]["profile"]["username"], "@elena.dulce");
    assert!(inbound["messages"][0].get("from").is_none());
    let user_id = inbound["messages"][0]["from_user_id"].as_str().unwrap();
    assert!(user_id.starts_with("RO."));
    assert_eq!(outbound["statuses"][0]["recipient_user_id"], user_id);
    assert!(outbound["statuses"][0].get("recipient_id").is_none());
    town.stop().await;
}

#[tokio::test]
async fn the_shape_of_2026_carries_both_identities_and_contacts_in_statuses() {
    let (town, inbound, outbound) = exchange(json!({})).await;
    assert_eq!(inbound["contacts"][0]["wa_id"], "40766555105");
    assert_eq!(outbound["contacts"][0]["user_id"], inbound["contacts"][0]["user_id"]);
    assert_eq!(outbound["statuses"][0]["recipient_id"], "40766555105");
    assert_eq!(outbound["statuses"][0]["type"], "message");
    assert!(outbound["statuses"][0].get("conversation").is_none());
    town.stop().await;
}

#[tokio::test]
async fn the_old_shape_knows_phones_and_conversations_only() {
    let (town, inbound, outbound) = exchange(json!({"identity": "phone", "webhook_version": 23})).await;
    assert!(!format!("{inbound}{outbound}").contains("user_id"));
    assert!(outbound.get("contacts").is_none());
    let status = &outbound["statuses"][0];
    assert!(
        status["conversation"]["id"].is_string()
            && status["conversation"]["expiration_timestamp"].is_string()
    );
    assert_eq!(status["conversation"]["origin"]["type"], "service");
    assert!(status.get("type").is_none());
    town.stop().await;
}

#[tokio::test]
async fn one_customer_can_hide_their_phone() {
    let town = Town::start().await;
    town.control("PATCH", "/customers/ana", json!({"phone_visible": false, "username": "ana.i"})).await;
    town.write("ana", "Bună").await;
    let hidden =
        eventually("ana", || town.receiver.received().first().map(crate::town::Received::value)).await;
    assert!(hidden["messages"][0].get("from").is_none());
    town.control("PATCH", "/customers/ana", json!({"username": null})).await;
    let described = town.control("GET", "/customers/ana", Value::Null).await;
    assert_eq!(described["username"], Value::Null);
    town.stop().await;
}

#[tokio::test]
async fn the_plain_spelling_keeps_letters() {
    let town = Town::with(json!({"escape": "plain"})).await;
    town.write("ana", "țară/ășâ").await;
    let received = eventually("the webhook", || town.receiver.received().first().cloned()).await;
    assert!(String::from_utf8(received.body.to_vec()).unwrap().contains("țară/ășâ"));
    town.stop().await;
}

#[tokio::test]
async fn a_batch_carries_many_messages_in_one_webhook() {
    let town = Town::with(json!({"batch_max": 50, "batch_wait_ms": 30})).await;
    let body = json!({"type": "text", "text": {"body": "x"}, "count": 120});
    let answer = town.control("POST", "/customers/ana/messages", body).await;
    assert_eq!(answer["messages"].as_array().unwrap().len(), 120);
    eventually("all of them", || (town.receiver.all("messages").len() == 120).then_some(())).await;
    assert_eq!(town.receiver.received().len(), 3);
    town.stop().await;
}

#[tokio::test]
async fn unknown_types_pass_as_they_are() {
    let town = Town::start().await;
    let body = json!({"type": "hologram", "hologram": {"depth": 3, "nothing": null}, "timestamp": "1700000000", "id": "wamid.mine"});
    town.control("POST", "/customers/ana/messages", body).await;
    let message = eventually("the message", || town.receiver.all("messages").first().cloned()).await;
    assert_eq!(message["hologram"], json!({"depth": 3, "nothing": null}));
    assert_eq!(
        (message["id"].as_str(), message["timestamp"].as_str()),
        (Some("wamid.mine"), Some("1700000000"))
    );
    let body = json!({"type": "system", "system": {"type": "user_changed_number", "body": "x"}});
    town.control("POST", "/customers/ana/messages", body).await;
    let value = eventually("the system message", || {
        town.receiver
            .received()
            .iter()
            .map(crate::town::Received::value)
            .find(|value| value["messages"][0]["type"] == "system")
    })
    .await;
    assert!(value.get("contacts").is_none());
    town.stop().await;
}
