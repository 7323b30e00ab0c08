//! The whole program over a fresh database, for tests: two workspaces with people of every role, driven through
//! the real router.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use centrala_channels::Timeouts;
use centrala_domain::agent::Agent;
use centrala_domain::contact::Contact;
use centrala_domain::conversation::Conversation;
use centrala_domain::inbox::{ChannelConfig, Health, Inbox, WhatsappCloudConfig};
use centrala_domain::label::Label;
use centrala_domain::permission::{Role, Scope};
use centrala_domain::workspace::{Language, Settings, Workspace};
use centrala_domain::{
    AgentId, ApiTokenId, ContactId, ConversationId, IdentityId, InboxId, LabelId, LoginSessionId, NoteId,
    Private, WorkspaceId,
};
use centrala_engine::{Channels, Engine};
use centrala_store::api_tokens::ApiToken;
use centrala_store::blobs::Blobs;
use centrala_store::login_sessions::{LoginSession, hash_secret};
use centrala_store::notes::Note;
use centrala_store::{
    Command, Ctx, Done, Options, Origin, Tx, Vault, agents, api_tokens, contacts, conversations, inboxes,
    labels, login_sessions, notes, workspaces,
};
use centrala_testkit::builders::{secrets, vault};
use centrala_testkit::{TestClock, TestDatabase};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tower::ServiceExt as _;

use crate::config::{Sources, load};
use crate::routes;
use crate::state::App;

/// The password of everybody in a test.
pub(crate) const PASSWORD: &str = "covrigi calzi la colț";
const HOST: &str = "centrala.test";
const ORIGIN: &str = "http://centrala.test";
/// Tasks that [`crate::chores`] keeps for two workspaces.
const CHORES: usize = 5;

/// Compares a generated file of the repository; `UPDATE=1` writes it instead.
pub(crate) fn compare_with_file(path: &str, wanted: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, wanted).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == wanted, "{path} is out of date: run `UPDATE=1 cargo test -p centrala`");
}

/// The program over an empty database.
pub(crate) struct BareApp {
    /// The program.
    pub(crate) app: App,
    /// Its clock.
    pub(crate) clock: TestClock,
    router: Router,
    _folder: TempDir,
    _database: TestDatabase,
}

/// The program with two workspaces.
pub(crate) struct TestApp {
    bare: BareApp,
    /// The one that tests act in.
    pub(crate) shop: Shop,
    /// The one that must never be touched.
    pub(crate) other: Shop,
}

impl Deref for TestApp {
    type Target = BareApp;
    fn deref(&self) -> &BareApp {
        &self.bare
    }
}

/// A workspace: people, an inbox with one conversation, a label.
pub(crate) struct Shop {
    /// Its id.
    pub(crate) id: WorkspaceId,
    /// An owner.
    pub(crate) owner: Client,
    /// An admin.
    pub(crate) admin: Client,
    /// An agent who is a member of the inbox.
    pub(crate) agent: Client,
    /// An agent who is not.
    pub(crate) outsider: Client,
    /// The inbox.
    pub(crate) inbox: InboxId,
    /// Its conversation.
    pub(crate) conversation: ConversationId,
    /// A label.
    pub(crate) label: LabelId,
    /// A note of the agent.
    pub(crate) note: NoteId,
}

struct Ids {
    people: Vec<(AgentId, String, Private, LoginSessionId, ApiTokenId)>,
    inbox: InboxId,
    conversation: ConversationId,
    label: LabelId,
    note: NoteId,
}

/// Builds a workspace with the store's functions, without facts.
struct Populate {
    name: &'static str,
    password_hash: Private,
    secrets: Vec<Private>,
    vault: Vault,
}

const ROLES: [Role; 4] = [Role::Owner, Role::Admin, Role::Agent, Role::Agent];

impl Command for Populate {
    type Out = Ids;
    type Error = centrala_store::Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> centrala_store::Result<Done<Ids>> {
        let (scope, now) = (&ctx.scope, ctx.now);
        let workspace = Workspace {
            id: scope.workspace,
            name: self.name.into(),
            settings: Settings::default(),
            created_at: now,
        };
        workspaces::insert(scope, tx, &workspace).await?;
        let mut people = Vec::new();
        for (n, role) in ROLES.into_iter().enumerate() {
            let email = format!("{n}@{}.example", self.name);
            let agent = Agent {
                id: ctx.new_id(),
                name: format!("Om {n}"),
                email: email.clone(),
                role,
                language: Language::Ro,
                disabled_at: None,
                created_at: now,
            };
            agents::insert(scope, tx, &agent, &self.password_hash).await?;
            let session = LoginSession {
                id: ctx.new_id(),
                agent: agent.id,
                user_agent: None,
                address: None,
                created_at: now,
                last_seen_at: now,
                expires_at: now.plus(Duration::from_secs(30 * 24 * 3600)),
            };
            let secret = self.secrets[n].clone();
            login_sessions::insert(scope, tx, &session, &hash_secret(secret.expose())).await?;
            let token = ApiToken {
                id: ctx.new_id(),
                agent: agent.id,
                name: "test".into(),
                created_at: now,
                last_used_at: None,
                revoked_at: None,
            };
            api_tokens::insert(scope, tx, &token, &hash_secret(&format!("{} {n}", self.name))).await?;
            people.push((agent.id, email, secret, session.id, token.id));
        }
        let inbox: InboxId = ctx.new_id();
        let config = ChannelConfig::WhatsappCloud(WhatsappCloudConfig {
            base_url: "http://127.0.0.1:1".into(),
            api_version: "v26.0".into(),
            app_id: "1".into(),
            waba_id: "2".into(),
            phone_number_id: "3".into(),
            display_phone_number: None,
        });
        let sealed = inboxes::seal(&self.vault, inbox, &secrets())?;
        let row = Inbox {
            id: inbox,
            name: "Magazin".into(),
            config,
            endpoint: "3".into(),
            health: Health::default(),
            created_at: now,
        };
        inboxes::insert(scope, tx, &row, &sealed).await?;
        let _ = inboxes::set_members(scope, tx, inbox, &[people[2].0]).await?;
        let (contact, identity): (ContactId, IdentityId) = (ctx.new_id(), ctx.new_id());
        let row = Contact {
            id: contact,
            name: None,
            is_name_set_by_agent: false,
            created_at: now,
            updated_at: now,
        };
        contacts::insert(scope, tx, &row, now).await?;
        contacts::insert_identity(scope, tx, identity, contact, "whatsapp", now).await?;
        let conversation = Conversation::open(ctx.new_id(), inbox, contact, identity, now);
        conversations::insert(scope, tx, &conversation).await?;
        let label =
            Label { id: ctx.new_id(), name: "urgent".into(), color: "#d92d20".into(), created_at: now };
        labels::insert(scope, tx, &label).await?;
        let note = Note {
            id: ctx.new_id(),
            conversation: conversation.id,
            author: people[2].0,
            body: Private::from("de sunat"),
            client_id: None,
            created_at: now,
        };
        notes::insert(scope, tx, &note).await?;
        let ids = Ids { people, inbox, conversation: conversation.id, label: label.id, note: note.id };
        Ok(Done::unchanged(ids))
    }
}

async fn password_hash() -> Private {
    static HASH: OnceCell<Private> = OnceCell::const_new();
    let hash = || async {
        let password = Private::from(PASSWORD);
        crate::auth::password::Passwords::default().hash(&password).await.unwrap()
    };
    HASH.get_or_init(hash).await.clone()
}

impl BareApp {
    async fn engine(database: TestDatabase) -> (Engine, TestClock, TempDir, TestDatabase) {
        let clock = TestClock::new();
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path().join("blobs")).unwrap();
        let channels = Channels::new(centrala_channels::all(Timeouts::default()).unwrap());
        let options =
            Options { run_commands_twice: true, readers: 4, ..Options::new(database.engine().clone()) };
        let engine = Engine::open(options, Arc::new(clock.clone()), channels, vault(), blobs).await.unwrap();
        (engine, clock, folder, database)
    }

    async fn over(parts: (Engine, TestClock, TempDir, TestDatabase)) -> Self {
        let (engine, clock, folder, database) = parts;
        let flags = vec![
            ("data_dir", folder.path().display().to_string()),
            ("push_to_private_networks", "true".to_owned()),
        ];
        let (config, _) = load(&Sources { flags, ..Sources::default() }).unwrap();
        let app = App::start(config, ORIGIN.into(), engine).await.unwrap();
        let router = routes::router(&app);
        Self { app, clock, router, _folder: folder, _database: database }
    }

    /// Somebody without credentials.
    pub(crate) fn nobody(&self) -> Client {
        Client {
            router: self.router.clone(),
            id: AgentId(uuid::Uuid::nil()),
            email: String::new(),
            session: LoginSessionId(uuid::Uuid::nil()),
            token: ApiTokenId(uuid::Uuid::nil()),
            credential: None,
            origin: Some(ORIGIN.into()),
        }
    }

    /// Tries to sign in.
    pub(crate) async fn try_sign_in(&self, email: &str, password: &str) -> Answer {
        let body = serde_json::json!({"email": email, "password": password});
        self.nobody().post("/api/v1/session", body).await
    }

    /// Signs in; the client carries the cookie.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Client {
        let answer = self.try_sign_in(email, password).await;
        let cookie = answer.header("set-cookie").unwrap_or_default();
        let body = answer.ok();
        let pair = cookie.split(';').next().unwrap().to_owned();
        Client {
            id: body["agent"]["id"].as_str().unwrap().parse().unwrap(),
            email: email.into(),
            credential: Some((header::COOKIE, pair)),
            ..self.nobody()
        }
    }

    /// Waits until what runs beside the requests is done.
    pub(crate) async fn settle(&self) {
        for _ in 0..500 {
            if self.app.tasks.len() <= CHORES {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("something still runs beside the requests");
    }

    /// Serves on a port of its own, for tests that need a connection.
    pub(crate) async fn serve(&self) -> std::net::SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (router, shutdown) = (self.router.clone(), self.app.shutdown.clone());
        self.app.beside(crate::listener::serve(listener, router, 100, shutdown));
        address
    }
}

impl TestApp {
    /// The program with two workspaces.
    pub(crate) async fn start() -> Self {
        Self::over(TestDatabase::sqlite().await).await
    }

    /// The same on PostgreSQL.
    pub(crate) async fn start_on_postgres() -> Self {
        Self::over(TestDatabase::postgres().await).await
    }

    async fn over(database: TestDatabase) -> Self {
        let parts = BareApp::engine(database).await;
        let mut shops = Vec::new();
        for name in ["spicul", "concurenta"] {
            let id: WorkspaceId = parts.0.store.new_id();
            let secrets = ROLES.map(|_| crate::auth::secret::new_secret().unwrap()).to_vec();
            let command = Populate { name, password_hash: password_hash().await, secrets, vault: vault() };
            let origin = Origin { scope: Scope::system(id), ..Origin::system(id, parts.0.store.new_id()) };
            shops.push((id, parts.0.store.execute(origin, command).await.unwrap()));
        }
        let bare = BareApp::over(parts).await;
        let mut shops = shops.into_iter().map(|(id, ids)| bare.shop(id, ids));
        let (shop, other) = (shops.next().unwrap(), shops.next().unwrap());
        drop(shops);
        Self { bare, shop, other }
    }

    /// The program over an empty database.
    pub(crate) async fn empty() -> BareApp {
        BareApp::over(BareApp::engine(TestDatabase::sqlite().await).await).await
    }
}

impl BareApp {
    fn shop(&self, id: WorkspaceId, ids: Ids) -> Shop {
        let mut people = ids.people.into_iter().map(|(id, email, secret, session, token)| Client {
            id,
            email,
            session,
            token,
            credential: Some((header::COOKIE, format!("centrala={}", secret.expose()))),
            ..self.nobody()
        });
        let mut next = || people.next().unwrap();
        Shop {
            id,
            owner: next(),
            admin: next(),
            agent: next(),
            outsider: next(),
            inbox: ids.inbox,
            conversation: ids.conversation,
            label: ids.label,
            note: ids.note,
        }
    }
}

/// Somebody who sends requests.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    /// Who.
    pub(crate) id: AgentId,
    /// His sign-in name.
    pub(crate) email: String,
    /// His session.
    pub(crate) session: LoginSessionId,
    /// A token of his.
    pub(crate) token: ApiTokenId,
    /// How he proves himself.
    pub(crate) credential: Option<(header::HeaderName, String)>,
    origin: Option<String>,
}

impl Client {
    /// The same, as a program with a token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            credential: Some((header::AUTHORIZATION, format!("Bearer {token}"))),
            origin: None,
            ..self.clone()
        }
    }

    /// The same, from a page that does not say where it is.
    pub(crate) fn without_origin(&self) -> Self {
        Self { origin: None, ..self.clone() }
    }

    /// The same, from a page elsewhere.
    pub(crate) fn at_origin(&self, origin: &str) -> Self {
        Self { origin: Some(origin.into()), ..self.clone() }
    }

    /// Sends any request.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
        if let Some((name, value)) = &self.credential {
            request = request.header(name, value);
        }
        if let Some(origin) = &self.origin {
            request = request.header(header::ORIGIN, origin);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Sends JSON.
    pub(crate) async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        let json = [("content-type", "application/json")];
        self.send(method, path, &json, Body::from(body.to_string())).await
    }

    /// GET
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    /// DELETE
    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], Body::empty()).await
    }

    /// POST without a body
    pub(crate) async fn post_empty(&self, path: &str) -> Answer {
        self.send(Method::POST, path, &[], Body::empty()).await
    }

    /// POST
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.json(Method::POST, path, &body).await
    }

    /// POST with an `Idempotency-Key`
    pub(crate) async fn post_with_key(&self, path: &str, key: &str, body: Value) -> Answer {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        self.send(Method::POST, path, &headers, Body::from(body.to_string())).await
    }

    /// PATCH
    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.json(Method::PATCH, path, &body).await
    }

    /// PUT
    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.json(Method::PUT, path, &body).await
    }
}

/// What came back.
pub(crate) struct Answer {
    /// Status.
    pub(crate) status: StatusCode,
    /// Headers.
    pub(crate) headers: HeaderMap,
    /// Body.
    pub(crate) body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, String::from_utf8_lossy(&self.body))
    }
}

impl Answer {
    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        Some(self.headers.get(name)?.to_str().unwrap().to_owned())
    }

    /// The body as JSON; null when there is none.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self.value()
    }

    /// 200, and the body.
    pub(crate) fn ok(self) -> Value {
        self.expect(200)
    }

    /// The body of a 200 about one thing, without the number that says how new it is.
    pub(crate) fn one(self) -> Value {
        let mut body = self.ok();
        let as_of = body.as_object_mut().and_then(|body| body.remove("as_of"));
        assert!(as_of.and_then(|as_of| as_of.as_i64()).is_some_and(|as_of| as_of > 0), "{body}");
        body
    }

    /// 201, and the body.
    pub(crate) fn created(self) -> Value {
        self.expect(201)
    }

    /// 204.
    pub(crate) fn no_content(self) {
        self.expect(204);
    }

    /// A problem of that kind, and its body.
    pub(crate) fn problem(self, status: u16, slug: &str) -> Value {
        assert_eq!(self.header("content-type").as_deref(), Some("application/problem+json"));
        let body = self.expect(status);
        assert_eq!(body["type"], format!("/problems/{slug}"), "{body}");
        assert!(body["instance"].as_str().unwrap().starts_with("trc_"));
        body
    }
}
