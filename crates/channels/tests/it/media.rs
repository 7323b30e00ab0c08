//! Files, in and out.

use axum::body::{Body, Bytes};
use centrala_domain::error_code::ErrorClass;
use centrala_domain::ports::{CallError, Channel, FetchedFile, OutgoingFile};
use data_encoding::HEXLOWER;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::{channel, connection};
use crate::upstream::{Seen, Upstream, answer};

/// Answers the question for an address: where the file is, and how large it is said to be.
fn place(own: &str, path: &str, size: &serde_json::Value) -> axum::response::Response {
    let body =
        json!({"url": format!("{own}{path}"), "mime_type": "image/jpeg", "file_size": size, "id": "9001"});
    answer(200, body.to_string())
}

fn is_question(seen: &Seen) -> bool {
    seen.line == "GET /v26.0/9001"
}

/// Fetches file 9001 and says what lies in its place afterwards.
async fn fetch(upstream: &Upstream) -> (Result<FetchedFile, CallError>, Option<Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("file");
    let found = channel().fetch(&connection(&upstream.base_url), "9001", to.clone()).await;
    (found, std::fs::read(&to).ok())
}

#[tokio::test]
async fn file_is_fetched_with_the_token_counted_and_hashed() {
    let upstream = Upstream::start(|seen, own| {
        if is_question(seen) { place(own, "/download?mid=1", &json!("5")) } else { answer(200, "bytes") }
    })
    .await;
    let (found, bytes) = fetch(&upstream).await;
    let wanted = FetchedFile {
        mime_type: "image/jpeg".into(),
        size_bytes: 5,
        sha256: HEXLOWER.encode(&Sha256::digest(b"bytes")),
    };
    assert_eq!(found, Ok(wanted));
    assert_eq!(bytes.as_deref(), Some(b"bytes".as_slice()));
    let seen = upstream.seen();
    assert_eq!(seen[0].line, "GET /v26.0/9001");
    assert_eq!(seen[1].line, "GET /download?mid=1");
    assert!(seen.iter().all(|one| one.header("authorization") == "Bearer TOKEN-of-tests"));
}

#[tokio::test]
async fn forgotten_address_is_asked_for_anew_once() {
    let upstream = Upstream::start(|seen, own| match seen.line.as_str() {
        line if line.starts_with("GET /v26.0/") => place(own, "/download", &json!(null)),
        _ => answer(404, ""),
    })
    .await;
    let (found, bytes) = fetch(&upstream).await;
    let error = found.unwrap_err();
    assert_eq!((error.class, error.is_gone, bytes), (ErrorClass::Retry, false, None));
    assert_eq!(upstream.seen().len(), 4);
}

#[tokio::test]
async fn second_address_may_succeed() {
    let asked = std::sync::atomic::AtomicU32::new(0);
    let upstream = Upstream::start(move |seen, own| {
        if is_question(seen) {
            let round = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            return place(own, &format!("/download{round}"), &json!(1));
        }
        if seen.line.ends_with("/download0") { answer(404, "") } else { answer(200, "x") }
    })
    .await;
    assert_eq!(fetch(&upstream).await.0.map(|file| file.size_bytes), Ok(1));
}

#[tokio::test]
async fn file_that_meta_no_longer_has_is_gone_and_the_inbox_is_not_blamed() {
    for code in [33, 100, 131_052] {
        let upstream = Upstream::start(move |_, _| {
            answer(
                400,
                json!({"error": {"code": code, "error_subcode": 33, "message": "Unsupported get request."}})
                    .to_string(),
            )
        })
        .await;
        let error = fetch(&upstream).await.0.unwrap_err();
        assert_eq!((error.is_gone, error.class, error.code), (true, ErrorClass::Permanent, Some(code)));
    }
    let upstream = Upstream::answering(401, r#"{"error":{"code":190,"message":"expired"}}"#).await;
    let error = fetch(&upstream).await.0.unwrap_err();
    assert_eq!((error.is_gone, error.class), (false, ErrorClass::Credential));
}

#[tokio::test]
async fn file_that_says_it_is_too_large_is_not_downloaded() {
    let upstream = Upstream::start(|_, own| place(own, "/download", &json!(104_857_601))).await;
    let error = fetch(&upstream).await.0.unwrap_err();
    assert_eq!(error.class, ErrorClass::Permanent);
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn file_that_grows_beyond_the_limit_is_cut_off_and_removed() {
    let upstream = Upstream::start(|seen, own| {
        if is_question(seen) {
            return place(own, "/download", &json!(10));
        }
        let chunk = Bytes::from(vec![0; 1024 * 1024]);
        let endless = futures_util::stream::repeat(Ok::<_, std::convert::Infallible>(chunk));
        answer(200, Body::from_stream(endless))
    })
    .await;
    let (found, bytes) = fetch(&upstream).await;
    assert_eq!((found.unwrap_err().class, bytes), (ErrorClass::Permanent, None));
}

#[tokio::test]
async fn file_shorter_than_announced_is_tried_again_later() {
    let upstream = Upstream::start(|seen, own| {
        if is_question(seen) { place(own, "/download", &json!(6)) } else { answer(200, "bytes") }
    })
    .await;
    let (found, bytes) = fetch(&upstream).await;
    assert_eq!((found.unwrap_err().class, bytes), (ErrorClass::Retry, None));
}

#[tokio::test]
async fn download_does_not_follow_the_token_elsewhere() {
    let upstream = Upstream::start(|seen, own| {
        if is_question(seen) {
            return place(own, "/download", &json!(1));
        }
        let mut response = answer(302, "");
        response.headers_mut().insert("location", format!("{own}/trap").parse().unwrap());
        response
    })
    .await;
    assert_eq!(fetch(&upstream).await.0.unwrap_err().class, ErrorClass::Retry);
    assert!(upstream.seen().iter().all(|one| !one.line.contains("trap")));
}

#[tokio::test]
async fn file_that_exists_already_is_left_alone() {
    let upstream = Upstream::start(|seen, own| {
        if is_question(seen) { place(own, "/download", &json!(5)) } else { answer(200, "bytes") }
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("file");
    std::fs::write(&to, "older").unwrap();
    let found = channel().fetch(&connection(&upstream.base_url), "9001", to.clone()).await;
    assert!(found.is_err());
    assert_eq!(std::fs::read(&to).unwrap(), b"older");
}

#[tokio::test]
async fn upload_hands_over_bytes_and_type_but_not_the_name() {
    let upstream = Upstream::answering(200, r#"{"id":"9002"}"#).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("blob");
    std::fs::write(&path, "image bytes").unwrap();
    let file = OutgoingFile {
        path,
        mime_type: "image/png".into(),
        filename: Some("factură.png".into()),
        size_bytes: 11,
    };
    let uploaded = channel().upload(&connection(&upstream.base_url), &file).await.unwrap();
    assert_eq!((uploaded.upstream_id.as_str(), uploaded.lives_seconds), ("9002", 2_592_000));
    let seen = upstream.seen();
    assert_eq!(seen[0].line, "POST /v26.0/1060000000001/media");
    let body = String::from_utf8_lossy(&seen[0].body);
    for part in ["image bytes", "Content-Type: image/png", "filename=\"file\"", "name=\"messaging_product\""]
    {
        assert!(body.contains(part), "{part} in {body}");
    }
    assert!(!body.contains("factur"));
}

#[tokio::test]
async fn upload_beyond_the_limit_or_of_nothing_makes_no_call() {
    let upstream = Upstream::answering(200, r#"{"id":"9002"}"#).await;
    for size_bytes in [0, 104_857_601] {
        let file =
            OutgoingFile { path: "none".into(), mime_type: "image/png".into(), filename: None, size_bytes };
        let error = channel().upload(&connection(&upstream.base_url), &file).await.unwrap_err();
        assert_eq!(error.class, ErrorClass::Permanent);
    }
    assert!(upstream.seen().is_empty());
}
