//! Customers' phones, the town's script, and the repeatability of it all.

use centrala_sandbox::{Options, start};
use serde_json::{Value, json};

use crate::town::{Town, eventually};

#[tokio::test]
async fn an_offline_phone_gets_its_messages_when_it_comes_back() {
    let town = Town::start().await;
    town.write("ana", "Bună").await;
    town.control("PATCH", "/customers/ana", json!({"online": false})).await;
    let wamid = town.send(&town.phone("ana"), "Salut").await;
    town.status(&wamid, "sent").await;
    tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    assert_eq!(town.receiver.statuses(&wamid), ["sent"]);
    assert_eq!(town.screen("ana").await["count"], 1);
    town.control("PATCH", "/customers/ana", json!({"online": true})).await;
    town.status(&wamid, "read").await;
    assert_eq!(town.screen("ana").await["count"], 2);
    town.stop().await;
}

#[tokio::test]
async fn a_customer_who_does_not_open_the_chat_sends_no_read_until_they_do() {
    let town = Town::start().await;
    town.write("ana", "Bună").await;
    town.control("PATCH", "/customers/ana", json!({"reads": false})).await;
    let wamid = town.send(&town.phone("ana"), "Salut").await;
    town.status(&wamid, "delivered").await;
    tokio::time::sleep(std::time::Duration::from_millis(80)).await;
    assert_eq!(town.receiver.statuses(&wamid), ["sent", "delivered"]);
    assert_eq!(town.control("POST", "/customers/ana/read", json!({})).await["read"], 1);
    town.status(&wamid, "read").await;
    town.stop().await;
}

#[tokio::test]
async fn a_voice_message_is_played_after_it_is_read() {
    let town = Town::start().await;
    town.write("ana", "Bună").await;
    let audio = json!({"link": "https://example.com/a.ogg", "voice": true});
    let (_, body) = town.post(json!({"to": town.phone("ana"), "type": "audio", "audio": audio})).await;
    let wamid = body["messages"][0]["id"].as_str().unwrap();
    town.status(wamid, "played").await;
    assert_eq!(town.receiver.statuses(wamid), ["sent", "delivered", "read", "played"]);
    town.stop().await;
}

#[tokio::test]
async fn reactions_of_both_sides_hang_on_their_messages() {
    let town = Town::start().await;
    let inbound = town.write("ana", "Bună").await;
    let outbound = town.send(&town.phone("ana"), "Salut").await;
    town.status(&outbound, "delivered").await;
    let reaction = json!({"type": "reaction", "reaction": {"message_id": outbound, "emoji": "❤️"}});
    town.control("POST", "/customers/ana/messages", reaction).await;
    let (_, body) = town
        .post(json!({"to": town.phone("ana"), "type": "reaction", "reaction": {"message_id": inbound, "emoji": "👍"}}))
        .await;
    let reacted = body["messages"][0]["id"].as_str().unwrap();
    town.status(reacted, "sent").await;
    let screen = eventually_reacted(&town).await;
    assert_eq!(screen["messages"][1]["reactions"][0], json!({"from": "customer", "emoji": "❤️"}));
    assert_eq!(screen["count"], 2);
    assert_eq!(town.receiver.statuses(reacted), ["sent"]);
    town.stop().await;
}

async fn eventually_reacted(town: &Town) -> Value {
    for _ in 0..500 {
        let screen = town.screen("ana").await;
        if screen["messages"][0]["reactions"][0] == json!({"from": "business", "emoji": "👍"}) {
            return screen;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the reaction of the business did not show");
}

#[tokio::test]
async fn a_quoted_message_names_its_author() {
    let town = Town::start().await;
    town.write("ana", "Bună").await;
    let outbound = town.send(&town.phone("ana"), "Ce doriți?").await;
    town.status(&outbound, "delivered").await;
    let body = json!({"type": "text", "text": {"body": "Asta"}, "context": {"id": outbound}});
    let answer = town.control("POST", "/customers/ana/messages", body).await;
    assert_eq!(answer["messages"][0]["context"], json!({"id": outbound, "from": "40364555100"}));
    town.stop().await;
}

#[tokio::test]
async fn many_customers_can_be_made_at_once() {
    let town = Town::start().await;
    let made = town.control("POST", "/customers", json!({"count": 500, "id": "crowd", "name": "Om"})).await;
    assert_eq!(made["customers"].as_array().unwrap().len(), 500);
    assert_eq!(made["customers"][499]["id"], "crowd-500");
    let one = town.control("POST", "/customers", json!({"id": "gigi", "phone": "+40 700 123 456"})).await;
    assert_eq!(one["wa_id"], "40700123456");
    town.control("PATCH", "/customers/gigi", json!({"phone": "+40700123457"})).await;
    let wamid = town.send("+40700123456", "Salut").await;
    assert_eq!(town.status(&wamid, "failed").await["errors"][0]["code"], 131_026);
    town.stop().await;
}

#[tokio::test]
async fn a_customer_with_a_new_number_is_announced_with_both_user_ids() {
    let town = Town::start().await;
    town.write("ana", "Bună").await;
    let before = town.control("GET", "/customers/ana", Value::Null).await;
    town.control("PATCH", "/customers/ana", json!({"phone": "+40700000111"})).await;
    let message = eventually("the system message", || {
        town.receiver.all("messages").into_iter().find(|message| message["type"] == "system")
    })
    .await;
    assert_eq!(
        (message["from"].as_str(), message["system"]["wa_id"].as_str()),
        (Some("40722555101"), Some("40700000111"))
    );
    assert_eq!(message["system"]["previous_user_id"], before["user_id"]);
    assert_ne!(message["system"]["user_id"], before["user_id"]);
    town.write("ana", "Număr nou").await;
    let next = eventually("the next message", || {
        town.receiver.all("messages").into_iter().find(|one| one["text"]["body"] == "Număr nou")
    })
    .await;
    assert_eq!(
        (&next["from"], &next["from_user_id"]),
        (&message["system"]["wa_id"], &message["system"]["user_id"])
    );
    town.stop().await;
}

#[tokio::test]
async fn the_same_seed_makes_the_same_town() {
    let names = async |seed: u64| {
        let sandbox = start(Options { seed, second_number: true, ..Options::default() }).await.unwrap();
        let facts = (sandbox.numbers(), sandbox.customers());
        sandbox.stop().await;
        facts
    };
    let (first, again, other) = (names(7).await, names(7).await, names(8).await);
    assert_eq!(first, again);
    assert_ne!(first.0[0].access_token, other.0[0].access_token);
    assert_eq!((first.0.len(), first.1.len()), (2, 12));
    assert_eq!(first.0[0].waba_id, first.0[1].waba_id);
}

#[tokio::test]
async fn the_town_speaks_by_itself_and_answers_replies() {
    let sandbox = start(Options { quiet_town: false, speed: 200.0, ..Options::default() }).await.unwrap();
    let wrote = |sandbox: &centrala_sandbox::Running| {
        sandbox
            .ledger()
            .into_iter()
            .filter(|entry| entry.kind == centrala_sandbox::LedgerKind::Customer)
            .collect::<Vec<_>>()
    };
    let first = eventually("the first customer", || wrote(&sandbox).first().cloned()).await;
    let customer = first.recipient.unwrap();
    let phone = sandbox.customers().into_iter().find(|one| one.id == customer).unwrap().phone;
    let number = sandbox.numbers().remove(0);
    let url = format!("{}/v26.0/{}/messages", sandbox.base_url(), number.phone_number_id);
    let body = json!({"messaging_product": "whatsapp", "to": phone, "text": {"body": "Desigur!"}});
    let client = reqwest::Client::builder().build().unwrap();
    assert_eq!(
        client
            .post(url)
            .bearer_auth(&number.access_token)
            .json(&body)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16(),
        200
    );
    eventually("an answer", || {
        let answers =
            wrote(&sandbox).into_iter().filter(|entry| entry.recipient.as_deref() == Some(&customer)).count();
        (answers >= 2 || wrote(&sandbox).len() >= 4).then_some(())
    })
    .await;
    sandbox.stop().await;
}

#[tokio::test]
async fn the_ledger_pages_and_filters() {
    let town = Town::start().await;
    town.write("ana", "Bună").await;
    let wamid = town.send(&town.phone("ana"), "Salut").await;
    town.status(&wamid, "read").await;
    let calls = town.control("GET", "/ledger?kind=call", Value::Null).await;
    let last = calls["entries"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((last["wamids"][0].as_str(), last["http_status"].as_u64()), (Some(wamid.as_str()), Some(200)));
    assert_eq!(last["recipient"], town.phone("ana"));
    let first = town.control("GET", "/ledger?limit=2", Value::Null).await;
    assert_eq!(first["next"], 2);
    town.control("POST", "/ledger/reset", json!({})).await;
    let page = reqwest::get(town.url("sandbox/calls")).await.unwrap().text().await.unwrap();
    assert!(page.contains("/sandbox/ledger") && !page.contains(&town.number.access_token));
    let state = town.control("GET", "/state", Value::Null).await;
    assert_eq!(state["numbers"][0]["access_token"], town.number.access_token);
    town.stop().await;
}
