//! Opening a database: pools, pragmas, the handle that the rest of the program holds.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use centrala_domain::ports::Clock;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::clock_steps::RememberingClock;
use crate::error::{Error, Result};
use crate::waist::{Conn, Reader, driver_error};
use crate::write::{Hooks, Lanes};

/// Which database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// A file of its own. One process at a time.
    Sqlite {
        /// The file; it is made when missing.
        file: PathBuf,
    },
    /// A server.
    Postgres {
        /// `postgres://user:password@host/database`.
        url: String,
    },
}

/// How to open it.
#[derive(Clone)]
pub struct Options {
    /// Which database.
    pub engine: Engine,
    /// Connections for reading (and, on PostgreSQL, for writing lanes on top).
    pub readers: u32,
    /// Runs every command twice and rolls the first run back: proves that commands have no effects of their
    /// own. For tests.
    pub run_commands_twice: bool,
}

impl Options {
    /// The usual settings for an engine.
    #[must_use]
    pub const fn new(engine: Engine) -> Self {
        Self { engine, readers: 8, run_commands_twice: false }
    }
}

#[derive(Clone)]
pub(crate) enum Pool {
    Sqlite { readers: sqlx::SqlitePool, writer: sqlx::SqlitePool },
    Postgres(sqlx::PgPool),
}

/// The database as the rest of the program holds it. Cloning is cheap.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) pool: Pool,
    pub(crate) clock: Arc<dyn Clock>,
    /// The same clock.
    pub(crate) remembering: Arc<RememberingClock>,
    pub(crate) lanes: Lanes,
    pub(crate) run_commands_twice: bool,
    pub(crate) engine: Engine,
    pub(crate) ids: Arc<crate::ids::IdSource>,
}

/// How many writers PostgreSQL gets: workspaces are spread over all but the last one, which keeps raw deliveries.
const POSTGRES_LANES: usize = 5;

impl Store {
    /// Opens the database and starts its writer. Does not migrate: see [`crate::migrate`].
    ///
    /// # Errors
    /// [`crate::Error::Unavailable`] when it cannot be reached.
    pub async fn open(options: Options, clock: Arc<dyn Clock>, hooks: Hooks) -> Result<Self> {
        let pool = connect(&options).await?;
        let lanes = match pool {
            Pool::Sqlite { .. } => 1,
            Pool::Postgres(_) => POSTGRES_LANES,
        };
        let (lanes, starters) = Lanes::new(lanes);
        let remembering = Arc::new(RememberingClock::new(clock));
        let inner = Arc::new(Inner {
            pool,
            clock: remembering.clone(),
            remembering,
            lanes,
            run_commands_twice: options.run_commands_twice,
            engine: options.engine,
            ids: Arc::default(),
        });
        crate::write::start(&inner, starters, &hooks);
        Ok(Self { inner })
    }

    /// Begins a consistent read of the last committed state.
    ///
    /// # Errors
    /// [`crate::Error::Unavailable`] when no connection is free in time.
    pub async fn read(&self) -> Result<Reader> {
        self.inner.pool.read().await
    }

    /// Which database it is.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// The clock it was opened with.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// Finishes what waits, then closes every connection.
    pub async fn close(&self) {
        self.inner.lanes.close().await;
        match &self.inner.pool {
            Pool::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

impl Pool {
    pub(crate) async fn read(&self) -> Result<Reader> {
        let conn = match self {
            Self::Sqlite { readers, .. } => readers.begin().await.map(Conn::Sqlite),
            Self::Postgres(pool) => {
                let statement = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                begin_postgres(pool, statement).await.map(Conn::Postgres)
            }
        };
        Ok(Reader { conn: conn.map_err(driver_error)?, broken: None })
    }

    pub(crate) async fn write(&self) -> Result<Reader> {
        let conn = match self {
            Self::Sqlite { writer, .. } => match writer.begin_with("BEGIN IMMEDIATE").await {
                // SQLite ended the last transaction by itself (full disk) and the driver lost count: such a
                // connection never begins another one. Its successor does.
                Err(sqlx::Error::InvalidSavePointStatement) => {
                    let broken = writer.acquire().await.map_err(driver_error)?;
                    drop(broken.detach());
                    writer.begin_with("BEGIN IMMEDIATE").await.map(Conn::Sqlite)
                }
                begun => begun.map(Conn::Sqlite),
            },
            Self::Postgres(pool) => begin_postgres(pool, "BEGIN").await.map(Conn::Postgres),
        };
        Ok(Reader { conn: conn.map_err(driver_error)?, broken: None })
    }
}

/// Begins in a task of its own: whoever waits may go away at any moment (a browser that closes its request), and
/// a beginning dropped half-way gives its connection back to the pool inside of a transaction, where the next one
/// would meet its snapshot and its read-only mode.
#[expect(
    clippy::disallowed_methods,
    reason = "the task ends with one answer of the server; nobody need wait"
)]
async fn begin_postgres(
    pool: &sqlx::PgPool,
    statement: &'static str,
) -> sqlx::Result<sqlx::Transaction<'static, sqlx::Postgres>> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(statement).await });
    begun.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
}

async fn connect(options: &Options) -> Result<Pool> {
    match &options.engine {
        Engine::Sqlite { file } => {
            let base = SqliteConnectOptions::new()
                .filename(file)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // A commit survives a power cut: WAL alone would only promise that with FULL.
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .pragma("temp_store", "memory")
                .pragma("mmap_size", "268435456")
                .pragma("cache_size", "-16000")
                .pragma("journal_size_limit", "67108864")
                .statement_cache_capacity(512);
            let writer = SqlitePoolOptions::new()
                .max_connections(1)
                .min_connections(1)
                .idle_timeout(None)
                .max_lifetime(None)
                .connect_with(base.clone().pragma("wal_autocheckpoint", "4000"))
                .await
                .map_err(driver_error)?;
            let readers = SqlitePoolOptions::new()
                .max_connections(options.readers)
                .test_before_acquire(false)
                .acquire_timeout(Duration::from_secs(10))
                .connect_lazy_with(base.pragma("query_only", "on"));
            Ok(Pool::Sqlite { readers, writer })
        }
        Engine::Postgres { url } => {
            let connect = PgConnectOptions::from_str(url)
                .map_err(driver_error)?
                .application_name("centrala")
                .statement_cache_capacity(512);
            // The pool would try for its whole timeout and then speak of that; a person needs the server's word.
            let (host, port) = (connect.get_host().to_owned(), connect.get_port());
            let first = sqlx::PgConnection::connect_with(&connect).await;
            let first = first.map_err(|error| {
                Error::Unavailable(format!("PostgreSQL at {host}:{port} cannot be used: {error}"))
            })?;
            drop(first.close().await);
            let lanes = u32::try_from(POSTGRES_LANES).unwrap_or(u32::MAX);
            PgPoolOptions::new()
                .max_connections(options.readers + lanes)
                .test_before_acquire(false)
                .acquire_timeout(Duration::from_secs(10))
                .connect_with(connect)
                .await
                .map(Pool::Postgres)
                .map_err(driver_error)
        }
    }
}
