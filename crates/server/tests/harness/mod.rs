//! The real program as a child process, with the simulated platform in this process as the outside truth.
//!
//! Here: planting a database, starting and killing the server, customers and agents who keep at it. Not here:
//! what must be true afterwards; the suites say that.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use centrala::boot::SystemClock;
use centrala::cli::bench::seed::{Seed, Seeded, plant};
use centrala_domain::WorkspaceId;
use centrala_sandbox::{Number, Options, Running, Settings};
use centrala_store::write::Hooks;
use centrala_store::{
    Command as StoreCommand, Ctx, Done, Engine, Origin, Reader, Row, Sql, Store, Tx, Value,
};
use reqwest::StatusCode;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// Seals the secrets of the planted inbox.
const MASTER_KEY: [u8; 32] = [7; 32];

/// The simulated platform, and how to speak with it and with the server.
pub(crate) struct Town {
    pub(crate) sandbox: Running,
    pub(crate) number: Number,
    pub(crate) http: reqwest::Client,
}

/// Quick, and without the rules that are not this suite's business.
pub(crate) fn settings() -> Settings {
    Settings {
        pair_limit: false,
        enforce_window: false,
        throughput: 1000,
        sent_ms: 5,
        delivered_ms: 15,
        read_ms: 40,
        retry_base_ms: 40,
        retry_max_ms: 400,
        ..Settings::default()
    }
}

impl Town {
    pub(crate) async fn start(settings: Settings) -> Self {
        let sandbox = centrala_sandbox::start(Options { settings, ..Options::default() }).await.unwrap();
        let number = sandbox.numbers().remove(0);
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(20))
            .connect_timeout(Duration::from_secs(2))
            .build()
            .unwrap();
        Self { sandbox, number, http }
    }

    /// A `/sandbox/` call.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Option<Json>) -> Json {
        let url = format!("{}/sandbox/{path}", self.sandbox.base_url());
        let mut request = self.http.request(method.parse().unwrap(), url);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let json: Json = answer.json().await.unwrap();
        assert!(status.is_success(), "{method} {path}: {status} {json}");
        json
    }

    /// A customer writes; gives the message's id.
    pub(crate) async fn write(&self, customer: &str, message: Json) -> String {
        let written = self.control("POST", &format!("customers/{customer}/messages"), Some(message)).await;
        written["id"].as_str().unwrap().to_owned()
    }

    /// What a phone shows.
    pub(crate) async fn phone(&self, customer: &str) -> Vec<Json> {
        let shown = self.control("GET", &format!("customers/{customer}/messages"), None).await;
        shown["messages"].as_array().unwrap().clone()
    }

    /// Webhooks that wait for a 200.
    pub(crate) async fn webhooks_pending(&self) -> u64 {
        self.control("GET", "state", None).await["webhooks_pending"].as_u64().unwrap()
    }

    /// Sends the webhooks of the number to a server.
    pub(crate) async fn subscribe(&self, place: &Place) {
        let url = format!("{}/v26.0/{}/subscribed_apps", self.sandbox.base_url(), self.number.waba_id);
        let body = json!({
            "override_callback_uri": place.webhook_url(),
            "verify_token": self.number.verify_token,
        });
        let answer =
            self.http.post(url).bearer_auth(&self.number.access_token).json(&body).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{status} {text}");
    }

    /// The signature of a body, as the platform makes it.
    pub(crate) fn sign(&self, body: &[u8]) -> String {
        sign(&self.number.app_secret, body)
    }
}

/// HMAC-SHA256 by the system's own tool: nothing of ours decides what is right.
pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    use std::io::Write as _;
    let mut openssl = Command::new("openssl")
        .args(["dgst", "-sha256", "-hmac", secret, "-r"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    openssl.stdin.take().unwrap().write_all(body).unwrap();
    let output = openssl.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    format!("sha256={}", text.split_whitespace().next().unwrap())
}

/// The same in this process, where thousands are needed.
pub(crate) fn sign_many(secret: &str, body: &[u8]) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

/// Which database a server works on.
#[derive(Clone)]
pub(crate) enum Database {
    Sqlite,
    Postgres(String),
}

/// Where a server lives: survives its kills.
pub(crate) struct Place {
    pub(crate) data: PathBuf,
    pub(crate) port: u16,
    pub(crate) seeded: Seeded,
    pub(crate) token: String,
    pub(crate) database: Database,
    _directory: Option<TempDir>,
}

impl Place {
    /// Plants a database whose inbox speaks with `base_url` (the sandbox, or a proxy before it).
    pub(crate) async fn new(town: &Town, base_url: &str, database: Database) -> Self {
        let directory = tempfile::Builder::new().prefix("centrala-proof-").tempdir().unwrap();
        let data = directory.path().to_owned();
        Self::within(town, base_url, database, data, Some(directory)).await
    }

    /// The same in a folder that is there.
    pub(crate) async fn within(
        town: &Town,
        base_url: &str,
        database: Database,
        data: PathBuf,
        directory: Option<TempDir>,
    ) -> Self {
        let token = centrala::auth::secret::new_token().unwrap().into_exposed();
        let number = town.number.clone();
        let seed = Seed {
            master_key: MASTER_KEY,
            base_url: base_url.to_owned(),
            app_id: number.app_id,
            app_secret: number.app_secret,
            verify_token: number.verify_token,
            access_token: number.access_token,
            waba_id: number.waba_id,
            phone_number_id: number.phone_number_id,
            tokens: vec![token.clone()],
            inboxes: 1,
        };
        let seeded = plant(engine(&database, &data), Arc::new(SystemClock), &seed).await.unwrap();
        Self { data, port: free_port(), seeded, token, database, _directory: directory }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn webhook_url(&self) -> String {
        format!("{}/webhooks/whatsapp_cloud/{}", self.url(), self.seeded.inbox)
    }

    /// The command line of the server.
    pub(crate) fn command(&self, subcommand: &str) -> Vec<String> {
        let mut words = vec![
            env!("CARGO_BIN_EXE_centrala").to_owned(),
            subcommand.to_owned(),
            "--data".to_owned(),
            self.data.display().to_string(),
        ];
        if let Database::Postgres(url) = &self.database {
            words.extend(["--database-url".to_owned(), url.clone()]);
        }
        words
    }

    /// Starts the server; `before` are words before its command line (such as `strace`), `environment` is added.
    pub(crate) fn spawn(&self, before: &[&str], environment: &[(&str, &str)]) -> Server {
        let mut words: Vec<String> = before.iter().map(|word| (*word).to_owned()).collect();
        words.extend(self.command("serve"));
        words.extend(["--listen".to_owned(), format!("127.0.0.1:{}", self.port)]);
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log()).unwrap();
        // An aborted program would leave a core file each time. The shell becomes the program, so the id stays.
        let child = Command::new("/bin/sh")
            .args(["-c", "ulimit -c 0; exec \"$@\"", "sh"])
            .args(&words)
            .env("CENTRALA_MASTER_KEY", hex(&MASTER_KEY))
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Server { child, url: self.url() }
    }

    /// Where the server's log lines go.
    pub(crate) fn log(&self) -> PathBuf {
        std::env::temp_dir().join(format!("centrala-proof-{}.log", self.port))
    }

    /// The last log lines, for a failure.
    pub(crate) fn last_words(&self) -> String {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// `centrala doctor --json`, with the server stopped.
    pub(crate) fn doctor(&self) -> Json {
        let words = [self.command("doctor"), vec!["--deep".into(), "--json".into()]].concat();
        let output = Command::new(&words[0])
            .args(&words[1..])
            .env("CENTRALA_MASTER_KEY", hex(&MASTER_KEY))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        serde_json::from_str(&text)
            .unwrap_or_else(|_| panic!("{text}\n{}", String::from_utf8_lossy(&output.stderr)))
    }

    /// An API call with the owner's token.
    pub(crate) fn api(&self, town: &Town, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/api/v1/{path}", self.url());
        town.http.request(method.parse().unwrap(), url).bearer_auth(&self.token)
    }

    /// Posts a webhook; none when there is nobody.
    pub(crate) async fn post_webhook(
        &self,
        town: &Town,
        body: &[u8],
        signature: Option<&str>,
    ) -> Option<StatusCode> {
        let mut request = town.http.post(self.webhook_url()).header("content-type", "application/json");
        if let Some(signature) = signature {
            request = request.header("x-hub-signature-256", signature);
        }
        request.body(body.to_vec()).send().await.ok().map(|answer| answer.status())
    }

    /// Looks into a SQLite database that lies elsewhere.
    pub(crate) async fn look_in(&self, data: &Path) -> Look {
        let options = centrala_store::Options::new(engine(&Database::Sqlite, data));
        Look { store: Store::open(options, Arc::new(SystemClock), Hooks::none()).await.unwrap() }
    }

    /// Looks into the database, beside the server.
    pub(crate) async fn look(&self) -> Look {
        let options = centrala_store::Options::new(engine(&self.database, &self.data));
        Look { store: Store::open(options, Arc::new(SystemClock), Hooks::none()).await.unwrap() }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // Only a failed test leaves its log.
            drop(std::fs::remove_file(self.log()));
        }
    }
}

/// Makes every job that waits for its next try due now, as if the waits were over.
struct Hurry;

impl StoreCommand for Hurry {
    type Out = ();
    type Error = centrala_store::Error;

    async fn run(&self, _: &Ctx, tx: &mut Tx) -> centrala_store::Result<Done<()>> {
        const TEXT: &str = "UPDATE jobs SET run_at = 0 WHERE state = 'ready' AND kind <> 'reconcile_message'";
        tx.run(Sql { name: "hurry", sqlite: TEXT, postgres: TEXT }, vec![]).await?;
        Ok(Done::unchanged(()))
    }
}

/// Reads the database without the server's help.
pub(crate) struct Look {
    store: Store,
}

impl Look {
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Time passes: whatever waits for its next try is due. Only while no server runs.
    pub(crate) async fn hurry(&self, workspace: WorkspaceId) {
        self.store.execute(Origin::system(workspace, self.store.new_id()), Hurry).await.unwrap();
    }

    pub(crate) async fn rows(&self, text: &'static str, args: Vec<Value>) -> Vec<Row> {
        let mut reader: Reader = self.store.read().await.unwrap();
        reader.all(Sql { name: "proof", sqlite: text, postgres: text }, args).await.unwrap()
    }

    pub(crate) async fn number(&self, text: &'static str) -> i64 {
        self.rows(text, vec![]).await[0].get("n").unwrap()
    }

    pub(crate) async fn close(self) {
        self.store.close().await;
    }
}

fn engine(database: &Database, data: &Path) -> Engine {
    match database {
        Database::Sqlite => Engine::Sqlite { file: data.join("centrala.db") },
        Database::Postgres(url) => Engine::Postgres { url: url.clone() },
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// A server that runs, or ran.
pub(crate) struct Server {
    child: Child,
    url: String,
}

impl Server {
    pub(crate) fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// Waits until it can do its work. False when it ended instead.
    pub(crate) async fn is_ready(&mut self, http: &reqwest::Client) -> bool {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.ended().is_none() {
            let answer = http.get(format!("{}/readyz", self.url)).send().await;
            if answer.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                return true;
            }
            assert!(Instant::now() < deadline, "the server is not ready after a minute");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        false
    }

    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for its end, at most so long.
    pub(crate) async fn ends_within(&mut self, time: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + time;
        loop {
            if let Some(status) = self.ended() {
                return Some(status);
            }
            if Instant::now() >= deadline {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    /// SIGKILL, to this process alone.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        self.child.wait().unwrap();
    }

    /// SIGTERM, and its orderly end.
    pub(crate) async fn stop(&mut self) -> ExitStatus {
        let pid = nix::unistd::Pid::from_raw(self.pid());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        self.ends_within(Duration::from_secs(30)).await.expect("the server stops when it is told to")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Tries until it holds, or fails with what it says.
pub(crate) async fn eventually(
    what: &str,
    time: Duration,
    mut holds: impl AsyncFnMut() -> Result<(), String>,
) {
    let deadline = Instant::now() + time;
    loop {
        match holds().await {
            Ok(()) => return,
            Err(why) if Instant::now() >= deadline => panic!("{what}: {why}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(25)).await,
        }
    }
}
