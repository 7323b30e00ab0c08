//! `centrala demo`: a simulated town and a server in one process, connected through the same API that everybody
//! uses. Nothing leaves the machine.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use centrala_domain::permission::Role;
use centrala_domain::workspace::{Language, Settings};
use centrala_domain::{AgentId, ConversationId, InboxId, LabelId, Private, WorkspaceId};
use centrala_engine::commands::agents::add::AddAgent;
use centrala_engine::commands::tokens::create::CreateApiToken;
use centrala_engine::commands::workspace::set_up::{FirstOwner, SetUp, SetUpProof};
use centrala_sandbox::Number;
use centrala_store::Origin;
use centrala_store::login_sessions::hash_secret;
use clap::Args as ClapArgs;
use reqwest::Method;
use serde::Serialize;
use serde_json::{Value, json};

use super::morning::Bakery;
use super::past::{self, Shop};
use super::running::{Server, until_told_to_stop};
use super::sandbox::Customer;
use super::settings::{Common, Listening};
use super::user::random_password;
use super::{Failure, print};
use crate::auth::secret;
use crate::state::App;
use crate::telemetry;

/// Flags.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    listening: Listening,
    /// Address of the town; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    sandbox_listen: std::net::SocketAddr,
    /// Makes the town repeatable
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// No customer writes by himself, and nobody has answered yet
    #[arg(long)]
    quiet_town: bool,
    /// The bakery has a second number
    #[arg(long)]
    second_number: bool,
    /// Begin with so many made-up conversations of three years, to try how it feels with them
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    conversations: u64,
    /// Begin with so many messages in the thread of the town's last customer
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    long_thread: u64,
    /// Print one line of JSON when ready
    #[arg(long)]
    json: bool,
}

/// Who works in the bakery.
const PEOPLE: [(&str, &str, Role); 4] = [
    ("Maria Ionescu", "maria@spicul.example", Role::Owner),
    ("Andrei Popescu", "andrei@spicul.example", Role::Admin),
    ("Ioana Dumitru", "ioana@spicul.example", Role::Agent),
    ("Mihai Stancu", "mihai@spicul.example", Role::Agent),
];

/// The labels that the bakery works with.
const LABELS: [(&str, &str); 5] = [
    ("vânzări", "#12805c"),
    ("refund", "#b54708"),
    ("urgent", "#d92d20"),
    ("de urmărire", "#175cd3"),
    ("VIP", "#7a5af8"),
];

#[derive(Debug, Serialize)]
struct Person {
    name: &'static str,
    email: &'static str,
    password: String,
    role: Role,
    token: String,
    #[serde(skip)]
    id: AgentId,
}

#[derive(Debug, Serialize)]
struct Connected {
    #[serde(flatten)]
    number: Number,
    inbox_id: InboxId,
    webhook_url: String,
}

/// What was made up of the past.
#[derive(Serialize)]
struct Past {
    conversations: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    long_thread: Option<ConversationId>,
}

#[derive(Serialize)]
struct Ready {
    url: String,
    api_url: String,
    sandbox_url: String,
    webhook_urls: Vec<String>,
    agents: Vec<Person>,
    numbers: Vec<Connected>,
    customers: Vec<Customer>,
    past: Past,
}

pub(super) async fn run(mut args: Args) -> Result<(), Failure> {
    // Gone with its contents when this function ends.
    let folder = match &args.common.data {
        Some(_) => None,
        None => {
            Some(tempfile::Builder::new().prefix("centrala-demo-").tempdir().context("no temporary folder")?)
        }
    };
    if let Some(folder) = &folder {
        args.common.data = Some(folder.path().to_owned());
    }
    let (config, _) = args.common.load(&args.listening)?;
    telemetry::start(&config)?;
    let options = centrala_sandbox::Options {
        listen: args.sandbox_listen,
        seed: args.seed,
        quiet_town: args.quiet_town,
        second_number: args.second_number,
        ..centrala_sandbox::Options::default()
    };
    let sandbox = centrala_sandbox::start(options)
        .await
        .with_context(|| format!("the town cannot listen on {}", args.sandbox_listen))?;
    let server = Server::start(config).await?;
    let ready = match populate(&server, &sandbox, &args).await {
        Ok(ready) => ready,
        Err(error) => {
            server.stop().await;
            return Err(error.into());
        }
    };
    if args.json {
        print::json(&ready)?;
    } else {
        tell(&ready);
    }
    until_told_to_stop().await?;
    sandbox.stop().await;
    server.stop().await;
    Ok(())
}

async fn populate(
    server: &Server,
    sandbox: &centrala_sandbox::Running,
    args: &Args,
) -> anyhow::Result<Ready> {
    if server.app.is_set_up() {
        bail!("this data folder is in use already: start the demo without --data, or with an empty folder");
    }
    let (workspace, agents) = hire(&server.app).await?;
    let url = format!("http://{}", server.address);
    let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build()?;
    let admin = Api { client: client.clone(), base: format!("{url}/api/v1"), token: agents[0].token.clone() };
    let mut labels: Vec<(&str, LabelId)> = Vec::new();
    for (name, color) in LABELS {
        let label = admin.send(Method::POST, "/labels", &json!({"name": name, "color": color})).await?;
        labels.push((name, parsed(&label["id"])?));
    }
    let mut numbers = Vec::new();
    for number in sandbox.numbers() {
        numbers.push(connect(&admin, sandbox.base_url(), number, &agents).await?);
    }
    let shop = Shop {
        workspace,
        inboxes: numbers.iter().map(|it| it.inbox_id).collect(),
        agents: agents.iter().map(|it| it.id).collect(),
        labels: labels.iter().map(|(_, id)| *id).collect(),
        seed: args.seed,
    };
    let past = make_up(&server.app, sandbox, Arc::new(shop), args).await?;
    let customers = Customer::all(sandbox);
    if let Some(first) = numbers.first() {
        let as_each = |person: &Person| Api { token: person.token.clone(), ..admin.clone() };
        let bakery = Bakery {
            people: agents.iter().map(as_each).collect(),
            town: Api { base: format!("{}/sandbox", sandbox.base_url()), ..admin.clone() },
            number: &first.number.phone_number_id,
            now: server.app.store.clock().now(),
            customers: customers.iter().map(|it| (it.id(), it.name())).collect(),
            labels: labels.into_iter().collect(),
        };
        bakery.has_its_morning(!args.quiet_town).await?;
    }
    Ok(Ready {
        api_url: admin.base,
        url,
        sandbox_url: sandbox.base_url().to_owned(),
        webhook_urls: numbers.iter().map(|it| it.webhook_url.clone()).collect(),
        agents,
        numbers,
        customers,
        past,
    })
}

fn parsed<T: serde::de::DeserializeOwned>(value: &Value) -> anyhow::Result<T> {
    T::deserialize(value).context("an answer without an id")
}

/// Years of conversations, if they were asked for.
async fn make_up(
    app: &App,
    sandbox: &centrala_sandbox::Running,
    shop: Arc<Shop>,
    args: &Args,
) -> anyhow::Result<Past> {
    past::write(&app.store, &shop, args.conversations).await?;
    let long_thread = match sandbox.customers().pop() {
        Some(customer) if args.long_thread > 0 => {
            let (name, phone) = (customer.name, customer.phone);
            Some(past::write_long_thread(&app.store, &shop, args.long_thread, name, phone).await?)
        }
        _ => None,
    };
    Ok(Past { conversations: args.conversations, long_thread })
}

/// The workspace, its people, and a token for each of them.
async fn hire(app: &App) -> anyhow::Result<(WorkspaceId, Vec<Person>)> {
    let workspace: WorkspaceId = app.store.new_id();
    let system = || Origin::system(workspace, app.store.new_id());
    let mut people = Vec::new();
    for (name, email, role) in PEOPLE {
        let password = random_password()?;
        let hash = app.passwords.hash(&password).await.map_err(|_| anyhow::anyhow!("no password hash"))?;
        let id = if people.is_empty() {
            let owner = FirstOwner {
                name: name.into(),
                email: email.into(),
                password_hash: hash,
                language: Language::Ro,
            };
            let command = SetUp {
                proof: SetUpProof::Operator,
                name: "Brutăria Spicul".into(),
                settings: Settings { language: Language::Ro, ..Settings::default() },
                owner,
            };
            let (_, owner) = app.store.execute(system(), command).await?;
            app.mark_set_up();
            crate::chores::follow(app, workspace);
            owner.id
        } else {
            let command = AddAgent {
                name: name.into(),
                email: email.into(),
                role,
                language: Language::Ro,
                password_hash: hash,
            };
            app.store.execute(system(), command).await?.id
        };
        let token = token(app, system(), id).await?;
        people.push(Person {
            name,
            email,
            password: password.into_exposed(),
            role,
            token: token.into_exposed(),
            id,
        });
    }
    Ok((workspace, people))
}

async fn token(app: &App, origin: Origin, id: AgentId) -> anyhow::Result<Private> {
    let secret = secret::new_token().map_err(|_| anyhow::anyhow!("the system gives no random bytes"))?;
    let command = CreateApiToken { name: "demo".into(), secret_hash: hash_secret(secret.expose()) };
    let actor = centrala_domain::agent::Actor::Agent { id };
    app.store.execute(Origin { actor, ..origin }, command).await?;
    Ok(secret)
}

/// An HTTP API as any program uses it.
#[derive(Clone)]
pub(super) struct Api {
    client: reqwest::Client,
    base: String,
    token: String,
}

impl Api {
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.ask(path, self.client.get(format!("{}{path}", self.base))).await
    }

    pub(super) async fn send(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask(path, self.client.request(method, format!("{}{path}", self.base)).json(body)).await
    }

    async fn ask(&self, path: &str, request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        let response = request.bearer_auth(&self.token).send().await?;
        let status = response.status();
        let answer: Value = response.json().await.unwrap_or_default();
        if !status.is_success() {
            bail!("{path} answered {status}: {answer}");
        }
        Ok(answer)
    }
}

async fn connect(admin: &Api, graph: &str, number: Number, people: &[Person]) -> anyhow::Result<Connected> {
    let body = json!({
        "name": number.verified_name,
        "whatsapp_cloud": {
            "base_url": graph,
            "app_id": number.app_id,
            "waba_id": number.waba_id,
            "phone_number_id": number.phone_number_id,
            "display_phone_number": number.display_phone_number,
        },
        "secrets": {
            "access_token": number.access_token,
            "app_secrets": [number.app_secret],
            "verify_token": number.verify_token,
        },
    });
    let inbox = admin.send(Method::POST, "/inboxes", &body).await?;
    let (inbox_id, webhook_url) = (parsed::<InboxId>(&inbox["id"])?, parsed(&inbox["webhook_url"])?);
    let members: Vec<AgentId> = people.iter().map(|person| person.id).collect();
    let path = format!("/inboxes/{inbox_id}");
    admin.send(Method::PUT, &format!("{path}/members"), &json!({"agents": members})).await?;
    admin.send(Method::POST, &format!("{path}/subscribe"), &json!({})).await?;
    admin.send(Method::POST, &format!("{path}/verify"), &json!({})).await?;
    Ok(Connected { number, inbox_id, webhook_url })
}

fn tell(ready: &Ready) {
    print::line(&format!("Centrala is at  {}", ready.url));
    print::line(&format!("The town is at  {}/sandbox/", ready.sandbox_url));
    print::line("");
    print::line("Sign in as one of these:");
    for person in &ready.agents {
        let Person { name, email, password, role, .. } = person;
        print::line(&format!("  {email:<24} {password}  {name} ({})", role.as_str()));
    }
    if let Some(Person { name, token, .. }) = ready.agents.first() {
        print::line("");
        print::line(&format!("API token of {name}:"));
        print::line(&format!("  {token}"));
    }
    print::line("");
    for connected in &ready.numbers {
        let Number { display_phone_number, verified_name, .. } = &connected.number;
        print::line(&format!("Customers write to {display_phone_number} ({verified_name})."));
    }
    print::line("Everything is thrown away at the end, unless --data says where to keep it. Ctrl-C ends it.");
}
