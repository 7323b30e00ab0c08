//! A private PostgreSQL for tests and benches: one cluster for each test process, one database for each test.
//!
//! The cluster starts when it is first asked for and goes away with the process, also when that is killed: a
//! small supervisor holds the other end of a pipe and stops the server when the pipe closes. Where
//! `TEST_POSTGRES_URL` is set, databases are made on that server instead (and dropped at the end).
//! Not here: migrations and connections; the store owns those. A missing server is a failed test, never a
//! skipped one.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::unistd::{User, geteuid};
use uuid::Uuid;

/// Names a PostgreSQL server to use instead of a private one. Its user must be allowed to create databases.
pub const URL_VARIABLE: &str = "TEST_POSTGRES_URL";

/// Runs the server and cleans up: `$1` is the directory, the rest the server's command line.
/// It ends when the server does, or when standard input closes because whoever started it is gone. A server that
/// ended by itself leaves its log.
const SUPERVISE: &str = r#"
directory=$1; shift
exec 3<&0 </dev/null
"$@" 3<&- & server=$!
{ read -r _ <&3; : >"$directory/stop"; kill -QUIT "$server"; } & reader=$!
wait "$server"
if [ -e "$directory/stop" ]; then rm -rf "$directory"; else kill "$reader"; exit 1; fi
"#;

/// Waits until standard input closes, then drops the databases of one run: `$1` is psql, `$2` the server's URL,
/// `$3` the beginning of their names.
const SWEEP: &str = r#"
read -r _
printf '%s' "SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', datname) FROM pg_database
WHERE starts_with(datname, '$3') \gexec" | "$1" -X -q -d "$2"
"#;

/// What a commit costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing waits for the disk. For tests: they throw the data away.
    None,
    /// The server's own defaults: a commit is on the disk. For benches.
    Full,
}

/// Why there is no server.
#[derive(Debug, Clone)]
pub struct ClusterError(String);

impl std::fmt::Display for ClusterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ClusterError {}

/// A server where databases can be made.
#[derive(Debug)]
pub struct Cluster {
    /// URL of a database that always exists.
    admin_url: String,
    psql: PathBuf,
    /// What the names of this cluster's databases begin with; unique on a shared server.
    prefix: String,
    /// Stops the server, or sweeps the databases, once its standard input closes.
    supervisor: Child,
}

/// The server of this process: started by the first test that asks, shared by the others.
///
/// # Panics
/// When there is none to be had, with what to do about it.
#[must_use]
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Result<Cluster, ClusterError>> = OnceLock::new();
    let started = CLUSTER.get_or_init(|| match std::env::var(URL_VARIABLE) {
        Ok(url) => Cluster::external(&url),
        Err(_) => Cluster::start(Durability::None),
    });
    match started {
        Ok(cluster) => cluster,
        Err(error) => panic!("{error}"),
    }
}

impl Cluster {
    /// Starts a private server on a free port of 127.0.0.1. It stops when the value is dropped.
    ///
    /// # Errors
    /// When the programs are missing or the server does not come up; the text says why.
    pub fn start(durability: Durability) -> Result<Self, ClusterError> {
        let bin = server_programs()?;
        let user = unprivileged_user()?;
        let mut last = ClusterError(String::new());
        // The free port may be taken by someone else before the server binds it.
        for _ in 0..5 {
            match Self::start_once(&bin, user.as_ref(), durability) {
                Ok(cluster) => return Ok(cluster),
                Err(error) if error.0.contains("could not bind") => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    fn start_once(bin: &Path, user: Option<&User>, durability: Durability) -> Result<Self, ClusterError> {
        let directory = tempfile::Builder::new()
            .prefix("centrala-postgres-")
            .tempdir()
            .map_err(|error| failed("make a temporary directory", &error))?;
        if let Some(user) = user {
            chown(directory.path(), Some(user.uid.as_raw()), Some(user.gid.as_raw()))
                .map_err(|error| failed("hand the temporary directory over", &error))?;
        }
        let data = directory.path().join("data");
        init(bin, user, &data)?;

        let port = free_port().map_err(|error| failed("find a free port", &error))?;
        let log_path = directory.path().join("log");
        let log = File::create(&log_path).map_err(|error| failed("create the server's log", &error))?;
        let mut supervisor = command(Path::new("/bin/sh"), user)
            .args(["-c", SUPERVISE, "supervise"])
            .arg(directory.path())
            .arg(bin.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(settings(port, durability))
            .stdin(Stdio::piped())
            .stdout(log.try_clone().map_err(|error| failed("share the server's log", &error))?)
            .stderr(log)
            // Not in the terminal's group: Ctrl-C ends the tests, and the supervisor cleans up after them.
            .process_group(0)
            .spawn()
            .map_err(|error| failed("start the supervisor", &error))?;

        wait_until_ready(&data, &log_path, &mut supervisor)?;
        // From here on the supervisor removes it.
        let _ = directory.keep();
        Ok(Self {
            admin_url: format!("postgres://centrala@127.0.0.1:{port}/postgres?sslmode=disable"),
            psql: bin.join("psql"),
            prefix: "test_".to_owned(),
            supervisor,
        })
    }

    /// Uses a server that runs anyway.
    fn external(url: &str) -> Result<Self, ClusterError> {
        let psql = find_program("psql").ok_or_else(missing)?;
        let prefix = format!("centrala_test_{}_", unique());
        let supervisor = Command::new("/bin/sh")
            .args(["-c", SWEEP, "sweep"])
            .args([psql.as_os_str(), OsStr::new(url), OsStr::new(&prefix)])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|error| failed("start the sweeper", &error))?;
        let cluster = Self { admin_url: url.to_owned(), psql, prefix, supervisor };
        cluster.try_run("SELECT 1").map_err(|error| {
            ClusterError(format!("The server of {URL_VARIABLE} does not answer: {error}"))
        })?;
        Ok(cluster)
    }

    /// Makes an empty database and tells its URL.
    #[must_use]
    pub fn fresh_database(&self) -> String {
        self.create("template0")
    }

    /// Makes a copy of a database made here, named by its URL, and tells the copy's URL. Nobody may be
    /// connected to the original; connections that are about to close are waited for.
    #[must_use]
    pub fn create_from_template(&self, template_url: &str) -> String {
        let (_, template) = split(template_url);
        self.create(template)
    }

    /// Removes a database made here, and ends whatever is still connected to it. A database takes about 8 MB of
    /// disk, so a test that is done with one gives it back.
    pub fn drop_database(&self, url: &str) {
        let (_, name) = split(url);
        self.run_sql(&self.admin_url, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }

    /// Runs SQL in a database named by its URL. For faults such as ending the connections of others; what the
    /// product does goes through the store.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn run_sql(&self, url: &str, sql: &str) -> String {
        self.try_run_in(url, sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    fn create(&self, template: &str) -> String {
        let name = format!("{}{}", self.prefix, unique());
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template}");
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            match self.try_run(&sql) {
                Ok(_) => return self.url_of(&name),
                Err(error)
                    if error.contains("being accessed by other users") && Instant::now() < deadline =>
                {
                    sleep(Duration::from_millis(20));
                }
                Err(error) => panic!("{sql}: {error}"),
            }
        }
    }

    fn url_of(&self, database: &str) -> String {
        let (server, own) = split(&self.admin_url);
        let parameters = self.admin_url.strip_prefix(server).and_then(|rest| rest.strip_prefix(own));
        format!("{server}{database}{}", parameters.unwrap_or_default())
    }

    fn try_run(&self, sql: &str) -> Result<String, String> {
        self.try_run_in(&self.admin_url, sql)
    }

    fn try_run_in(&self, url: &str, sql: &str) -> Result<String, String> {
        let output = Command::new(&self.psql)
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql])
            .env("LC_ALL", "C")
            .env_remove("PGOPTIONS")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        // Nothing can be done about a failure here, and the supervisor ends by itself.
        let _ = self.supervisor.wait();
    }
}

/// The address a URL names: the upstream of a [`crate::proxy::FaultProxy`].
///
/// # Panics
/// When the URL names no address, or none that can be found.
#[must_use]
pub fn address_of(url: &str) -> SocketAddr {
    let (server, _) = split(url);
    let host = &server[host_start(server)..].trim_end_matches('/');
    let host = if host.contains(':') { (*host).to_owned() } else { format!("{host}:5432") };
    let mut found = host.to_socket_addrs().unwrap_or_else(|error| panic!("{host}: {error}"));
    found.next().unwrap_or_else(|| panic!("{host} has no address"))
}

/// The same database, reached through another address: that of a [`crate::proxy::FaultProxy`].
#[must_use]
pub fn through(address: SocketAddr, url: &str) -> String {
    let (server, _) = split(url);
    format!("{}{address}/{}", &url[..host_start(server)], &url[server.len()..])
}

fn host_start(server: &str) -> usize {
    let after = |mark: &str| server.find(mark).map(|at| at + mark.len());
    server.rfind('@').map(|at| at + 1).or_else(|| after("://")).unwrap_or(0)
}

/// `postgres://user@host:port/name?parameters` -> everything before the name, and the name.
fn split(url: &str) -> (&str, &str) {
    let path = url.split('?').next().unwrap_or(url);
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    (&url[..name], &path[name..])
}

fn unique() -> String {
    #[expect(clippy::disallowed_methods, reason = "names a database of a test; it is nobody's id")]
    let name = Uuid::now_v7();
    name.simple().to_string()
}

fn failed(what: &str, error: &std::io::Error) -> ClusterError {
    ClusterError(format!("Could not {what} for the test PostgreSQL: {error}"))
}

fn missing() -> ClusterError {
    ClusterError(format!(
        "The tests need the programs of PostgreSQL (initdb, postgres, psql) and found none. \
         Run scripts/setup, or set {URL_VARIABLE} to a server they may create databases on."
    ))
}

/// The folder that holds `initdb`, `postgres` and `psql`.
fn server_programs() -> Result<PathBuf, ClusterError> {
    let beside_postgres = find_program("postgres").and_then(|path| {
        let real = fs::canonicalize(path).ok()?;
        real.parent().map(Path::to_owned)
    });
    beside_postgres
        .into_iter()
        .chain(packaged_folders())
        .find(|folder| ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).is_file()))
        .ok_or_else(missing)
}

/// Looks in the search path first, then where distributions put what only the server needs.
fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(packaged_folders())
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// Newest version first.
fn packaged_folders() -> Vec<PathBuf> {
    let version = |folder: &PathBuf| -> u32 {
        folder
            .parent()
            .and_then(Path::file_name)
            .and_then(OsStr::to_str)
            .map_or(0, |v| v.parse().unwrap_or(0))
    };
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    folders.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    let told = Command::new("pg_config").arg("--bindir").output().ok();
    folders.extend(told.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())));
    folders
}

/// The server refuses to run as root, so root lends it another user.
fn unprivileged_user() -> Result<Option<User>, ClusterError> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    ["postgres", "nobody"].iter().find_map(|name| User::from_name(name).ok().flatten()).map(Some).ok_or_else(
        || ClusterError("PostgreSQL does not run as root, and there is no user `nobody`.".to_owned()),
    )
}

/// A command with an empty environment, so that no `PG...` variable of the developer reaches the server.
fn command(program: &Path, user: Option<&User>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").current_dir("/");
    if let Some(user) = user {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command
}

/// Text sorts by Romanian rules where the server knows any: a query that relies on the order of bytes, as
/// SQLite has it, then fails here rather than at a user's.
fn init(bin: &Path, user: Option<&User>, data: &Path) -> Result<(), ClusterError> {
    let initdb = bin.join("initdb");
    let run = |arguments: &[&str]| {
        command(&initdb, user)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| failed("run initdb", &error))
    };
    let data = data.to_string_lossy();
    let plain =
        ["-D", &*data, "-U", "centrala", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"];
    let knows_icu = String::from_utf8_lossy(&run(&["--help"])?.stdout).contains("--icu-locale");
    let sorting: &[&str] = if knows_icu { &["--locale-provider=icu", "--icu-locale=ro-RO"] } else { &[] };
    let output = run(&[&plain[..], sorting].concat())?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(ClusterError(format!("initdb of the test PostgreSQL failed:\n{text}")))
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn settings(port: u16, durability: Durability) -> Vec<String> {
    let port = format!("port={port}");
    let mut all = vec![
        port.as_str(),
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=200",
        "shared_buffers=128MB",
    ];
    if durability == Durability::None {
        all.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
    }
    all.iter().flat_map(|setting| ["-c".to_owned(), (*setting).to_owned()]).collect()
}

/// The server writes its state into the eighth line of its pid file.
fn wait_until_ready(data: &Path, log: &Path, supervisor: &mut Child) -> Result<(), ClusterError> {
    let deadline = Instant::now() + Duration::from_secs(60);
    let explain = |what: &str| {
        let log = fs::read_to_string(log).unwrap_or_default();
        ClusterError(format!("The test PostgreSQL {what}. Its log:\n{log}"))
    };
    loop {
        let state = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        if state.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
            return Ok(());
        }
        if matches!(supervisor.try_wait(), Ok(Some(_)) | Err(_)) {
            return Err(explain("ended at once"));
        }
        if Instant::now() > deadline {
            return Err(explain("was not ready after a minute"));
        }
        sleep(Duration::from_millis(5));
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};

    use super::*;

    #[test]
    fn databases_do_not_see_each_other() {
        let (one, other) = (cluster().fresh_database(), cluster().fresh_database());
        cluster().run_sql(&one, "CREATE TABLE visible (x BIGINT)");
        assert_eq!(cluster().run_sql(&one, "SELECT to_regclass('visible') IS NOT NULL"), "t");
        assert_eq!(cluster().run_sql(&other, "SELECT to_regclass('visible') IS NOT NULL"), "f");
    }

    #[test]
    fn a_copy_has_what_its_template_has() {
        let template = cluster().fresh_database();
        cluster().run_sql(&template, "CREATE TABLE kept (x BIGINT); INSERT INTO kept VALUES (7)");
        let copies: Vec<String> = (0..3).map(|_| cluster().create_from_template(&template)).collect();
        for copy in copies {
            assert_eq!(cluster().run_sql(&copy, "SELECT x FROM kept"), "7");
        }
    }

    #[test]
    fn a_private_server_is_on_loopback_alone_and_leaves_nothing_behind() {
        for (durability, wanted) in [(Durability::None, "off"), (Durability::Full, "on")] {
            let cluster = Cluster::start(durability).unwrap();
            let url = cluster.fresh_database();
            assert!(url.starts_with("postgres://centrala@127.0.0.1:"), "{url}");
            assert_eq!(cluster.run_sql(&url, "SHOW listen_addresses"), "127.0.0.1");
            assert_eq!(cluster.run_sql(&url, "SHOW fsync"), wanted);
            assert_eq!(cluster.run_sql(&url, "SHOW synchronous_commit"), wanted);
            let data = PathBuf::from(cluster.run_sql(&url, "SHOW data_directory"));
            assert!(data.exists());
            drop(cluster);
            assert!(!data.parent().unwrap().exists());
        }
    }

    #[test]
    fn the_server_goes_away_with_a_process_that_is_killed() {
        const ROLE: &str = "CENTRALA_TESTKIT_IS_VICTIM";
        if std::env::var_os(ROLE).is_some() {
            let cluster = Cluster::start(Durability::None).unwrap();
            println!("\ndata={}", cluster.run_sql(&cluster.admin_url, "SHOW data_directory"));
            sleep(Duration::from_secs(120));
        }
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "--nocapture",
                "postgres::tests::the_server_goes_away_with_a_process_that_is_killed",
            ])
            .env(ROLE, "1")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
        let data =
            lines.map(Result::unwrap).find_map(|l| l.strip_prefix("data=").map(PathBuf::from)).unwrap();
        assert!(data.join("postmaster.pid").exists());
        victim.kill().unwrap();
        victim.wait().unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        while data.exists() {
            assert!(Instant::now() < deadline, "{} is still there", data.display());
            sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn a_dropped_database_is_gone() {
        let url = cluster().fresh_database();
        cluster().drop_database(&url);
        let sql = format!("SELECT COUNT(*) FROM pg_database WHERE datname = '{}'", split(&url).1);
        assert_eq!(cluster().run_sql(&cluster().admin_url, &sql), "0");
    }

    #[test]
    fn a_url_is_led_through_another_address() {
        let proxy: SocketAddr = "127.0.0.1:9".parse().unwrap();
        for (url, address, led) in [
            ("postgres://u@127.0.0.1:5/n?a=/b", "127.0.0.1:5", "postgres://u@127.0.0.1:9/n?a=/b"),
            ("postgres://u:p@127.0.0.1/n", "127.0.0.1:5432", "postgres://u:p@127.0.0.1:9/n"),
            ("postgres://127.0.0.1:5/n", "127.0.0.1:5", "postgres://127.0.0.1:9/n"),
        ] {
            assert_eq!(address_of(url).to_string(), address);
            assert_eq!(through(proxy, url), led);
        }
    }

    #[test]
    fn the_name_in_a_url_is_found_and_replaced() {
        assert_eq!(split("postgres://u@h:1/name?a=/b"), ("postgres://u@h:1/", "name"));
        assert_eq!(split("postgres://u@h:1/name"), ("postgres://u@h:1/", "name"));
    }
}
