//! Meta's rules on the sandbox's clock: windows, rates, magic recipients, prices.

use serde_json::{Value, json};

use crate::town::{Town, eventually};

fn text(to: &str) -> Value {
    json!({"to": to, "type": "text", "text": {"body": "Salut"}})
}

#[tokio::test]
async fn outside_the_window_a_free_form_message_fails_by_webhook() {
    let town = Town::start().await;
    let never_wrote = town.send(&town.phone("mihai"), "Salut").await;
    let failed = town.status(&never_wrote, "failed").await;
    assert_eq!(failed["errors"][0]["code"], 131_047);
    assert!(failed.get("pricing").is_none());
    town.write("mihai", "Bună").await;
    let inside = town.send(&town.phone("mihai"), "Salut").await;
    town.status(&inside, "delivered").await;
    town.control("POST", "/clock", json!({"advance_seconds": 86_401})).await;
    let outside = town.send(&town.phone("mihai"), "Salut").await;
    town.status(&outside, "failed").await;
    let template = json!({"name": "hello_world", "language": {"code": "en_US"}});
    let (_, body) =
        town.post(json!({"to": town.phone("mihai"), "type": "template", "template": template})).await;
    assert_eq!(body["messages"][0]["message_status"], "accepted");
    town.status(body["messages"][0]["id"].as_str().unwrap(), "delivered").await;
    town.stop().await;
}

#[tokio::test]
async fn the_window_can_refuse_at_once_or_not_at_all() {
    let town = Town::with(json!({"window_errors": "sync"})).await;
    let (status, body) = town.post(text(&town.phone("mihai"))).await;
    assert_eq!((status, body["error"]["code"].as_i64()), (400, Some(131_047)));
    town.control("PATCH", "/settings", json!({"enforce_window": false})).await;
    assert_eq!(town.post(text(&town.phone("mihai"))).await.0, 200);
    town.stop().await;
}

#[tokio::test]
async fn the_forty_sixth_message_to_one_person_hits_the_pair_limit() {
    let town = Town::with(json!({"throughput": 1000})).await;
    town.write("ana", "Bună").await;
    let phone = town.phone("ana");
    for _ in 0..45 {
        assert_eq!(town.post(text(&phone)).await.0, 200);
    }
    let (status, body) = town.post(text(&phone)).await;
    assert_eq!((status, body["error"]["code"].as_i64()), (400, Some(131_056)));
    town.control("POST", "/clock", json!({"advance_seconds": 7})).await;
    assert_eq!(town.post(text(&phone)).await.0, 200);
    town.stop().await;
}

#[tokio::test]
async fn a_number_has_a_throughput() {
    let town = Town::with(json!({"throughput": 3, "enforce_window": false})).await;
    let mut codes = Vec::new();
    for customer in town.sandbox.customers().iter().take(8) {
        codes.push(town.post(text(&customer.phone)).await.1["error"]["code"].as_i64());
    }
    assert_eq!(codes[..3], [None, None, None]);
    assert!(codes.contains(&Some(130_429)), "{codes:?}");
    town.stop().await;
}

#[tokio::test]
async fn an_unknown_recipient_is_undeliverable() {
    let town = Town::start().await;
    let wamid = town.send("+40799999999", "Salut").await;
    let failed = town.status(&wamid, "failed").await;
    assert_eq!(
        (failed["errors"][0]["code"].as_i64(), failed["recipient_id"].as_str()),
        (Some(131_026), Some("40799999999"))
    );
    town.stop().await;
}

#[tokio::test]
async fn magic_numbers_do_what_they_say() {
    let town = Town::start().await;
    for (phone, code) in [("+40720131026", 131_026), ("+40720131049", 131_049), ("+40720130472", 130_472)] {
        let wamid = town.send(phone, "Salut").await;
        assert_eq!(town.status(&wamid, "failed").await["errors"][0]["code"], code);
    }
    for (phone, code) in [("+40720131056", 131_056), ("+40720130429", 130_429), ("+40720132015", 132_015)] {
        assert_eq!(town.post(text(phone)).await.1["error"]["code"], code);
    }
    let read_only = town.send("+40720000001", "Salut").await;
    town.status(&read_only, "read").await;
    assert_eq!(town.receiver.statuses(&read_only), ["sent", "read"]);
    let stuck = town.send("+40720000002", "Salut").await;
    let offline = town.send("+40720000004", "Salut").await;
    let username = town.send("+40720000003", "Salut").await;
    let read = town.status(&username, "read").await;
    assert!(read.get("recipient_id").is_none() && read.get("recipient_user_id").is_some());
    assert_eq!(town.receiver.statuses(&stuck), ["sent"]);
    assert_eq!(town.receiver.statuses(&offline), ["sent"]);
    town.control("PATCH", "/customers/magic-40720000004", json!({"online": true})).await;
    town.status(&offline, "delivered").await;
    town.stop().await;
}

#[tokio::test]
async fn replies_cost_since_october_once_the_free_ones_are_used() {
    let town = Town::with(json!({"free_service_messages": 1})).await;
    let price_at = async |instant: &str| {
        town.control("POST", "/clock", json!({"set": instant})).await;
        town.write("ana", "Bună").await;
        let wamid = town.send(&town.phone("ana"), "Salut").await;
        town.status(&wamid, "sent").await["pricing"].clone()
    };
    assert_eq!(price_at("2026-09-30T12:00:00Z").await["type"], "free_customer_service");
    assert_eq!(price_at("2026-10-01T00:00:10Z").await["type"], "free_customer_service");
    let charged = price_at("2026-10-01T00:10:00Z").await;
    assert_eq!(
        charged,
        json!({"billable": true, "pricing_model": "PMP", "type": "regular", "category": "service"})
    );
    assert_eq!(price_at("2026-11-01T00:00:10Z").await["billable"], false);
    town.stop().await;
}

#[tokio::test]
async fn an_advertisement_opens_a_free_entry_point() {
    let town = Town::with(json!({"free_service_messages": 0})).await;
    let referral =
        json!({"source_url": "https://fb.me/x", "source_id": "1", "source_type": "ad", "ctwa_clid": "c"});
    let body = json!({"type": "text", "text": {"body": "Am văzut reclama"}, "referral": referral});
    town.control("POST", "/customers/ana/messages", body).await;
    let wamid = town.send(&town.phone("ana"), "Salut").await;
    let sent = town.status(&wamid, "sent").await;
    assert_eq!(
        (sent["pricing"]["type"].as_str(), sent["pricing"]["billable"].as_bool()),
        (Some("free_entry_point"), Some(false))
    );
    assert_eq!(sent["conversation"]["origin"]["type"], "referral_conversion");
    town.stop().await;
}

#[tokio::test]
async fn a_customer_who_blocks_is_undeliverable() {
    let town = Town::start().await;
    town.write("ana", "Bună").await;
    town.control("PATCH", "/customers/ana", json!({"blocked": [town.number.phone_number_id]})).await;
    let wamid = town.send(&town.phone("ana"), "Salut").await;
    assert_eq!(town.status(&wamid, "failed").await["errors"][0]["code"], 131_026);
    town.control("PATCH", "/customers/ana", json!({"blocked": false})).await;
    let wamid = town.send(&town.phone("ana"), "Salut").await;
    town.status(&wamid, "delivered").await;
    town.stop().await;
}

#[tokio::test]
async fn the_business_blocks_only_who_wrote_lately_and_hears_no_more() {
    let town = Town::start().await;
    town.write("ana", "Bună").await;
    let path = format!("{}/block_users", town.number.phone_number_id);
    let users = json!({"messaging_product": "whatsapp", "block_users": [{"user": town.phone("ana")}, {"user": town.phone("mihai")}]});
    let (status, body) = town.graph("POST", &path, users).await;
    assert_eq!((status, body["error"]["code"].as_i64()), (400, Some(139_100)));
    assert_eq!(body["block_users"]["added_users"][0]["wa_id"], "40722555101");
    assert_eq!(body["block_users"]["failed_users"][0]["errors"][0]["code"], 131_047);
    let unheard = town.write("ana", "Hei").await;
    let heard = town.write("mihai", "Salut").await;
    eventually("mihai", || town.receiver.all("messages").into_iter().find(|one| one["id"] == heard)).await;
    assert!(town.receiver.all("messages").iter().all(|one| one["id"] != unheard));
    let (_, listed) = town.graph("GET", &path, Value::Null).await;
    assert_eq!(listed["data"][0]["wa_id"], "40722555101");
    let users = json!({"messaging_product": "whatsapp", "block_users": [{"user": town.phone("ana")}]});
    assert_eq!(town.graph("DELETE", &path, users).await.0, 200);
    town.stop().await;
}
