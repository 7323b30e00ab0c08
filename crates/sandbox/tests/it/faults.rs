//! Each fault does what it says, to whom it says, and as often as it says.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::town::{Town, eventually};

async fn with_fault(fault: Value) -> Town {
    let town = Town::start().await;
    town.write("ana", "Bună").await;
    eventually("the first webhook", || town.receiver.received().first().cloned()).await;
    town.control("POST", "/faults", fault).await;
    town
}

fn reply(town: &Town) -> Value {
    json!({"to": town.phone("ana"), "type": "text", "text": {"body": "Salut"}})
}

/// Sends and says whether an answer came at all.
async fn raw_send(town: &Town, patience_ms: u64) -> Result<reqwest::Response, reqwest::Error> {
    let mut body = reply(town);
    body["messaging_product"] = json!("whatsapp");
    let url = town.url(&format!("v26.0/{}/messages", town.number.phone_number_id));
    let request = town.client.post(url).bearer_auth(&town.number.access_token).json(&body);
    request.timeout(Duration::from_millis(patience_ms)).send().await
}

#[tokio::test]
async fn latency_makes_an_answer_late() {
    let town = with_fault(json!({"kind": "latency", "ms": 120, "once": true})).await;
    let started = Instant::now();
    assert_eq!(town.post(reply(&town)).await.0, 200);
    assert!(started.elapsed() >= Duration::from_millis(120));
    town.stop().await;
}

#[tokio::test]
async fn an_http_error_is_not_graphs_json() {
    let town = with_fault(json!({"kind": "http_error", "status": 502, "count": 1})).await;
    assert_eq!(town.post(reply(&town)).await, (502, Value::Null));
    assert_eq!(town.post(reply(&town)).await.0, 200);
    town.stop().await;
}

#[tokio::test]
async fn codes_throttling_and_revoked_tokens_answer_as_errors() {
    let town = with_fault(json!([
        {"kind": "error_code", "code": 131_000, "once": true},
    ]))
    .await;
    for (fault, status, code) in [
        (None, 500, 131_000),
        (Some(json!({"kind": "throttle", "once": true})), 400, 130_429),
        (Some(json!({"kind": "token_revoked", "once": true})), 401, 190),
        (Some(json!({"kind": "number_blocked", "once": true})), 403, 131_031),
    ] {
        if let Some(fault) = fault {
            town.control("POST", "/faults", fault).await;
        }
        let (answered, body) = town.post(reply(&town)).await;
        assert_eq!((answered, body["error"]["code"].as_i64()), (status, Some(code)));
    }
    assert_eq!(town.post(reply(&town)).await.0, 200);
    town.stop().await;
}

#[tokio::test]
async fn a_cut_before_acceptance_sends_nothing() {
    let town = with_fault(json!({"kind": "cut_before_accept", "once": true})).await;
    assert!(raw_send(&town, 5000).await.is_err());
    let cut = town.sandbox.ledger().into_iter().find(|entry| entry.outcome == "cut_before_accept").unwrap();
    assert!(cut.wamids.is_empty());
    town.send(&town.phone("ana"), "al doilea").await;
    let screen = eventually_reached(&town, 1).await;
    assert_eq!(screen["messages"].as_array().unwrap().last().unwrap()["body"], "al doilea");
    town.stop().await;
}

#[tokio::test]
async fn a_cut_after_acceptance_still_delivers() {
    let town =
        with_fault(json!({"kind": "cut_after_accept", "path_contains": "/messages", "once": true})).await;
    assert!(raw_send(&town, 5000).await.is_err());
    eventually_reached(&town, 1).await;
    let cut = town.sandbox.ledger().into_iter().find(|entry| entry.outcome == "cut_after_accept").unwrap();
    assert_eq!((cut.reached_phone, cut.http_status), (Some(true), None));
    town.status(&cut.wamids[0], "read").await;
    // Asked again, the phone shows it twice.
    town.send(&town.phone("ana"), "Salut").await;
    eventually_reached(&town, 2).await;
    town.stop().await;
}

async fn eventually_reached(town: &Town, count: u64) -> Value {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let screen = town.screen("ana").await;
        if screen["reached"] == count {
            return screen;
        }
        assert!(Instant::now() < deadline, "the phone shows {}", screen["reached"]);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_hanging_call_never_answers_and_does_nothing() {
    let town = with_fault(json!({"kind": "hang", "once": true})).await;
    assert!(raw_send(&town, 300).await.unwrap_err().is_timeout());
    assert_eq!(town.screen("ana").await["reached"], 0);
    town.stop().await;
}

#[tokio::test]
async fn a_malformed_answer_hides_an_accepted_message() {
    let town = with_fault(json!({"kind": "malformed_answer", "once": true})).await;
    let answer = raw_send(&town, 5000).await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert!(answer.json::<Value>().await.is_err());
    eventually_reached(&town, 1).await;
    town.stop().await;
}

#[tokio::test]
async fn paused_templates_are_refused() {
    let town = with_fault(json!({"kind": "template_paused"})).await;
    let template = json!({"name": "hello_world", "language": {"code": "en_US"}});
    let (status, body) =
        town.post(json!({"to": town.phone("ana"), "type": "template", "template": template})).await;
    assert_eq!((status, body["error"]["code"].as_i64()), (400, Some(132_015)));
    let (_, listed) =
        town.graph("GET", &format!("{}/message_templates", town.number.waba_id), Value::Null).await;
    assert_eq!(listed["data"][0]["status"], "PAUSED");
    assert_eq!(town.post(reply(&town)).await.0, 200);
    town.stop().await;
}

#[tokio::test]
async fn one_template_can_be_paused_and_the_business_hears_both_ends() {
    let town = Town::with(json!({"locale_style": "en-US"})).await;
    town.control("POST", "/faults", json!({"kind": "template_paused", "template": "hello_world"})).await;
    town.control("DELETE", "/faults", Value::Null).await;
    let events = eventually("both webhooks", || {
        let values: Vec<_> = town.receiver.received().iter().map(crate::town::Received::value).collect();
        (values.len() == 2).then_some(values)
    })
    .await;
    assert!(events.iter().all(|one| one["message_template_name"] == "hello_world"));
    assert!(events.iter().all(|one| one["message_template_language"] == "en-US"));
    assert!(
        events.iter().any(|one| one["event"] == "PAUSED")
            && events.iter().any(|one| one["event"] == "APPROVED")
    );
    town.stop().await;
}

#[tokio::test]
async fn a_fault_can_be_for_one_customer() {
    let town = with_fault(json!({"kind": "error_code", "code": 131_000, "recipient": "ana"})).await;
    assert_eq!(town.post(reply(&town)).await.0, 500);
    town.write("mihai", "Bună").await;
    town.send(&town.phone("mihai"), "Salut").await;
    town.stop().await;
}

#[tokio::test]
async fn a_red_number_says_so_and_tells_the_business() {
    let town = with_fault(json!({"kind": "quality_red"})).await;
    let (_, number) = town.graph("GET", &town.number.phone_number_id, Value::Null).await;
    assert_eq!(number["quality_rating"], "RED");
    eventually("the quality webhook", || {
        town.receiver
            .received()
            .into_iter()
            .find(|one| one.json()["entry"][0]["changes"][0]["field"] == "phone_number_quality_update")
    })
    .await;
    town.control("DELETE", "/faults", Value::Null).await;
    let (_, number) = town.graph("GET", &town.number.phone_number_id, Value::Null).await;
    assert_eq!(number["quality_rating"], "GREEN");
    town.stop().await;
}

#[tokio::test]
async fn a_duplicated_webhook_comes_with_the_same_bytes() {
    let town = with_fault(json!({"kind": "webhook_duplicate", "times": 2, "once": true})).await;
    let wamid = town.write("ana", "de trei ori").await;
    let copies = eventually("three copies", || {
        let copies: Vec<_> = town
            .receiver
            .received()
            .into_iter()
            .filter(|one| one.value()["messages"][0]["id"] == wamid)
            .collect();
        (copies.len() == 3).then_some(copies)
    })
    .await;
    assert!(copies.iter().all(|one| one.body == copies[0].body));
    town.stop().await;
}

#[tokio::test]
async fn a_reordered_webhook_is_overtaken() {
    let town = with_fault(json!({"kind": "webhook_reorder", "once": true})).await;
    let first = town.write("ana", "unu").await;
    let second = town.write("ana", "doi").await;
    let ids = eventually("both", || {
        let ids: Vec<_> =
            town.receiver.all("messages").into_iter().skip(1).map(|one| one["id"].clone()).collect();
        (ids.len() == 2).then_some(ids)
    })
    .await;
    assert_eq!(ids, [second, first]);
    town.stop().await;
}

#[tokio::test]
async fn a_lost_webhook_comes_by_retry_and_a_dropped_one_never() {
    let town = with_fault(json!([
        {"kind": "webhook_lose_first", "n": 2, "once": true},
    ]))
    .await;
    let lost = town.write("ana", "pierdut").await;
    eventually("the retry", || town.receiver.all("messages").into_iter().find(|one| one["id"] == lost)).await;
    let of_lost = |outcome: &str| {
        town.sandbox
            .ledger()
            .iter()
            .filter(|entry| entry.wamids == [lost.clone()] && entry.outcome == outcome)
            .count()
    };
    assert_eq!(of_lost("lost"), 2);
    town.control("POST", "/faults", json!({"kind": "webhook_drop", "recipient": "+40 722 555 101"})).await;
    let dropped = town.write("ana", "niciodată").await;
    let other = town.write("mihai", "altcineva").await;
    eventually("the other customer", || {
        town.receiver.all("messages").into_iter().find(|one| one["id"] == other)
    })
    .await;
    assert!(town.receiver.all("messages").iter().all(|one| one["id"] != dropped));
    town.stop().await;
}

#[tokio::test]
async fn a_late_webhook_waits() {
    let town = with_fault(json!({"kind": "webhook_delay", "ms": 150, "once": true})).await;
    let started = Instant::now();
    let wamid = town.write("ana", "târziu").await;
    eventually("the webhook", || town.receiver.all("messages").into_iter().find(|one| one["id"] == wamid))
        .await;
    assert!(started.elapsed() >= Duration::from_millis(150));
    town.stop().await;
}

#[tokio::test]
async fn a_badly_signed_webhook_is_followed_by_a_good_one_if_refused() {
    let town = with_fault(json!({"kind": "webhook_bad_signature", "once": true})).await;
    town.receiver.answer_with(&[401]);
    town.write("ana", "fals").await;
    let received = eventually("two attempts", || {
        let received = town.receiver.received();
        (received.len() == 3).then_some(received)
    })
    .await;
    let right = format!("sha256={}", crate::webhooks::hmac_hex(&town.number.app_secret, &received[1].body));
    assert_ne!(received[1].signature, right);
    assert_eq!((&received[2].signature, &received[2].body), (&right, &received[1].body));
    town.stop().await;
}

#[tokio::test]
async fn a_fault_can_be_ended_by_its_id() {
    let town = Town::start().await;
    let fault = town.control("POST", "/faults", json!({"kind": "throttle"})).await;
    let id = fault["id"].as_str().unwrap();
    assert_eq!(town.control("GET", "/faults", Value::Null).await["faults"][0]["id"], id);
    town.control("DELETE", &format!("/faults/{id}"), Value::Null).await;
    assert_eq!(town.control("GET", "/faults", Value::Null).await["faults"], json!([]));
    town.stop().await;
}
