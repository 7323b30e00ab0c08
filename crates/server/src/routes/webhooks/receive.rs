//! `POST /webhooks/whatsapp_cloud/{inbox}`: a delivery. The 200 means that it is on disk.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use centrala_domain::InboxId;
use centrala_store::Origin;
use centrala_store::receipts::KeepReceipt;
use fail::fail_point;

use crate::edge::RequestId;
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::{Path, read_body};
use crate::state::App;

/// Meta sends up to 3 MB; a little more, so that the limit is never the one that is met first.
const BODY_BYTES: usize = 3 * 1024 * 1024 + 64 * 1024;
/// Deliveries are refused while so many commands wait. Meta tries again for days; accepting and losing would be
/// worse.
const WAITING_MAX: usize = 2048;
/// Meta gives up after about this long; what was written by then comes again and changes nothing.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(10);

/// Take a delivery of WhatsApp.
///
/// The signature is checked on the raw bytes before anything is read. 200 after the delivery is on disk; 503
/// when it cannot be kept now.
#[utoipa::path(post, path = "/webhooks/whatsapp_cloud/{inbox}", tag = "webhooks",
    params(("inbox" = String, Path, description = "Inbox", example = "inb_0000000000000000000000000e")),
    request_body(content = String, content_type = "application/json", description = "Whatever Meta sends",
        example = json!({"object": "whatsapp_business_account", "entry": []})),
    responses((status = 200, description = "Kept")),
    extensions(("x-problems" = json!(["invalid-signature", "too-large", "invalid-id", "not-found"]))))]
pub async fn receive_webhook(
    State(app): State<App>,
    Path(inbox): Path<InboxId>,
    Extension(RequestId(trace)): Extension<RequestId>,
    headers: HeaderMap,
    body: Body,
) -> Answer<StatusCode> {
    let connected = app.connections.find(&app, inbox).await?.ok_or_else(Problem::not_found)?;
    let raw = read_body(&headers, body, BODY_BYTES).await?;
    let signature = headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok());
    let channel = app.engine.channels.of(connected.connection.inbox.channel()).ok_or(Slug::Unavailable)?;
    if !channel.is_authentic(&connected.connection, signature, &raw) {
        app.forged.count(connected.workspace, inbox);
        return Err(Slug::InvalidSignature.into());
    }
    if app.store.waiting_commands() > WAITING_MAX {
        return Err(Slug::Unavailable.into());
    }
    fail_point!("webhook_before_keep");
    let kept = app
        .store
        .execute(Origin::system(connected.workspace, trace), KeepReceipt { inbox, raw: raw.to_vec() });
    match tokio::time::timeout(COMMIT_TIMEOUT, kept).await {
        Ok(Ok(_)) => {
            fail_point!("webhook_after_keep");
            Ok(StatusCode::OK)
        }
        Ok(Err(error)) => {
            tracing::error!(inbox.id = %inbox, error = %error, "a delivery could not be kept");
            Err(Slug::Unavailable.into())
        }
        Err(_) => Err(Slug::Unavailable.into()),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Method;
    use centrala_domain::permission::Scope;
    use centrala_store::receipts::{self, ReceiptFilter};
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use sha2::Sha256;

    use super::BODY_BYTES;
    use crate::testing::{Answer, Shop, TestApp};

    const BODY: &str = r#"{"object":"whatsapp_business_account","entry":[]}"#;

    fn sign(body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"app-secret").unwrap();
        mac.update(body);
        let digest: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256={digest}")
    }

    async fn deliver(app: &TestApp, shop: &Shop, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let path = format!("/webhooks/whatsapp_cloud/{}", shop.inbox);
        app.nobody().send(Method::POST, &path, headers, body.into()).await
    }

    async fn kept(app: &TestApp, shop: &Shop) -> usize {
        let mut reader = app.app.store.read().await.unwrap();
        let all = receipts::list(&Scope::system(shop.id), &mut reader, &ReceiptFilter::default(), 100).await;
        all.unwrap().len()
    }

    #[tokio::test]
    async fn signed_delivery_is_kept_before_it_is_acknowledged() {
        let app = TestApp::start().await;
        let signature = sign(BODY.as_bytes());
        assert_eq!(deliver(&app, &app.shop, &[("x-hub-signature-256", &signature)], BODY).await.status, 200);
        assert_eq!((kept(&app, &app.shop).await, kept(&app, &app.other).await), (1, 0));
    }

    #[tokio::test]
    async fn missing_or_wrong_signature_is_refused_and_counted() {
        let app = TestApp::start().await;
        deliver(&app, &app.shop, &[], BODY).await.problem(401, "invalid-signature");
        let of_another_body = sign(b"{}");
        let headers = [("x-hub-signature-256", of_another_body.as_str())];
        deliver(&app, &app.shop, &headers, BODY).await.problem(401, "invalid-signature");
        assert_eq!(kept(&app, &app.shop).await, 0);
        crate::forged::flush(&app.app).await;
        let inbox = app.shop.agent.get(&format!("/api/v1/inboxes/{}", app.shop.inbox)).await.ok();
        assert_eq!(inbox["health"]["forged_webhooks"], 2);
    }

    #[tokio::test]
    async fn body_over_the_limit_is_refused_and_one_at_the_limit_is_kept() {
        let app = TestApp::start().await;
        let body = vec![b' '; BODY_BYTES];
        let signature = sign(&body);
        let headers = [("x-hub-signature-256", signature.as_str())];
        assert_eq!(deliver(&app, &app.shop, &headers, body).await.status, 200);
        let body = vec![b' '; BODY_BYTES + 1];
        deliver(&app, &app.shop, &[], body).await.problem(413, "too-large");
    }

    #[tokio::test]
    async fn broken_json_with_a_good_signature_is_kept_too() {
        let app = TestApp::start().await;
        let signature = sign(b"{not json");
        let headers = [("x-hub-signature-256", signature.as_str())];
        assert_eq!(deliver(&app, &app.shop, &headers, "{not json").await.status, 200);
        assert_eq!(kept(&app, &app.shop).await, 1);
    }

    #[tokio::test]
    async fn database_that_is_gone_means_503_and_try_again() {
        let app = TestApp::start().await;
        app.app.store.close().await;
        let signature = sign(BODY.as_bytes());
        let answer = deliver(&app, &app.shop, &[("x-hub-signature-256", &signature)], BODY).await;
        assert!(answer.header("retry-after").is_some());
        answer.problem(503, "unavailable");
    }
}
