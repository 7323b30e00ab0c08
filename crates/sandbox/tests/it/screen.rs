//! The town on screen: its files, what it may load, and the calls it lives from.

use serde_json::{Value, json};

use crate::town::Town;

#[tokio::test]
async fn the_page_and_its_files_come_with_their_types_and_a_strict_policy() {
    let town = Town::start().await;
    let files = [
        ("sandbox", "text/html; charset=utf-8"),
        ("sandbox/", "text/html; charset=utf-8"),
        ("sandbox/town.css", "text/css; charset=utf-8"),
        ("sandbox/town.js", "text/javascript; charset=utf-8"),
        ("sandbox/town.svg", "image/svg+xml"),
        ("sandbox/calls", "text/plain; charset=utf-8"),
    ];
    for (path, content_type) in files {
        let answer = reqwest::get(town.url(path)).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["content-type"], content_type);
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        for rule in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"));
        assert!(!answer.text().await.unwrap().contains(&town.number.access_token));
    }
    town.stop().await;
}

#[tokio::test]
async fn the_page_has_no_script_or_style_of_its_own() {
    let town = Town::start().await;
    let page = reqwest::get(town.url("sandbox/")).await.unwrap().text().await.unwrap();
    assert!(!page.contains("<style") && !page.contains("style=") && !page.contains(" onclick="));
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("src=\"/sandbox/town.js\""));
    let script = reqwest::get(town.url("sandbox/town.js")).await.unwrap().text().await.unwrap();
    assert!(!script.contains("innerHTML") && !script.contains("insertAdjacentHTML"));
    town.stop().await;
}

#[tokio::test]
async fn paths_nobody_knows_are_not_found() {
    let town = Town::start().await;
    for path in ["sandbox/town.txt", "sandbox/town/town.js", "sandbox/media/1", "sandbox/media"] {
        assert_eq!(reqwest::get(town.url(path)).await.unwrap().status(), 404, "{path}");
    }
    town.stop().await;
}

#[tokio::test]
async fn the_pulse_tells_only_who_changed() {
    let town = Town::start().await;
    let all = town.control("GET", "/pulse", Value::Null).await;
    assert_eq!((all["whole"].as_bool(), all["people_count"].as_u64()), (Some(true), Some(12)));
    assert_eq!(all["people"].as_array().unwrap().len(), 12);
    assert!(!all.to_string().contains(&town.number.access_token));
    assert!(town.receiver.url.starts_with(all["business_url"].as_str().unwrap()));
    let since = |pulse: &Value| format!("/pulse?since={}", pulse["version"]);
    let quiet = town.control("GET", &since(&all), Value::Null).await;
    assert_eq!((quiet["whole"].as_bool(), &quiet["people"]), (Some(false), &json!([])));
    town.write("emma", "Hi").await;
    let news = town.control("GET", &since(&quiet), Value::Null).await;
    assert_eq!(news["people"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&news["people"][0]["id"], &news["people"][0]["newest"]["body"]),
        (&json!("emma"), &json!("Hi"))
    );
    town.control("PATCH", "/customers/ana", json!({"online": false})).await;
    let news = town.control("GET", &since(&news), Value::Null).await;
    assert_eq!((&news["people"][0]["id"], &news["people"][0]["online"]), (&json!("ana"), &json!(false)));
    // A version of a town that was restarted since.
    let fresh = town.control("GET", "/pulse?since=999999", Value::Null).await;
    assert_eq!((fresh["whole"].as_bool(), fresh["people"].as_array().unwrap().len()), (Some(true), 12));
    town.stop().await;
}

#[tokio::test]
async fn a_tick_and_a_reaction_are_news() {
    let town = Town::start().await;
    town.write("ana", "Bună").await;
    let wamid = town.send(&town.phone("ana"), "Salut").await;
    town.status(&wamid, "read").await;
    let before = town.control("GET", "/pulse", Value::Null).await["version"].as_u64().unwrap();
    let reaction = json!({"type": "reaction", "reaction": {"message_id": wamid, "emoji": "👍"}});
    town.control("POST", "/customers/ana/messages", reaction).await;
    let news = town.control("GET", &format!("/pulse?since={before}"), Value::Null).await;
    assert_eq!(news["people"][0]["id"], "ana");
    town.stop().await;
}

#[tokio::test]
async fn media_are_shown_if_browsers_show_them_and_otherwise_saved() {
    let town = Town::start().await;
    let send = async |kind: &str, object: Value| {
        let body = json!({"type": kind, kind: object});
        let answer = town.control("POST", "/customers/ana/messages", body).await;
        let id = answer["messages"][0][kind]["id"].as_str().unwrap().to_owned();
        reqwest::get(town.url(&format!("sandbox/media/{id}"))).await.unwrap()
    };
    let picture = send("image", json!({})).await;
    assert_eq!(
        (picture.status().as_u16(), &picture.headers()["content-type"]),
        (200, &"image/png".parse().unwrap())
    );
    assert!(picture.bytes().await.unwrap().starts_with(b"\x89PNG"));
    for mime_type in ["text/html", "image/svg+xml"] {
        let file = send("document", json!({"mime_type": mime_type, "data_base64": "PGI+"})).await;
        assert_eq!(file.headers()["content-type"], "application/octet-stream");
        assert_eq!(file.headers()["content-disposition"], "attachment");
        assert!(file.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
    }
    town.stop().await;
}
