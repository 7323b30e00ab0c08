//! The management side of the Graph API, and the checks of outgoing messages.

use serde_json::{Value, json};

use crate::town::{Receiver, Town, eventually};

#[tokio::test]
async fn fields_choose_what_a_number_tells() {
    let town = Town::start().await;
    let path =
        format!("{}?fields=verified_name,health_status{{can_send_message}}", town.number.phone_number_id);
    let (_, number) = town.graph("GET", &path, Value::Null).await;
    assert_eq!(number["verified_name"], "Brutăria Spicul");
    assert_eq!(number["health_status"]["can_send_message"], "AVAILABLE");
    assert_eq!(number.as_object().unwrap().len(), 3);
    let (_, listed) = town.graph("GET", &format!("{}/phone_numbers", town.number.waba_id), Value::Null).await;
    assert_eq!(listed["data"][0]["id"], town.number.phone_number_id);
    town.stop().await;
}

#[tokio::test]
async fn a_token_describes_itself_to_its_app() {
    let town = Town::start().await;
    let app_token = format!("{}|{}", town.number.app_id, town.number.app_secret);
    let query = [("input_token", &town.number.access_token), ("access_token", &app_token)];
    let (_, body) = town.request(town.client.get(town.url("debug_token")).query(&query)).await;
    assert_eq!(
        (body["data"]["app_id"].as_str(), body["data"]["is_valid"].as_bool()),
        (Some(town.number.app_id.as_str()), Some(true))
    );
    let query = [("input_token", "nonsense"), ("access_token", &app_token)];
    let (_, body) = town.request(town.client.get(town.url("v26.0/debug_token")).query(&query)).await;
    assert_eq!(body["data"]["is_valid"], false);
    town.stop().await;
}

#[tokio::test]
async fn templates_are_filtered_and_paged() {
    let town = Town::start().await;
    let path = format!("{}/message_templates", town.number.waba_id);
    let (_, romanian) =
        town.graph("GET", &format!("{path}?language=ro&name=order_ready&fields=name"), Value::Null).await;
    assert_eq!(romanian["data"].as_array().unwrap().len(), 1);
    let (_, first) = town.graph("GET", &format!("{path}?limit=5"), Value::Null).await;
    let next = first["paging"]["next"].as_str().unwrap();
    let (_, second) = town.request(town.client.get(next).bearer_auth(&town.number.access_token)).await;
    assert_ne!(first["data"][0]["id"], second["data"][0]["id"]);
    town.stop().await;
}

#[tokio::test]
async fn templates_are_sent_only_if_they_exist_with_the_right_values() {
    let town = Town::start().await;
    let send = async |name: &str, values: Value| {
        let components = json!([{"type": "body", "parameters": values}]);
        let template = json!({"name": name, "language": {"code": "ro"}, "components": components});
        town.post(json!({"to": town.phone("ana"), "type": "template", "template": template})).await
    };
    let (status, body) = send("missing", json!([])).await;
    assert_eq!((status, body["error"]["code"].as_i64()), (404, Some(132_001)));
    let (_, body) = send("order_ready", json!([{"type": "text", "text": "Ana"}])).await;
    assert_eq!(body["error"]["code"], 132_000);
    let (_, body) =
        send("order_ready", json!([{"type": "text", "text": "Ana"}, {"type": "text", "text": "1043"}])).await;
    let wamid = body["messages"][0]["id"].as_str().unwrap();
    assert_eq!(town.status(wamid, "delivered").await["pricing"]["category"], "utility");
    let screen = town.screen("ana").await;
    assert!(screen["messages"][0]["body"].as_str().unwrap().starts_with("Bună Ana, comanda 1043"));
    town.stop().await;
}

#[tokio::test]
async fn every_type_is_accepted_and_bad_ones_are_refused() {
    let town = Town::with(json!({"throughput": 1000})).await;
    let inbound = town.write("ana", "Bună").await;
    let good = [
        json!({"type": "text", "text": {"body": "x", "preview_url": false}, "context": {"message_id": inbound}}),
        json!({"type": "image", "image": {"link": "https://example.com/a.png"}}),
        json!({"type": "location", "location": {"latitude": "46.7", "longitude": 23.6}}),
        json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "A B", "first_name": "A"}}]}),
        json!({"type": "reaction", "reaction": {"message_id": inbound, "emoji": "👍"}}),
        json!({"type": "interactive", "interactive": {"type": "button", "body": {"text": "?"},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "da", "title": "Da"}}]}}}),
    ];
    for mut body in good {
        body["to"] = json!(town.phone("ana"));
        let (status, answer) = town.post(body.clone()).await;
        assert_eq!(status, 200, "{body} {answer}");
    }
    let bad = [
        (json!({"type": "text", "text": {"body": "x".repeat(4097)}}), 100),
        (json!({"type": "text"}), 131_008),
        (json!({"type": "hologram", "hologram": {}}), 100),
        (json!({"type": "text", "text": {"body": "x"}, "biz_opaque_callback_data": "x".repeat(513)}), 100),
        (json!({"type": "image", "image": {"id": "123"}}), 131_009),
        (json!({"type": "audio", "audio": {"link": "https://example.com/a.ogg", "caption": "x"}}), 100),
        (
            json!({"type": "interactive", "interactive": {"type": "button", "body": {"text": "?"}, "action": {"buttons": []}}}),
            131_009,
        ),
    ];
    for (mut body, code) in bad {
        body["to"] = json!(town.phone("ana"));
        assert_eq!(town.post(body.clone()).await.1["error"]["code"], code, "{body}");
    }
    let (_, body) = town.post(json!({"to": town.number.display_phone_number, "text": {"body": "x"}})).await;
    assert_eq!(body["error"]["code"], 131_021);
    town.stop().await;
}

#[tokio::test]
async fn overrides_go_number_first_and_can_be_cleared() {
    let town = Town::start().await;
    let (of_number, of_app) = (Receiver::start().await, Receiver::start().await);
    let configuration = |uri: &str| json!({"webhook_configuration": {"override_callback_uri": uri, "verify_token": "let me in"}});
    assert_eq!(town.graph("POST", &town.number.phone_number_id, configuration(&of_number.url)).await.0, 200);
    let app_token = format!("{}|{}", town.number.app_id, town.number.app_secret);
    let body = json!({
        "object": "whatsapp_business_account", "callback_url": of_app.url, "verify_token": "let me in",
        "fields": "messages,account_update", "include_values": true, "access_token": app_token,
    });
    let url = town.url(&format!("v26.0/{}/subscriptions", town.number.app_id));
    assert_eq!(town.request(town.client.post(url).json(&body)).await, (200, json!({"success": true})));
    let path = format!("{}?fields=webhook_configuration", town.number.phone_number_id);
    let (_, shown) = town.graph("GET", &path, Value::Null).await;
    assert_eq!(shown["webhook_configuration"]["phone_number"], of_number.url);
    assert_eq!(shown["webhook_configuration"]["application"], of_app.url);
    town.write("ana", "la număr").await;
    eventually("the number's receiver", || of_number.received().first().cloned()).await;
    assert_eq!(town.graph("POST", &town.number.phone_number_id, configuration("")).await.0, 200);
    town.write("ana", "la cont").await;
    eventually("the account's receiver", || town.receiver.received().first().cloned()).await;
    let subscribed = format!("{}/subscribed_apps", town.number.waba_id);
    assert_eq!(town.graph("POST", &subscribed, json!({})).await.0, 200);
    town.write("ana", "la aplicație").await;
    eventually("the app's receiver", || of_app.received().first().cloned()).await;
    assert_eq!(
        (of_number.received().len(), town.receiver.received().len(), of_app.received().len()),
        (1, 1, 1)
    );
    assert_eq!(town.graph("DELETE", &subscribed, Value::Null).await.0, 200);
    town.write("ana", "la nimeni").await;
    eventually("the ledger", || {
        town.sandbox.ledger().into_iter().find(|entry| entry.outcome == "no_callback")
    })
    .await;
    town.stop().await;
    of_number.close().await;
    of_app.close().await;
}

#[tokio::test]
async fn a_read_receipt_makes_ticks_blue_and_typing_shows() {
    let town = Town::start().await;
    town.write("ana", "unu").await;
    let last = town.write("ana", "doi").await;
    let body = json!({"status": "read", "message_id": last, "typing_indicator": {"type": "text"}});
    assert_eq!(town.post(body).await, (200, json!({"success": true})));
    let screen = town.screen("ana").await;
    assert!(screen["messages"].as_array().unwrap().iter().all(|one| one["read_by_business"] == true));
    assert_eq!(screen["typing"], true);
    town.control("POST", "/clock", json!({"advance_seconds": 26})).await;
    assert_eq!(town.screen("ana").await["typing"], false);
    assert_eq!(
        town.post(json!({"status": "read", "message_id": "wamid.unknown"})).await.1["error"]["code"],
        100
    );
    town.stop().await;
}

#[tokio::test]
async fn history_profile_links_and_registration_work() {
    let town = Town::start().await;
    let id = &town.number.phone_number_id;
    town.write("ana", "Bună").await;
    let wamid = town.send(&town.phone("ana"), "Salut").await;
    town.status(&wamid, "read").await;
    let url = town.url(&format!("v26.0/{id}/message_history"));
    let request =
        town.client.get(url).query(&[("message_id", &wamid)]).bearer_auth(&town.number.access_token);
    let (_, history) = town.request(request).await;
    assert_eq!(history["data"][0]["events"]["data"][2]["delivery_status"], "READ");
    let profile = format!("{id}/whatsapp_business_profile");
    assert_eq!(
        town.graph("POST", &profile, json!({"messaging_product": "whatsapp", "about": "Nou"})).await.0,
        200
    );
    let (_, shown) = town.graph("GET", &format!("{profile}?fields=about"), Value::Null).await;
    assert_eq!(shown, json!({"data": [{"about": "Nou", "messaging_product": "whatsapp"}]}));
    let (_, link) =
        town.graph("POST", &format!("{id}/message_qrdls"), json!({"prefilled_message": "Vreau pâine"})).await;
    let code = link["code"].as_str().unwrap();
    assert_eq!(
        (code.len(), link["deep_link_url"].as_str()),
        (14, Some(format!("https://wa.me/message/{code}").as_str()))
    );
    assert_eq!(town.graph("DELETE", &format!("{id}/message_qrdls/{code}"), Value::Null).await.0, 200);
    assert_eq!(town.graph("POST", &format!("{id}/deregister"), json!({})).await.0, 200);
    let (_, refused) = town.post(json!({"to": town.phone("ana"), "text": {"body": "x"}})).await;
    assert_eq!(refused["error"]["code"], 133_010);
    let register = json!({"messaging_product": "whatsapp", "pin": "123456"});
    assert_eq!(town.graph("POST", &format!("{id}/register"), register).await.0, 200);
    town.stop().await;
}
