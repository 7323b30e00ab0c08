//! The many ways in which clients spell one and the same call.

use serde_json::{Value, json};

use crate::town::Town;

fn text_to(phone: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": phone, "type": "text", "text": {"body": "Salut"}})
}

#[tokio::test]
async fn the_token_travels_in_header_query_or_form() {
    let town = Town::start().await;
    let (id, token, phone) = (&town.number.phone_number_id, &town.number.access_token, town.phone("ana"));
    let url = town.url(&format!("v26.0/{id}/messages"));
    let in_header = town.client.post(&url).bearer_auth(token).json(&text_to(&phone));
    let in_query = town.client.post(&url).query(&[("access_token", token)]).json(&text_to(&phone));
    let form = [
        ("messaging_product", "whatsapp"),
        ("to", &phone),
        ("type", "text"),
        ("text", r#"{"body":"Salut"}"#),
        ("access_token", token),
    ];
    let in_form = town.client.post(&url).form(&form);
    for request in [in_header, in_query, in_form] {
        let (status, body) = town.request(request).await;
        assert_eq!(status, 200, "{body}");
        assert!(body["messages"][0]["id"].as_str().unwrap().starts_with("wamid."));
    }
    town.stop().await;
}

#[tokio::test]
async fn version_and_trailing_slash_do_not_matter() {
    let town = Town::start().await;
    let id = &town.number.phone_number_id;
    for path in [format!("{id}/messages"), format!("v23.0/{id}/messages/"), format!("v99.0/{id}/messages")] {
        let request = town.client.post(town.url(&path)).bearer_auth(&town.number.access_token);
        let (status, body) = town.request(request.json(&text_to(&town.phone("ana")))).await;
        assert_eq!(status, 200, "{path}: {body}");
    }
    town.stop().await;
}

#[tokio::test]
async fn parameters_of_a_post_may_stand_in_the_query() {
    let town = Town::start().await;
    let url = town.url(&format!("v26.0/{}/messages", town.number.phone_number_id));
    let request = town.client.post(url).bearer_auth(&town.number.access_token).query(&[
        ("messaging_product", "whatsapp"),
        ("to", &town.phone("ana")),
        ("text", r#"{"body":"Salut"}"#),
    ]);
    assert_eq!(town.request(request).await.0, 200);
    town.stop().await;
}

#[tokio::test]
async fn null_members_count_as_absent() {
    let town = Town::start().await;
    let body = json!({
        "to": town.phone("ana"), "type": "text", "text": {"body": "Salut", "preview_url": null},
        "context": null, "recipient": null, "image": null, "biz_opaque_callback_data": null, "status": null,
    });
    assert_eq!(town.post(body).await.0, 200);
    town.stop().await;
}

#[tokio::test]
async fn a_missing_or_wrong_token_is_refused() {
    let town = Town::start().await;
    let url = town.url(&format!("v26.0/{}/messages", town.number.phone_number_id));
    let (status, body) = town.request(town.client.post(&url).json(&text_to("40722555101"))).await;
    assert_eq!((status, body["error"]["code"].as_i64()), (401, Some(0)));
    let (status, body) =
        town.request(town.client.post(&url).bearer_auth("EAAGnonsense").json(&json!({}))).await;
    assert_eq!((status, body["error"]["code"].as_i64()), (401, Some(190)));
    assert_eq!(body["error"]["type"], "OAuthException");
    assert!(body["error"]["fbtrace_id"].as_str().unwrap().starts_with('A'));
    town.stop().await;
}

#[tokio::test]
async fn a_wrong_proof_is_refused() {
    let town = Town::start().await;
    let path = format!("{}?appsecret_proof=00", town.number.phone_number_id);
    let (status, body) = town.graph("GET", &path, Value::Null).await;
    assert_eq!((status, body["error"]["code"].as_i64()), (400, Some(100)));
    town.control("PATCH", "/settings", json!({"require_appsecret_proof": true})).await;
    assert_eq!(town.graph("GET", &town.number.phone_number_id, Value::Null).await.0, 400);
    let proof = crate::webhooks::hmac_hex(&town.number.app_secret, town.number.access_token.as_bytes());
    let path = format!("{}?appsecret_proof={proof}", town.number.phone_number_id);
    assert_eq!(town.graph("GET", &path, Value::Null).await.0, 200);
    town.stop().await;
}

#[tokio::test]
async fn unknown_paths_and_nodes_answer_as_graph_does() {
    let town = Town::start().await;
    let (status, body) = town.graph("GET", "nonsense/more", Value::Null).await;
    assert_eq!((status, body["error"]["code"].as_i64()), (400, Some(2500)));
    assert!(body["error"]["message"].as_str().unwrap().starts_with("Unknown path components"));
    let (_, body) = town.graph("GET", "1234567", Value::Null).await;
    assert_eq!(
        (body["error"]["code"].as_i64(), body["error"]["error_subcode"].as_i64()),
        (Some(100), Some(33))
    );
    let url = town.url(&format!("v26.0/{}/messages", town.number.phone_number_id));
    let request = town.client.post(url).bearer_auth(&town.number.access_token).body("{not json");
    assert_eq!(town.request(request).await.0, 400);
    town.stop().await;
}

#[tokio::test]
async fn a_token_opens_only_its_own_account() {
    let town = Town::start().await;
    let other = town.control("POST", "/numbers", json!({"new_waba": true, "verified_name": "Alta"})).await;
    let path = other["phone_number_id"].as_str().unwrap();
    let (status, body) = town.graph("GET", path, Value::Null).await;
    assert_eq!((status, body["error"]["error_subcode"].as_i64()), (400, Some(33)));
    assert_ne!(other["access_token"], town.number.access_token);
    assert_eq!(other["app_id"], town.number.app_id);
    town.stop().await;
}
