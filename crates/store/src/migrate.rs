//! The schema: one numbered list of migrations, one text for both engines.
//!
//! A pair of texts exists only where the engines differ. Migrations are never edited after a release; each
//! runs in a transaction of its own, so that a kill in the middle leaves the one before.

use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::open::{Engine, Store};
use crate::waist::{Reader, Sql};
use crate::write::Tx;
use crate::{args, statements};

statements! {
    APPLIED = "SELECT version, checksum FROM schema_migrations ORDER BY version";
    RECORD = "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)";
}

const CREATE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum BYTEA NOT NULL, applied_at BIGINT NOT NULL)";

/// A step of the schema.
struct Migration {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migration {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../migrations/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/", $name, ".sql")),
        }
    };
    ($version:literal, $name:literal, pair) => {
        Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../migrations/", $name, ".sqlite.sql")),
            postgres: include_str!(concat!("../migrations/", $name, ".postgres.sql")),
        }
    };
}

const MIGRATIONS: &[Migration] = &[
    migration!(1, "0001_core"),
    migration!(2, "0002_search", pair),
    migration!(3, "0003_statistics", pair),
    migration!(4, "0004_agents_own"),
    migration!(5, "0005_push"),
];

/// The newest schema that this program knows.
#[must_use]
pub fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

/// Brings the schema to the newest state and says how many steps that took.
///
/// # Errors
/// [`Error::Corrupt`] when the database is newer than this program, or when a step was edited after it ran;
/// nothing is changed then.
pub async fn run(store: &Store) -> Result<usize> {
    begin(store, CREATE).await?;
    let mut reader = store.read().await?;
    let applied = applied(&mut reader).await?;
    drop(reader);
    if let Some((version, _)) = applied.last()
        && *version > newest()
    {
        return Err(Error::Corrupt(format!(
            "the database has schema {version}, this program knows {}: start a newer program",
            newest()
        )));
    }
    let mut steps = 0;
    for migration in MIGRATIONS {
        let text = match store.engine() {
            Engine::Sqlite { .. } => migration.sqlite,
            Engine::Postgres { .. } => migration.postgres,
        };
        let checksum = Sha256::digest(text.as_bytes()).to_vec();
        match applied.iter().find(|(version, _)| *version == migration.version) {
            Some((_, known)) if *known == checksum => {}
            Some(_) => {
                return Err(Error::Corrupt(format!("migration {} was edited after it ran", migration.name)));
            }
            None => {
                apply(store, migration, text, checksum).await?;
                steps += 1;
            }
        }
    }
    Ok(steps)
}

/// The schema number of the database; 0 for an empty one.
///
/// # Errors
/// See [`Error`].
pub async fn current(store: &Store) -> Result<i64> {
    let mut reader = store.read().await?;
    match applied(&mut reader).await {
        Ok(applied) => Ok(applied.last().map_or(0, |(version, _)| *version)),
        Err(Error::Corrupt(_)) => Ok(0),
        Err(error) => Err(error),
    }
}

async fn applied(reader: &mut Reader) -> Result<Vec<(i64, Vec<u8>)>> {
    let rows = reader.all(APPLIED, args![]).await?;
    rows.iter().map(|row| Ok((row.get("version")?, row.get("checksum")?))).collect()
}

async fn begin(store: &Store, script: &str) -> Result<()> {
    let mut reader = store.inner.pool.write().await?;
    reader.script(script).await?;
    Tx::new(reader).commit().await
}

async fn apply(store: &Store, migration: &Migration, text: &str, checksum: Vec<u8>) -> Result<()> {
    let mut tx = Tx::new(store.inner.pool.write().await?);
    tx.script(text)
        .await
        .map_err(|error| Error::Corrupt(format!("migration {}: {error}", migration.name)))?;
    let now = store.inner.clock.now();
    let record: Sql = RECORD;
    tx.run(record, args![migration.version, migration.name, checksum, now]).await?;
    tx.commit().await?;
    tracing::info!(migration.name, "schema step applied");
    Ok(())
}
