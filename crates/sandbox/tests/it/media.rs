//! Files up, down, and gone.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::town::{Town, eventually};

async fn upload(town: &Town, mime_type: &str, bytes: Vec<u8>) -> (u16, Value) {
    let file = Part::bytes(bytes).file_name("file").mime_str(mime_type).unwrap();
    let form = Form::new()
        .text("messaging_product", "whatsapp")
        .text("type", mime_type.to_owned())
        .part("file", file);
    let url = town.url(&format!("v26.0/{}/media", town.number.phone_number_id));
    town.request(town.client.post(url).bearer_auth(&town.number.access_token).multipart(form)).await
}

#[tokio::test]
async fn a_file_goes_up_and_comes_back_for_the_tokens_owner() {
    let town = Town::start().await;
    let (status, body) = upload(&town, "image/png", b"\x89PNG not really".to_vec()).await;
    assert_eq!(status, 200, "{body}");
    let id = body["id"].as_str().unwrap();
    let (_, described) = town.graph("GET", id, Value::Null).await;
    assert_eq!(
        (described["mime_type"].as_str(), described["file_size"].as_u64()),
        (Some("image/png"), Some(15))
    );
    let url = described["url"].as_str().unwrap();
    assert_eq!(town.client.get(url).send().await.unwrap().status().as_u16(), 401);
    let answer = town.client.get(url).bearer_auth(&town.number.access_token).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert_eq!(&answer.bytes().await.unwrap()[..], b"\x89PNG not really");
    town.write("ana", "Bună").await;
    let (_, sent) = town
        .post(json!({"to": town.phone("ana"), "type": "image", "image": {"id": id, "caption": "pâine"}}))
        .await;
    town.status(sent["messages"][0]["id"].as_str().unwrap(), "delivered").await;
    assert_eq!(town.graph("DELETE", id, Value::Null).await.1, json!({"success": true}));
    assert_eq!(town.graph("GET", id, Value::Null).await.0, 400);
    town.stop().await;
}

#[tokio::test]
async fn an_address_expires_after_five_minutes_and_a_file_after_its_days() {
    let town = Town::start().await;
    let (_, body) = upload(&town, "application/pdf", b"%PDF".to_vec()).await;
    let id = body["id"].as_str().unwrap();
    let (_, described) = town.graph("GET", id, Value::Null).await;
    let url = described["url"].as_str().unwrap();
    let fetch = || town.client.get(url).bearer_auth(&town.number.access_token).send();
    assert_eq!(fetch().await.unwrap().status().as_u16(), 200);
    town.control("POST", "/clock", json!({"advance_seconds": 301})).await;
    assert_eq!(fetch().await.unwrap().status().as_u16(), 404);
    assert_eq!(town.graph("GET", id, Value::Null).await.0, 200);
    town.control("POST", "/clock", json!({"advance_seconds": 30 * 86_400})).await;
    assert_eq!(town.graph("GET", id, Value::Null).await.0, 400);
    town.stop().await;
}

#[tokio::test]
async fn wrong_types_and_sizes_are_131053() {
    let town = Town::start().await;
    for (mime_type, size) in [("image/gif", 10), ("image/png", 5 * 1024 * 1024 + 1), ("image/webp", 600_000)]
    {
        let (status, body) = upload(&town, mime_type, vec![0; size]).await;
        assert_eq!((status, body["error"]["code"].as_i64()), (400, Some(131_053)), "{mime_type}");
    }
    assert_eq!(upload(&town, "application/pdf", vec![0; 20 * 1024 * 1024]).await.0, 200);
    let (_, body) = upload(&town, "application/pdf", b"%PDF".to_vec()).await;
    town.write("ana", "Bună").await;
    let (_, sent) =
        town.post(json!({"to": town.phone("ana"), "type": "image", "image": {"id": body["id"]}})).await;
    let failed = town.status(sent["messages"][0]["id"].as_str().unwrap(), "failed").await;
    assert_eq!(failed["errors"][0]["code"], 131_053);
    town.stop().await;
}

#[tokio::test]
async fn a_customers_photo_can_be_fetched() {
    let town = Town::start().await;
    let body = json!({"type": "image", "image": {"caption": "x", "data_base64": "aGVsbG8=", "mime_type": "image/jpeg"}});
    town.control("POST", "/customers/ana/messages", body).await;
    let message = eventually("the photo", || town.receiver.all("messages").first().cloned()).await;
    let image = &message["image"];
    assert_eq!((image["mime_type"].as_str(), image["caption"].as_str()), (Some("image/jpeg"), Some("x")));
    // The SHA-256 of "hello" in base64.
    assert_eq!(image["sha256"], "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
    let (_, described) = town.graph("GET", image["id"].as_str().unwrap(), Value::Null).await;
    let url = described["url"].as_str().unwrap();
    let answer = town.client.get(url).bearer_auth(&town.number.access_token).send().await.unwrap();
    assert_eq!(&answer.bytes().await.unwrap()[..], b"hello");
    for kind in ["image", "audio", "video", "document", "sticker"] {
        let answer = town.control("POST", "/customers/ana/messages", json!({"type": kind})).await;
        assert!(answer["messages"][0][kind]["id"].is_string());
    }
    town.stop().await;
}

#[tokio::test]
async fn broken_media_fail_as_asked() {
    let town = Town::start().await;
    let (_, body) = upload(&town, "application/pdf", b"%PDF".to_vec()).await;
    let id = body["id"].as_str().unwrap();
    town.control("POST", "/faults", json!({"kind": "media_error"})).await;
    assert_eq!(upload(&town, "application/pdf", b"%PDF".to_vec()).await.1["error"]["code"], 131_053);
    assert_eq!(town.graph("GET", id, Value::Null).await.1["error"]["code"], 131_052);
    town.stop().await;
}
