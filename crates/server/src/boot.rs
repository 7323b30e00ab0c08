//! From settings to an open engine: the data folder and its lock, the master key, the database, the channels.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use centrala_channels::Timeouts;
use centrala_domain::Timestamp;
use centrala_domain::ports::Clock;
use centrala_engine::{Channels, Engine};
use centrala_store::blobs::Blobs;
use centrala_store::{Options, Vault, migrate};

use crate::config::Config;

/// An open engine, and the lock that keeps other processes out of its folder.
pub struct Opened {
    /// The engine.
    pub engine: Engine,
    /// Held for as long as the process lives; none on PostgreSQL.
    pub lock: Option<File>,
}

/// More than this between two clocks is no drift.
const DRIFT_MAX: Duration = Duration::from_secs(300);

/// The time of the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

/// What the time was when this program first asked, by the clock that people set and by the one that nobody sets.
static BEGAN: OnceLock<(Timestamp, Instant)> = OnceLock::new();

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else asks")]
    fn now(&self) -> Timestamp {
        let now = Timestamp(jiff::Timestamp::now().as_microsecond());
        BEGAN.get_or_init(|| (now, Instant::now()));
        now
    }

    fn is_steady(&self) -> bool {
        let now = self.now();
        BEGAN.get().is_none_or(|(wall, steady)| {
            let by_the_other = wall.plus(steady.elapsed());
            now.since(by_the_other).max(by_the_other.since(now)) < DRIFT_MAX
        })
    }
}

/// Opens everything and brings the schema to the newest state.
///
/// # Errors
/// What a person can act on: a folder in use, an unreadable key, an unreachable database.
pub async fn open(config: &Config) -> anyhow::Result<Opened> {
    let opened = open_unmigrated(config).await?;
    migrate::run(&opened.engine.store).await.context("the database could not be brought up to date")?;
    opened.engine.store.continue_ids().await.context("the database cannot be read")?;
    Ok(opened)
}

/// Opens everything as it is.
///
/// # Errors
/// What a person can act on.
pub async fn open_unmigrated(config: &Config) -> anyhow::Result<Opened> {
    make_private_folder(&config.data_dir)?;
    let (database, lock) = match &config.database_url {
        Some(url) => (centrala_store::Engine::Postgres { url: url.expose().clone() }, None),
        None => {
            let file = config.data_dir.join("centrala.db");
            (centrala_store::Engine::Sqlite { file }, Some(lock(&config.data_dir)?))
        }
    };
    let vault = Vault::new(&master_key(config)?);
    let blobs = Blobs::open(config.data_dir.join("blobs")).context("the folder of files cannot be used")?;
    let channels = Channels::new(centrala_channels::all(Timeouts::default())?);
    let engine = Engine::open(Options::new(database), Arc::new(SystemClock), channels, vault, blobs)
        .await
        .context("the database cannot be opened")?;
    Ok(Opened { engine, lock })
}

fn make_private_folder(path: &Path) -> anyhow::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("the data folder {} cannot be made", path.display()))
}

/// Only one process at a time may work on a SQLite file.
fn lock(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join("centrala.lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("{} cannot be opened", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "another centrala works in {}: stop it first, or choose another folder with --data",
            folder.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).context("the data folder cannot be locked"),
    }
}

const KEY_BYTES: usize = 32;

/// The key that seals credentials: from the settings, else from its file, which is made on the first start.
fn master_key(config: &Config) -> anyhow::Result<[u8; KEY_BYTES]> {
    if let Some(text) = &config.master_key {
        return parse_key(text.expose()).context("master_key must be 64 hexadecimal digits");
    }
    let path = config.master_key_path();
    match read_key(&path)? {
        Some(key) => Ok(key),
        None => make_key(&path),
    }
}

fn read_key(path: &Path) -> anyhow::Result<Option<[u8; KEY_BYTES]>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    };
    let mode = file.metadata()?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("others can read {}: run `chmod 600 {}`", path.display(), path.display());
    }
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    parse_key(text.trim())
        .map(Some)
        .with_context(|| format!("{} must hold 64 hexadecimal digits", path.display()))
}

fn make_key(path: &Path) -> anyhow::Result<[u8; KEY_BYTES]> {
    let mut key = [0u8; KEY_BYTES];
    getrandom::fill(&mut key)
        .map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be made", path.display()))?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    // Credentials sealed with a key that a power cut takes away could never be opened again.
    file.sync_all()?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(key)
}

fn parse_key(text: &str) -> Option<[u8; KEY_BYTES]> {
    let digits = text.as_bytes();
    if digits.len() != KEY_BYTES * 2 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut key = [0u8; KEY_BYTES];
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load};

    fn config(folder: &Path) -> Config {
        let flags = vec![("data_dir", folder.display().to_string())];
        load(&Sources { flags, ..Sources::default() }).unwrap().0
    }

    #[test]
    fn master_key_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let key = master_key(&config).unwrap();
        assert_eq!(master_key(&config).unwrap(), key);
        let path = config.master_key_path();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(master_key(&config).unwrap_err().to_string().contains("chmod 600"));
    }

    #[tokio::test]
    async fn second_process_does_not_get_into_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let first = open(&config).await.unwrap();
        let error = open(&config).await.err().unwrap();
        assert!(error.to_string().contains("another centrala"), "{error}");
        first.engine.store.close().await;
        drop(first);
        open(&config).await.unwrap();
    }
}
