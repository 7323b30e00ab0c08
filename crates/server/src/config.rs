//! Settings of the process: built-in values < file < environment (`CENTRALA_...`) < flags.
//!
//! One `settings!` table says everything about a setting, so that the typed struct, the reference page and
//! `centrala config show` cannot disagree. Not here: settings of a workspace (`domain::workspace::Settings`).

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use centrala_domain::Private;
use url::Url;

/// A value of a setting, from the text that a file, a variable or a flag holds.
trait FromText: Sized {
    /// Whether it must not be shown.
    const IS_SECRET: bool = false;
    /// Reads it, or says what is expected.
    fn from_text(text: &str) -> Result<Self, String>;
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Built in.
    Default,
    /// The configuration file.
    File,
    /// An environment variable.
    Environment(String),
    /// A flag.
    Flag,
    /// A file that holds nothing but the secret.
    SecretFile(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File => f.write_str("file"),
            Self::Environment(name) => write!(f, "{name}"),
            Self::Flag => f.write_str("flag"),
            Self::SecretFile(name) => write!(f, "{name} (file)"),
        }
    }
}

/// One line of `centrala config show`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Name.
    pub key: &'static str,
    /// Effective value; `***` for a secret.
    pub value: String,
    /// Where it comes from.
    pub source: Source,
}

/// A setting as the reference page describes it.
struct Described {
    key: &'static str,
    doc: &'static [&'static str],
    default: &'static str,
    is_secret: bool,
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $key:ident: $type:ty = $default:literal;)+) => {
        /// Every setting, typed and checked.
        #[derive(Debug, Clone)]
        pub struct Config {
            $($(#[doc = $doc])+ pub $key: $type,)+
        }

        const SETTINGS: &[Described] = &[$(Described {
            key: stringify!($key),
            doc: &[$($doc),+],
            default: $default,
            is_secret: <$type as FromText>::IS_SECRET,
        }),+];

        impl Config {
            fn read(values: &BTreeMap<&'static str, (String, Source)>, problems: &mut Vec<String>) -> Option<Self> {
                $(let $key = read_one::<$type>(values, stringify!($key), problems);)+
                Some(Self { $($key: $key?,)+ })
            }
        }
    };
}

settings! {
    /// Address and port to listen on. Port 0 takes a free one.
    listen: SocketAddr = "127.0.0.1:8080";
    /// Folder of everything that is kept: the SQLite database, files of messages, the master key. One process
    /// at a time may use it.
    data_dir: PathBuf = "centrala-data";
    /// Address of a PostgreSQL database, such as `postgres://user:password@host/centrala`. Empty means SQLite
    /// in the data folder.
    database_url: Option<Private> = "";
    /// The address that people and Meta reach this server at, such as `https://inbox.example.com`. With
    /// `https`, cookies are marked `Secure` and browsers are told to stay on TLS. Empty means the address it
    /// listens on.
    public_url: Option<Url> = "";
    /// Addresses or networks of proxies whose `X-Forwarded-For` is believed, separated by commas.
    trusted_proxies: Vec<Network> = "";
    /// How log lines look: `text` or `json`.
    log_format: LogFormat = "text";
    /// Which log lines are written: a level, or a list such as `info,centrala_engine=debug`.
    log_filter: String = "info";
    /// Messages that are sent at the same time.
    workers_outbound: u16 = "16";
    /// Files that are fetched or handed over at the same time.
    workers_media: u16 = "4";
    /// Other background work that is done at the same time.
    workers_other: u16 = "4";
    /// Days that raw deliveries are kept after they were applied.
    receipts_retention_days: u16 = "30";
    /// Largest file that an agent can send, in bytes.
    media_max_bytes: u64 = "104857600";
    /// Hours without a request after which a login session ends.
    session_idle_hours: u16 = "12";
    /// Days after which a login session ends in any case.
    session_absolute_days: u16 = "30";
    /// Connections that may be open at the same time.
    connections_max: u32 = "20000";
    /// Whether browsers may name push services in private networks and by plain `http`: for closed networks with a push
    /// service of their own, and for tests. Otherwise notices go to public addresses with `https` only.
    push_to_private_networks: bool = "false";
    /// The key that seals credentials of inboxes: 64 hexadecimal digits. Usually empty, so that the key file is
    /// used.
    master_key: Option<Private> = "";
    /// File of the master key. It is made on the first start, readable by its owner only. Empty means
    /// `master.key` in the data folder.
    master_key_file: Option<PathBuf> = "";
}

impl Config {
    /// The address that others reach this server at, without a slash at the end; `bound` is where it listens.
    #[must_use]
    pub fn public_base(&self, bound: SocketAddr) -> String {
        match &self.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{bound}"),
        }
    }

    /// Whether people reach this server over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }

    /// How long a login session may rest.
    #[must_use]
    pub fn session_idle(&self) -> Duration {
        Duration::from_secs(u64::from(self.session_idle_hours) * 3600)
    }

    /// How long a login session may last.
    #[must_use]
    pub fn session_lifetime(&self) -> Duration {
        Duration::from_secs(u64::from(self.session_absolute_days) * 24 * 3600)
    }

    /// Where the master key is kept.
    #[must_use]
    pub fn master_key_path(&self) -> PathBuf {
        self.master_key_file.clone().unwrap_or_else(|| self.data_dir.join("master.key"))
    }
}

/// Shape of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// An address or a range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether an address lies in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (own, other, width) = match (self.address, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32u8),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
        };
        let shift = u32::from(width.saturating_sub(self.prefix));
        own.checked_shr(shift).unwrap_or(0) == other.checked_shr(shift).unwrap_or(0)
    }
}

impl FromText for bool {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "expected `true` or `false`".into())
    }
}

impl FromText for Network {
    fn from_text(text: &str) -> Result<Self, String> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.trim().parse().map_err(|_| format!("`{text}` is not an address"))?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => width,
            Some(prefix) => prefix
                .trim()
                .parse()
                .ok()
                .filter(|p| *p <= width)
                .ok_or_else(|| format!("`{text}` has a prefix that is not between 0 and {width}"))?,
        };
        Ok(Self { address, prefix })
    }
}

impl FromText for Vec<Network> {
    fn from_text(text: &str) -> Result<Self, String> {
        text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(Network::from_text).collect()
    }
}

impl FromText for LogFormat {
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("expected `text` or `json`".into()),
        }
    }
}

impl FromText for SocketAddr {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "expected an address and a port, such as 127.0.0.1:8080".into())
    }
}

impl FromText for PathBuf {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("expected a path".into()) } else { Ok(Self::from(text)) }
    }
}

impl FromText for String {
    fn from_text(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
}

impl FromText for Private {
    const IS_SECRET: bool = true;
    fn from_text(text: &str) -> Result<Self, String> {
        Ok(Self::from(text))
    }
}

impl FromText for Url {
    fn from_text(text: &str) -> Result<Self, String> {
        let url = Self::parse(text).map_err(|_| "expected an address such as https://inbox.example.com")?;
        let is_origin = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.username().is_empty();
        if is_origin { Ok(url) } else { Err("expected http or https, a host, and no path".into()) }
    }
}

impl<T: FromText> FromText for Option<T> {
    const IS_SECRET: bool = T::IS_SECRET;
    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() { Ok(None) } else { T::from_text(text).map(Some) }
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {$(
        impl FromText for $number {
            fn from_text(text: &str) -> Result<Self, String> {
                match text.parse() {
                    Ok(0) | Err(_) => Err(format!("expected a whole number between 1 and {}", Self::MAX)),
                    Ok(number) => Ok(number),
                }
            }
        }
    )+};
}

numbers!(u16, u32, u64);

fn read_one<T: FromText>(
    values: &BTreeMap<&'static str, (String, Source)>,
    key: &'static str,
    problems: &mut Vec<String>,
) -> Option<T> {
    let (text, source) = values.get(key)?;
    match T::from_text(text) {
        Ok(value) => Some(value),
        Err(expected) => {
            problems.push(format!("{key} ({source}): {expected}"));
            None
        }
    }
}

/// What settings are read from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Text of the configuration file, if there is one.
    pub file: Option<String>,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// Flags that were given, by key.
    pub flags: Vec<(&'static str, String)>,
}

/// Everything that is wrong with the settings, at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration cannot be used:\n  - {}", .0.join("\n  - "))]
pub struct ConfigError(pub Vec<String>);

/// Variables that begin with `CENTRALA_` and are no settings.
const OTHER_VARIABLES: [&str; 3] = ["CENTRALA_CONFIG", "CENTRALA_FAILPOINT", "CENTRALA_PASSWORD"];

/// Reads the settings.
///
/// # Errors
/// Every problem that was found: unknown keys, values of the wrong kind, unreadable secret files.
pub fn load(sources: &Sources) -> Result<(Config, Vec<Shown>), ConfigError> {
    let mut problems = Vec::new();
    let mut values: BTreeMap<&'static str, (String, Source)> =
        SETTINGS.iter().map(|s| (s.key, (s.default.to_owned(), Source::Default))).collect();
    if let Some(text) = &sources.file {
        from_file(text, &mut values, &mut problems);
    }
    from_environment(&sources.environment, &mut values, &mut problems);
    for (key, text) in &sources.flags {
        values.insert(key, (text.clone(), Source::Flag));
    }
    let config = Config::read(&values, &mut problems);
    match config {
        Some(config) if problems.is_empty() => Ok((config, shown(&values))),
        _ => Err(ConfigError(problems)),
    }
}

fn shown(values: &BTreeMap<&'static str, (String, Source)>) -> Vec<Shown> {
    SETTINGS
        .iter()
        .filter_map(|setting| {
            let (text, source) = values.get(setting.key)?;
            let value = if setting.is_secret && !text.is_empty() { "***".into() } else { text.clone() };
            Some(Shown { key: setting.key, value, source: source.clone() })
        })
        .collect()
}

fn find(key: &str) -> Option<&'static Described> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

/// The secret whose `..._file` variant this is.
fn find_secret_of_file(key: &str) -> Option<&'static Described> {
    let secret = find(key.strip_suffix("_file")?)?;
    // `master_key_file` is a setting of its own: the file is made when it is missing.
    (secret.is_secret && find(key).is_none()).then_some(secret)
}

fn from_file(text: &str, values: &mut BTreeMap<&'static str, (String, Source)>, problems: &mut Vec<String>) {
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            problems.push(format!("the configuration file is not TOML: {}", error.message()));
            return;
        }
    };
    for (key, value) in &table {
        if let Some(setting) = find(key) {
            match text_of(value) {
                Some(text) => drop(values.insert(setting.key, (text, Source::File))),
                None => problems.push(format!("{key} (file): expected a text, a number or a list of texts")),
            }
        } else if let Some(secret) = find_secret_of_file(key) {
            from_secret_file(secret, key, value.as_str().unwrap_or_default(), values, problems);
        } else {
            problems.push(format!("{key} (file): there is no such setting"));
        }
    }
}

fn text_of(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Array(items) => {
            items.iter().map(|item| item.as_str()).collect::<Option<Vec<_>>>().map(|texts| texts.join(","))
        }
        toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_)
        | toml::Value::Table(_) => None,
    }
}

fn from_environment(
    environment: &[(String, String)],
    values: &mut BTreeMap<&'static str, (String, Source)>,
    problems: &mut Vec<String>,
) {
    for (name, text) in environment {
        let Some(key) = name.strip_prefix("CENTRALA_") else { continue };
        if OTHER_VARIABLES.contains(&name.as_str()) {
            continue;
        }
        let key = key.to_ascii_lowercase();
        if let Some(setting) = find(&key) {
            values.insert(setting.key, (text.clone(), Source::Environment(name.clone())));
        } else if let Some(secret) = find_secret_of_file(&key) {
            from_secret_file(secret, name, text, values, problems);
        } else {
            problems.push(format!("{name}: there is no such setting"));
        }
    }
}

fn from_secret_file(
    secret: &'static Described,
    name: &str,
    path: &str,
    values: &mut BTreeMap<&'static str, (String, Source)>,
    problems: &mut Vec<String>,
) {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let text = text.trim_end_matches(['\r', '\n']).to_owned();
            values.insert(secret.key, (text, Source::SecretFile(name.to_owned())));
        }
        Err(error) => problems.push(format!("{name}: the file cannot be read: {error}")),
    }
}

/// The reference page of all settings.
#[must_use]
pub fn reference() -> String {
    let mut page = String::from(
        "# Settings\n\n<!-- Generated by `UPDATE=1 cargo test -p centrala`; change `crates/server/src/config.rs`. -->\n\n\
         A setting is taken from the first of these that has it: a flag of the command line, an environment\n\
         variable, the configuration file (`--config` or `CENTRALA_CONFIG`), the built-in value. Unknown names are\n\
         errors. `centrala config show` prints what is in force and where it comes from.\n\n\
         A secret can also be read from a file: add `_FILE` to its variable, or `_file` to its key.\n",
    );
    for setting in SETTINGS {
        let default = if setting.default.is_empty() { "empty" } else { setting.default };
        let doc: String = setting.doc.iter().map(|line| line.trim_start()).collect::<Vec<_>>().join("\n");
        let secret = if setting.is_secret { "; secret" } else { "" };
        // Writing to a `String` cannot fail.
        let _ = write!(
            page,
            "\n## `{}`\n\n{doc}\n\nVariable `CENTRALA_{}`; default `{default}`{secret}.\n",
            setting.key,
            setting.key.to_ascii_uppercase()
        );
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect()
    }

    #[test]
    fn built_in_values_are_usable() {
        let (config, _) = load(&Sources::default()).unwrap();
        assert_eq!(config.listen.port(), 8080);
        assert!(!config.is_https());
    }

    #[test]
    fn flag_wins_over_environment_over_file_over_default() {
        let mut sources = Sources {
            file: Some("workers_media = 2\nworkers_other = 3\nreceipts_retention_days = 9".into()),
            environment: environment(&[
                ("CENTRALA_WORKERS_MEDIA", "5"),
                ("CENTRALA_WORKERS_OTHER", "6"),
                ("HOME", "/"),
            ]),
            flags: vec![("workers_media", "7".into())],
        };
        let (config, shown) = load(&sources).unwrap();
        assert_eq!((config.workers_media, config.workers_other, config.receipts_retention_days), (7, 6, 9));
        assert_eq!(
            shown.iter().find(|s| s.key == "workers_other").unwrap().source.to_string(),
            "CENTRALA_WORKERS_OTHER"
        );
        sources.flags.clear();
        assert_eq!(load(&sources).unwrap().0.workers_media, 5);
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let sources = Sources {
            file: Some("listen = 'here'\nno_such = 1".into()),
            environment: environment(&[("CENTRALA_WORKERS_MEDIA", "many"), ("CENTRALA_NOPE", "1")]),
            flags: vec![("public_url", "ftp://x".into())],
        };
        let ConfigError(problems) = load(&sources).unwrap_err();
        assert_eq!(problems.len(), 5, "{problems:?}");
    }

    #[test]
    fn secrets_are_read_from_files_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("url");
        std::fs::write(&path, "postgres://u:hidden@h/d\n").unwrap();
        let sources = Sources {
            environment: environment(&[("CENTRALA_DATABASE_URL_FILE", path.to_str().unwrap())]),
            ..Sources::default()
        };
        let (config, shown) = load(&sources).unwrap();
        assert_eq!(config.database_url.as_ref().unwrap().expose(), "postgres://u:hidden@h/d");
        assert!(!format!("{config:?}{shown:?}").contains("hidden"));
    }

    #[test]
    fn proxies_are_matched_by_network() {
        let networks = Vec::<Network>::from_text("10.0.0.0/8, ::1").unwrap();
        let is_in = |text: &str| networks.iter().any(|n| n.contains(text.parse().unwrap()));
        assert!(is_in("10.2.3.4") && is_in("::1") && is_in("::ffff:10.1.1.1"));
        assert!(!is_in("11.0.0.1") && !is_in("::2"));
        assert!(Network::from_text("10.0.0.0/33").is_err());
    }

    #[test]
    fn reference_page_is_up_to_date() {
        crate::testing::compare_with_file("docs/reference/configuration.md", &reference());
    }
}
