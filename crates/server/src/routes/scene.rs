//! What customers and channels do, for tests of routes: webhooks through the real projector, jobs through the
//! real worker, and a Graph API that answers as it is told.

use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use centrala_domain::content::Content;
use centrala_domain::conversation::Conversation;
use centrala_domain::inbox::ChannelConfig;
use centrala_domain::message::{Author, DeliveryStatus, Direction, Message};
use centrala_domain::permission::Scope;
use centrala_domain::ports::Clock as _;
use centrala_domain::{ConversationId, InboxId, MessageId, Private, ReceiptId, Timestamp};
use centrala_engine::{projector, worker};
use centrala_store::jobs::Lane;
use centrala_store::messages::NewMessage;
use centrala_store::receipts::KeepReceipt;
use centrala_store::{Command, Ctx, Done, Error, Origin, Tx, conversations, inboxes, messages};
use serde_json::{Value, json};

use crate::testing::{Client, Shop, TestApp};

/// The number of the customer who writes.
pub(crate) const CUSTOMER: &str = "40721000001";

/// A customer's message as it arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard {
    pub(crate) conversation: ConversationId,
    pub(crate) message: MessageId,
    pub(crate) receipt: ReceiptId,
}

/// A customer with that number and name writes a text, now.
pub(crate) async fn somebody_writes(
    app: &TestApp,
    shop: &Shop,
    from: (&str, &str),
    id: &str,
    text: &str,
) -> Heard {
    somebody_wrote(app, shop, from, id, text, Duration::ZERO).await
}

/// The same, and it is applied only so long after it arrived.
pub(super) async fn somebody_wrote(
    app: &TestApp,
    shop: &Shop,
    from: (&str, &str),
    id: &str,
    text: &str,
    waits: Duration,
) -> Heard {
    let at = app.clock.now().micros() / 1_000_000;
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "40210000000", "phone_number_id": "3"},
        "contacts": [{"profile": {"name": from.1}, "wa_id": from.0}],
        "messages": [{"from": from.0, "id": id, "timestamp": at.to_string(), "type": "text", "text": {"body": text}}],
    });
    let receipt = arrive(app, shop, &value).await;
    app.clock.advance(waits);
    apply(app).await;
    let mut reader = app.app.store.read().await.unwrap();
    let scope = Scope::system(shop.id);
    let found = messages::find_by_upstream_id(&scope, &mut reader, shop.inbox, id).await.unwrap().unwrap();
    Heard { conversation: found.conversation, message: found.id, receipt }
}

/// The customer writes a text, now.
pub(crate) async fn customer_writes(app: &TestApp, shop: &Shop, id: &str, text: &str) -> Heard {
    somebody_writes(app, shop, (CUSTOMER, "Ion Popescu"), id, text).await
}

/// Time passes while somebody looks in now and then, so that his session stays.
pub(crate) async fn hours_pass(app: &TestApp, who: &Client, hours: u64) {
    for _ in 0..hours {
        app.clock.advance(Duration::from_secs(3600));
        who.get("/api/v1/conversations/counts").await.ok();
        app.settle().await;
    }
}

/// The channel says what became of a message of ours.
pub(crate) async fn status(app: &TestApp, shop: &Shop, id: &str, status: &str) {
    let at = app.clock.now().micros() / 1_000_000;
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "40210000000", "phone_number_id": "3"},
        "statuses": [{"id": id, "status": status, "timestamp": at.to_string(), "recipient_id": CUSTOMER,
            "pricing": {"billable": false, "pricing_model": "PMP", "category": "service",
                "type": "free_customer_service"}}],
    });
    deliver(app, shop, &value).await;
}

/// Keeps a webhook and applies it.
pub(crate) async fn deliver(app: &TestApp, shop: &Shop, value: &Value) -> ReceiptId {
    let receipt = arrive(app, shop, value).await;
    apply(app).await;
    receipt
}

async fn arrive(app: &TestApp, shop: &Shop, value: &Value) -> ReceiptId {
    let body = json!({"object": "whatsapp_business_account",
        "entry": [{"id": "2", "changes": [{"field": "messages", "value": value}]}]});
    keep(app, shop, body.to_string().as_bytes()).await
}

async fn apply(app: &TestApp) {
    while projector::apply_waiting(&app.app.engine).await.unwrap() > 0 {}
}

/// Keeps a webhook without applying it.
pub(crate) async fn keep(app: &TestApp, shop: &Shop, raw: &[u8]) -> ReceiptId {
    let origin = Origin::system(shop.id, app.app.store.new_id());
    app.app.store.execute(origin, KeepReceipt { inbox: shop.inbox, raw: raw.to_vec() }).await.unwrap()
}

/// Runs every job that is due, and what follows from it.
pub(crate) async fn run_jobs(app: &TestApp) {
    let engine = &app.app.engine;
    for _ in 0..20 {
        let mut has_run = false;
        for lane in Lane::ALL {
            for job in engine.store.claim_jobs(lane, 64, Duration::from_secs(60)).await.unwrap() {
                worker::run_job(engine, &job).await;
                has_run = true;
            }
        }
        if !has_run {
            return;
        }
    }
    panic!("jobs never end");
}

/// A Graph API behind the shop's inbox that gives every call this answer.
pub(crate) async fn graph(app: &TestApp, shop: &Shop, status: u16, answer: Value) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(move || {
        let answer = (StatusCode::from_u16(status).unwrap(), axum::Json(answer.clone()));
        async move { answer }
    });
    app.app.beside(async move { axum::serve(listener, router).await.unwrap() });
    let origin = Origin::system(shop.id, app.app.store.new_id());
    app.app.store.execute(origin, PointAt { inbox: shop.inbox, base_url }).await.unwrap();
}

/// What the Graph API says when it takes a message.
pub(crate) fn accepted(id: &str) -> Value {
    json!({"messaging_product": "whatsapp", "contacts": [{"input": CUSTOMER, "wa_id": CUSTOMER}],
        "messages": [{"id": id}], "success": true})
}

struct PointAt {
    inbox: InboxId,
    base_url: String,
}

impl Command for PointAt {
    type Out = ();
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, Error> {
        let mut inbox = inboxes::find(&ctx.scope, tx, self.inbox).await?.unwrap();
        match &mut inbox.config {
            ChannelConfig::WhatsappCloud(config) => config.base_url.clone_from(&self.base_url),
        }
        inboxes::update(&ctx.scope, tx, &inbox).await?;
        Ok(Done::unchanged(()))
    }
}

/// Puts many texts of the customer into a conversation, all at one position.
pub(crate) async fn fill(app: &TestApp, shop: &Shop, conversation: ConversationId, count: usize) {
    let origin = Origin::system(shop.id, app.app.store.new_id());
    app.app.store.execute(origin, Fill { conversation, count }).await.unwrap();
}

struct Fill {
    conversation: ConversationId,
    count: usize,
}

impl Command for Fill {
    type Out = ();
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<()>, Error> {
        let of = conversations::find(&ctx.scope, tx, self.conversation).await?.unwrap();
        for n in 0..self.count {
            let message = text(ctx, &of, n);
            let new =
                NewMessage { message, client_digest: None, referral: None, receipt: None, trace: ctx.trace };
            assert!(messages::insert(&ctx.scope, tx, &new).await?);
        }
        Ok(Done::unchanged(()))
    }
}

fn text(ctx: &Ctx, of: &Conversation, n: usize) -> Message {
    let at = Timestamp(ctx.now.0);
    Message {
        id: ctx.new_id(),
        conversation: of.id,
        inbox: of.inbox,
        direction: Direction::In,
        author: Author::Contact { id: of.contact },
        content: Content::Text { body: Private::new(n.to_string()), preview_url: false },
        reply_to: None,
        reply_to_upstream_id: None,
        status: DeliveryStatus::Received,
        error_code: None,
        client_id: None,
        upstream_id: Some(format!("wamid.fill.{n}")),
        sent_at: at,
        received_at: at,
        position: at,
        is_forwarded: false,
        edited_at: None,
        revoked_at: None,
        reactions: Vec::new(),
    }
}
