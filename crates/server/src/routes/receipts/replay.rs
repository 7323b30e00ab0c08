//! `POST /receipts/{receipt}/replay`

use axum::extract::State;
use centrala_domain::ReceiptId;
use centrala_engine::commands::receipts::replay::ReplayReceipt;
use centrala_store::receipts;

use super::ReceiptOut;
use crate::auth::{Allowed, Operate};
use crate::problem::{Answer, Problem, Slug};
use crate::routes::input::Path;
use crate::state::App;

/// Put a delivery back into the queue.
///
/// Applying it again changes nothing that was applied before.
#[utoipa::path(post, path = "/api/v1/receipts/{receipt}/replay", tag = "receipts",
    params(("receipt" = String, Path, description = "Delivery", example = "rcp_0000000000000000000000000e")),
    responses((status = 200, description = "It waits to be applied", body = ReceiptOut)),
    extensions(("x-problems" = json!(["receipt-waiting"]))))]
pub async fn replay_receipt(
    State(app): State<App>,
    allowed: Allowed<Operate>,
    Path(id): Path<ReceiptId>,
) -> Answer<axum::Json<ReceiptOut>> {
    let is_queued = app.store.execute(allowed.origin(), ReplayReceipt { receipt: id }).await?;
    let mut reader = app.store.read().await?;
    let found = receipts::find(&allowed.scope, &mut reader, id).await?.ok_or_else(Problem::not_found)?;
    if is_queued { Ok(axum::Json(found.into())) } else { Err(Slug::ReceiptWaiting.into()) }
}

#[cfg(test)]
mod tests {
    use centrala_engine::projector;
    use serde_json::json;

    use crate::routes::scene::{customer_writes, keep};
    use crate::testing::TestApp;

    #[tokio::test]
    async fn broken_delivery_is_seen_downloaded_and_tried_again() {
        let app = TestApp::start().await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        let broken = keep(&app, &app.shop, b"{ not json").await;
        let admin = &app.shop.admin;
        assert_eq!(admin.get("/api/v1/receipts/counts").await.ok()["received"], 1);
        let path = format!("/api/v1/receipts/{broken}");
        admin.post_empty(&format!("{path}/replay")).await.problem(409, "receipt-waiting");
        projector::apply_waiting(&app.app.engine).await.unwrap();

        let rejected = admin.get("/api/v1/receipts?state=rejected").await.ok();
        assert_eq!(rejected["items"].as_array().unwrap().len(), 1);
        assert_eq!(rejected["items"][0]["id"], json!(broken));
        assert!(rejected["items"][0]["problems"][0]["reason"].is_string());
        assert_eq!(admin.get(&path).await.one(), rejected["items"][0]);
        let counts = admin.get("/api/v1/receipts/counts").await.ok();
        assert_eq!((&counts["received"], &counts["rejected"]), (&json!(0), &json!(1)));

        let raw = admin.get(&format!("{path}/raw")).await;
        assert_eq!(raw.body, b"{ not json");
        assert!(raw.header("content-disposition").unwrap().starts_with("attachment"));
        assert_eq!(raw.header("content-type").as_deref(), Some("application/octet-stream"));

        let first = admin.get("/api/v1/receipts?limit=1").await.ok();
        let next = first["next"].as_str().unwrap();
        let rest = admin.get(&format!("/api/v1/receipts?limit=1&after={next}")).await.ok();
        assert_eq!(rest["items"][0]["id"], json!(heard.receipt));
        assert!(rest.get("next").is_none());

        let replayed = admin.post_empty(&format!("/api/v1/receipts/{}/replay", heard.receipt)).await.ok();
        assert_eq!(replayed["state"], "received");
        projector::apply_waiting(&app.app.engine).await.unwrap();
        let thread = format!("/api/v1/conversations/{}/messages", heard.conversation);
        assert_eq!(admin.get(&thread).await.ok()["items"].as_array().unwrap().len(), 1, "applied once");
    }

    #[tokio::test]
    async fn deliveries_are_for_operators_of_their_workspace() {
        let app = TestApp::start().await;
        let heard = customer_writes(&app, &app.shop, "wamid.1", "Bună").await;
        let path = format!("/api/v1/receipts/{}", heard.receipt);
        for path in
            [path.clone(), format!("{path}/raw"), "/api/v1/receipts".into(), "/api/v1/receipts/counts".into()]
        {
            app.shop.agent.get(&path).await.problem(403, "forbidden");
        }
        for path in [path.clone(), format!("{path}/raw")] {
            app.other.owner.get(&path).await.problem(404, "not-found");
        }
        app.other.owner.post_empty(&format!("{path}/replay")).await.problem(404, "not-found");
        assert_eq!(app.other.owner.get("/api/v1/receipts").await.ok()["items"], json!([]));
        app.shop.admin.get("/api/v1/receipts?state=lost").await.problem(400, "malformed-request");
    }
}
