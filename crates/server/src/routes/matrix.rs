//! The authorisation matrix: every route of the table, called by every role, with ids of the own workspace, of
//! another one, and of nothing. Foreign and absent must not be told apart.

use std::collections::HashMap;
use std::time::Duration;

use axum::http::Method;
use centrala_domain::media::{Media, MediaState};
use centrala_domain::permission::{Role, Scope};
use centrala_domain::ports::Clock as _;
use centrala_domain::{
    AgentId, ApiTokenId, ContactId, ConversationId, InboxId, LabelId, LoginSessionId, MediaId, MessageId,
    NoteId, PushSubscriptionId, ReceiptId,
};
use centrala_store::{Command, Ctx, Done, Error, Origin, Tx, conversations, media};
use serde_json::{Value, json};

use super::scene::{self, Heard};
use super::table::{Access, Described, Route};
use crate::testing::{Answer, Client, Shop, TestApp};

/// Two workspaces in which everything exists that a path can name.
struct World {
    app: TestApp,
    own: Things,
    other: Things,
}

struct Things {
    heard: Heard,
    /// A message of ours.
    sent: MessageId,
    contact: ContactId,
    media: MediaId,
    /// A browser of somebody in each role.
    subscriptions: HashMap<Role, String>,
}

fn subscription(endpoint: &str) -> Value {
    let p256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    let keys = json!({"p256dh": p256dh, "auth": "BTBZMqHH6r4Tts7J_aSIgg"});
    json!({"endpoint": endpoint, "keys": keys, "device": "Chrome"})
}

struct AddFile(Heard, InboxId);

impl Command for AddFile {
    type Out = (MediaId, ContactId);
    type Error = Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<Self::Out>, Error> {
        let Self(heard, inbox) = self;
        let file = Media {
            id: ctx.new_id(),
            inbox: Some(*inbox),
            state: MediaState::Pending,
            mime_type: "image/jpeg".into(),
            size_bytes: None,
            sha256: None,
            filename: None,
            upstream_id: Some("1".into()),
            upstream_expires_at: None,
            problem: None,
            created_at: ctx.now,
        };
        media::insert(&ctx.scope, tx, &file, Some((heard.message, heard.conversation))).await?;
        let conversation = conversations::find(&ctx.scope, tx, heard.conversation).await?.unwrap();
        Ok(Done::unchanged((file.id, conversation.contact)))
    }
}

impl Things {
    async fn make(app: &TestApp, shop: &Shop) -> Self {
        let heard = scene::customer_writes(app, shop, "wamid.matrix", "Bună!").await;
        let origin =
            Origin { scope: Scope::system(shop.id), ..Origin::system(shop.id, app.app.store.new_id()) };
        let (media, contact) = app.app.store.execute(origin, AddFile(heard, shop.inbox)).await.unwrap();
        let path = format!("/api/v1/conversations/{}/messages", heard.conversation);
        let body = json!({"client_id": "m-0", "content": {"type": "text", "body": "Da!"}});
        let sent = shop.agent.post(&path, body).await.created()["id"].as_str().unwrap().parse().unwrap();
        let mut subscriptions = HashMap::new();
        for role in Role::ALL {
            let browser = subscription(&format!("http://127.0.0.1:1/{}", role.as_str()));
            let made = of(shop, role).post("/api/v1/me/push_subscriptions", browser).await.created();
            subscriptions.insert(role, made["id"].as_str().unwrap().to_owned());
        }
        Self { heard, sent, contact, media, subscriptions }
    }
}

impl World {
    async fn make() -> Self {
        let app = TestApp::start().await;
        let (own, other) = (Things::make(&app, &app.shop).await, Things::make(&app, &app.other).await);
        Self { app, own, other }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Own,
    Foreign,
    Absent,
}

/// A body that the operation takes; a new operation with a body needs a line here.
fn body(route: &Described, app: &TestApp) -> Option<Value> {
    let inbox = json!({"name": "Nou", "whatsapp_cloud": {"app_id": "1", "waba_id": "2", "phone_number_id": "99"},
        "secrets": {"access_token": "a", "app_secrets": ["b"], "verify_token": "c"}});
    let password = json!({"password": "plăcintă cu mere 7"});
    Some(match route.operation.as_str() {
        "add_agent" => {
            json!({"name": "N", "email": "nou@example.com", "role": "agent", "password": "covrigi calzi"})
        }
        "change_agent" | "change_me" | "change_label" | "change_inbox" | "change_workspace" => {
            json!({"name": "Nume nou"})
        }
        "set_password" => password,
        "change_password" => {
            json!({"current_password": crate::testing::PASSWORD, "password": "plăcintă cu mere 7"})
        }
        "create_inbox" => inbox,
        "set_inbox_members" => json!({"agents": [app.shop.agent.id]}),
        "create_label" => json!({"name": "nouă", "color": "#123456"}),
        "save_draft" => json!({"mode": "reply", "text": "Bun", "reply_to": null, "media": []}),
        "change_preferences" => json!({"first_minutes": {"done": ["answer"], "dismissed": false}}),
        "subscribe_push" => subscription("http://127.0.0.1:1/new"),
        "add_note" => json!({"body": "notă"}),
        "create_api_token" => json!({"name": "nou"}),
        "change_contact" => json!({"name": "Nume nou"}),
        "assign_conversation" => json!({"to": app.shop.agent.id}),
        "snooze_conversation" => json!({"until": app.clock.now().plus(Duration::from_secs(3600))}),
        "send_message" => json!({"client_id": "m-1", "content": {"type": "text", "body": "Bună!"}}),
        "settle_message" => json!({"as": "sent"}),
        "react_to_message" => json!({"client_id": "m-2", "emoji": "👍"}),
        _ => return None,
    })
}

/// The query that the operation cannot do without.
fn query(route: &Described) -> &'static str {
    match route.operation.as_str() {
        "list_events" => "?after=0",
        "search" => "?q=buna",
        _ => "",
    }
}

fn id_of(route: &Described, parameter: &str, whose: Whose, world: &World, role: Role) -> String {
    let (shop, things) = match whose {
        Whose::Own => (&world.app.shop, &world.own),
        Whose::Foreign => (&world.app.other, &world.other),
        Whose::Absent => return absent(parameter, &world.app),
    };
    match parameter {
        "agent" => shop.outsider.id.to_string(),
        "contact" => things.contact.to_string(),
        "conversation" => shop.conversation.to_string(),
        "inbox" => shop.inbox.to_string(),
        // No id: the same in every workspace.
        "kind" => "whatsapp_cloud".into(),
        "label" => shop.label.to_string(),
        "media" => things.media.to_string(),
        "message" if ["retry_message", "settle_message"].contains(&route.operation.as_str()) => {
            things.sent.to_string()
        }
        "message" => things.heard.message.to_string(),
        "note" => shop.note.to_string(),
        "receipt" => things.heard.receipt.to_string(),
        "session" => of(shop, role).session.to_string(),
        "subscription" => things.subscriptions[&role].clone(),
        "token" => of(shop, role).token.to_string(),
        other => panic!("the matrix does not know ids called {other}"),
    }
}

fn absent(parameter: &str, app: &TestApp) -> String {
    let store = &app.app.store;
    match parameter {
        "agent" => store.new_id::<AgentId>().to_string(),
        "contact" => store.new_id::<ContactId>().to_string(),
        "conversation" => store.new_id::<ConversationId>().to_string(),
        "inbox" => store.new_id::<InboxId>().to_string(),
        "kind" => "carrier_pigeon".into(),
        "label" => store.new_id::<LabelId>().to_string(),
        "media" => store.new_id::<MediaId>().to_string(),
        "message" => store.new_id::<MessageId>().to_string(),
        "note" => store.new_id::<NoteId>().to_string(),
        "receipt" => store.new_id::<ReceiptId>().to_string(),
        "session" => store.new_id::<LoginSessionId>().to_string(),
        "subscription" => store.new_id::<PushSubscriptionId>().to_string(),
        "token" => store.new_id::<ApiTokenId>().to_string(),
        other => panic!("the matrix does not know ids called {other}"),
    }
}

const fn of(shop: &Shop, role: Role) -> &Client {
    match role {
        Role::Agent => &shop.agent,
        Role::Admin => &shop.admin,
        Role::Owner => &shop.owner,
    }
}

fn parameters(path: &str) -> Vec<&str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
}

/// The ids of a path.
fn ids(path: &str) -> Vec<&str> {
    parameters(path).into_iter().filter(|parameter| *parameter != "kind").collect()
}

/// Calls a route; the parameter in question has an id of `whose`, every other one of the own workspace.
async fn call(
    world: &World,
    route: &Described,
    who: &Client,
    role: Role,
    whose: Whose,
    varied: &str,
) -> Answer {
    let mut path = route.path.clone();
    for parameter in parameters(&route.path) {
        let whose = if parameter == varied { whose } else { Whose::Own };
        path = path.replace(&format!("{{{parameter}}}"), &id_of(route, parameter, whose, world, role));
    }
    path.push_str(query(route));
    match body(route, &world.app) {
        Some(body) => who.json(route.method.clone(), &path, &body).await,
        None => who.send(route.method.clone(), &path, &[], axum::body::Body::empty()).await,
    }
}

fn without_instance(answer: &Answer) -> (u16, Value) {
    let mut body = answer.value();
    body["instance"] = Value::Null;
    (answer.status.as_u16(), body)
}

async fn refusals(world: &World, route: &Described, least: Role) {
    let name = format!("{} {}", route.method, route.path);
    for whose in [Whose::Own, Whose::Foreign, Whose::Absent] {
        for varied in ids(&route.path).into_iter().chain([""]) {
            let nobody = call(world, route, &world.app.nobody(), Role::Owner, whose, varied).await;
            assert_eq!(nobody.status, 401, "{name} by nobody");
            for role in Role::ALL.into_iter().filter(|role| *role < least) {
                let answer = call(world, route, of(&world.app.shop, role), role, whose, varied).await;
                assert_eq!(answer.status, 403, "{name} by {role:?} on {whose:?}");
            }
        }
    }
}

/// Taking off what is not there is done already, whatever it is.
const DONE_ALREADY: [(&str, &str); 2] = [("take_label", "label"), ("delete_draft", "conversation")];

async fn foreign_is_absent(world: &World, route: &Described, role: Role) {
    for varied in ids(&route.path) {
        let who = of(&world.app.shop, role);
        let foreign = call(world, route, who, role, Whose::Foreign, varied).await;
        let absent = call(world, route, who, role, Whose::Absent, varied).await;
        let name = format!("{} {} by {role:?}", route.method, route.path);
        let expected = if DONE_ALREADY.contains(&(route.operation.as_str(), varied)) { 204 } else { 404 };
        assert_eq!(foreign.status, expected, "{name} on a foreign {varied}: {foreign:?}");
        assert_eq!(without_instance(&foreign), without_instance(&absent), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_keeps_to_its_permission_and_its_workspace() {
    let routes: Vec<Described> = super::all().iter().flat_map(Route::described).collect();
    let refusing = World::make().await;
    for route in &routes {
        let Access::Needs(permission) = route.access else { continue };
        let least = permission.least_role();
        refusals(&refusing, route, least).await;
        for role in Role::ALL.into_iter().filter(|role| *role >= least) {
            foreign_is_absent(&refusing, route, role).await;
        }
    }
    // What is allowed changes things, so that each call finds the shop untouched.
    for role in Role::ALL {
        let mut world = World::make().await;
        for route in &routes {
            let Access::Needs(permission) = route.access else { continue };
            if role < permission.least_role() {
                continue;
            }
            let answer = call(&world, route, of(&world.app.shop, role), role, Whose::Own, "").await;
            let name = format!("{} {} by {role:?}", route.method, route.path);
            assert!(!matches!(answer.status.as_u16(), 401 | 403 | 404 | 405 | 500), "{name}: {answer:?}");
            if route.method != Method::GET {
                world = World::make().await;
            }
        }
    }
}

#[tokio::test]
async fn foreign_ids_are_no_way_to_change_another_workspace() {
    let world = World::make().await;
    let facts = async || world.app.other.owner.get("/api/v1/events?after=0&limit=200").await.ok();
    let before = facts().await;
    for route in super::all().iter().flat_map(Route::described) {
        for varied in ids(&route.path) {
            if matches!(route.access, Access::Needs(_)) {
                call(&world, &route, &world.app.shop.owner, Role::Owner, Whose::Foreign, varied).await;
            }
        }
    }
    assert_eq!(facts().await, before);
}
