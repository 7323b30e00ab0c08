//! The authorisation matrix: every route of the table, called by every role, with ids of the own workspace, of
//! another one, and of nothing. Foreign and absent must not be told apart.

use axum::http::Method;
use centrala_domain::permission::Role;
use centrala_domain::{AgentId, ApiTokenId, ConversationId, InboxId, LabelId, LoginSessionId, NoteId};
use serde_json::{Value, json};

use super::table::{Access, Described, Route};
use crate::testing::{Answer, Client, Shop, TestApp};

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
        "add_agent" => json!({"name": "N", "email": "nou@example.com", "role": "agent", "password": "covrigi calzi"}),
        "change_agent" | "change_me" | "change_label" | "change_inbox" | "change_workspace" => json!({"name": "Nume nou"}),
        "set_password" => password,
        "change_password" => json!({"current_password": crate::testing::PASSWORD, "password": "plăcintă cu mere 7"}),
        "create_inbox" => inbox,
        "set_inbox_members" => json!({"agents": [app.shop.agent.id]}),
        "create_label" => json!({"name": "nouă", "color": "#123456"}),
        "add_note" => json!({"body": "notă"}),
        "create_api_token" => json!({"name": "nou"}),
        _ => return None,
    })
}

/// The query that the operation cannot do without.
fn query(route: &Described) -> &'static str {
    match route.operation.as_str() {
        "list_events" => "?after=0",
        _ => "",
    }
}

fn id_of(parameter: &str, whose: Whose, app: &TestApp, role: Role) -> String {
    let shop = match whose {
        Whose::Own => &app.shop,
        Whose::Foreign => &app.other,
        Whose::Absent => return absent(parameter, app),
    };
    match parameter {
        "agent" => shop.outsider.id.to_string(),
        "inbox" => shop.inbox.to_string(),
        "label" => shop.label.to_string(),
        "conversation" => shop.conversation.to_string(),
        "note" => shop.note.to_string(),
        "token" => of(shop, role).token.to_string(),
        "session" => of(shop, role).session.to_string(),
        other => panic!("the matrix does not know ids called {other}"),
    }
}

fn absent(parameter: &str, app: &TestApp) -> String {
    let store = &app.app.store;
    match parameter {
        "agent" => store.new_id::<AgentId>().to_string(),
        "inbox" => store.new_id::<InboxId>().to_string(),
        "label" => store.new_id::<LabelId>().to_string(),
        "conversation" => store.new_id::<ConversationId>().to_string(),
        "note" => store.new_id::<NoteId>().to_string(),
        "token" => store.new_id::<ApiTokenId>().to_string(),
        "session" => store.new_id::<LoginSessionId>().to_string(),
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

/// Calls a route; the parameter in question has an id of `whose`, every other one of the own workspace.
async fn call(app: &TestApp, route: &Described, who: &Client, role: Role, whose: Whose, varied: &str) -> Answer {
    let mut path = route.path.clone();
    for parameter in parameters(&route.path) {
        let whose = if parameter == varied { whose } else { Whose::Own };
        path = path.replace(&format!("{{{parameter}}}"), &id_of(parameter, whose, app, role));
    }
    path.push_str(query(route));
    match body(route, app) {
        Some(body) => who.json(route.method.clone(), &path, &body).await,
        None => who.send(route.method.clone(), &path, &[], axum::body::Body::empty()).await,
    }
}

fn without_instance(answer: &Answer) -> (u16, Value) {
    let mut body = answer.value();
    body["instance"] = Value::Null;
    (answer.status.as_u16(), body)
}

async fn refusals(app: &TestApp, route: &Described, least: Role) {
    let name = format!("{} {}", route.method, route.path);
    for whose in [Whose::Own, Whose::Foreign, Whose::Absent] {
        for varied in parameters(&route.path).into_iter().chain([""]) {
            let nobody = call(app, route, &app.nobody(), Role::Owner, whose, varied).await;
            assert_eq!(nobody.status, 401, "{name} by nobody");
            for role in Role::ALL.into_iter().filter(|role| *role < least) {
                let answer = call(app, route, of(&app.shop, role), role, whose, varied).await;
                assert_eq!(answer.status, 403, "{name} by {role:?} on {whose:?}");
            }
        }
    }
}

async fn foreign_is_absent(app: &TestApp, route: &Described, role: Role) {
    for varied in parameters(&route.path) {
        let who = of(&app.shop, role);
        let foreign = call(app, route, who, role, Whose::Foreign, varied).await;
        let absent = call(app, route, who, role, Whose::Absent, varied).await;
        assert_eq!(foreign.status, 404, "{} {} on a foreign {varied}", route.method, route.path);
        assert_eq!(without_instance(&foreign), without_instance(&absent));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_keeps_to_its_permission_and_its_workspace() {
    let routes: Vec<Described> = super::all().iter().flat_map(Route::described).collect();
    let refusing = TestApp::start().await;
    for route in &routes {
        let Access::Needs(permission) = route.access else { continue };
        let least = permission.least_role();
        refusals(&refusing, route, least).await;
        let roles = Role::ALL.into_iter().filter(|role| *role >= least);
        for role in roles {
            foreign_is_absent(&refusing, route, role).await;
        }
    }
    // What is allowed changes things, so that each role finds the shop untouched.
    for role in Role::ALL {
        let mut app = TestApp::start().await;
        for route in &routes {
            let Access::Needs(permission) = route.access else { continue };
            if role < permission.least_role() {
                continue;
            }
            let answer = call(&app, route, of(&app.shop, role), role, Whose::Own, "").await;
            let name = format!("{} {} by {role:?}", route.method, route.path);
            assert!(!matches!(answer.status.as_u16(), 401 | 403 | 404 | 405 | 500), "{name}: {answer:?}");
            if route.method != Method::GET {
                app = TestApp::start().await;
            }
        }
    }
}

#[tokio::test]
async fn foreign_ids_are_no_way_to_change_another_workspace() {
    let app = TestApp::start().await;
    let before = app.other.owner.get("/api/v1/events?after=0").await.ok();
    for route in super::all().iter().flat_map(Route::described) {
        for varied in parameters(&route.path) {
            if matches!(route.access, Access::Needs(_)) {
                call(&app, &route, &app.shop.owner, Role::Owner, Whose::Foreign, varied).await;
            }
        }
    }
    assert_eq!(app.other.owner.get("/api/v1/events?after=0").await.ok(), before);
}
