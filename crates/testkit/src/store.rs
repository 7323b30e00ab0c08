//! A fresh, migrated store for each test, on SQLite and on PostgreSQL.
//!
//! Every command runs twice and the first run is rolled back, so that a command with effects of its own fails
//! its test. The schema is made once for each test process and copied. Not here: what stands in the store
//! ([`crate::builders`]).

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use centrala_domain::WorkspaceId;
use centrala_domain::event::{Event, Recorded};
use centrala_domain::permission::Scope;
use centrala_domain::ports::BoxFuture;
use centrala_store::jobs::JobChange;
use centrala_store::write::Hooks;
use centrala_store::{Command, Ctx, Done, Engine, Options, Origin, Result, Store, Tx, migrate};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::clock::TestClock;
use crate::postgres::cluster;

/// A fresh store that is gone at the end of the test. Use it as a [`Store`].
pub struct TestStore {
    store: Store,
    clock: TestClock,
    facts: Facts,
    /// Stands last, so that it is removed after the store lets go of it.
    _database: TestDatabase,
}

type Facts = Arc<Mutex<Vec<(WorkspaceId, Recorded)>>>;
type Route = fn(&Recorded) -> Vec<JobChange>;

/// A fresh, migrated database that is gone when this is dropped: for tests that open it themselves, with hooks
/// of their own or more than once.
pub struct TestDatabase {
    engine: Engine,
    /// The directory of a file.
    _directory: Option<TempDir>,
}

impl TestDatabase {
    /// A fresh file.
    pub async fn sqlite() -> Self {
        let directory = temporary_directory();
        let file = directory.path().join("centrala.db");
        std::fs::write(&file, sqlite_template().await).expect("the temporary directory takes a file");
        Self { engine: Engine::Sqlite { file }, _directory: Some(directory) }
    }

    /// A fresh database on a server.
    pub async fn postgres() -> Self {
        let url = cluster().create_from_template(postgres_template().await);
        Self { engine: Engine::Postgres { url }, _directory: None }
    }

    /// Which one it is.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.engine {
            Engine::Sqlite { .. } => {}
            // A failed test has said enough; the database goes with its server.
            Engine::Postgres { .. } if std::thread::panicking() => {}
            Engine::Postgres { url } => cluster().drop_database(url),
        }
    }
}

/// Runs a test on SQLite, then on PostgreSQL: `on_both_engines(async |store| { ... }).await`.
pub async fn on_both_engines(test: impl AsyncFn(TestStore)) {
    // The last of these lines tells a failed test's engine.
    println!("on SQLite:");
    test(TestStore::sqlite().await).await;
    println!("on PostgreSQL:");
    test(TestStore::postgres().await).await;
}

impl TestStore {
    /// A fresh file. No jobs follow from facts.
    pub async fn sqlite() -> Self {
        Self::sqlite_with(|_| Vec::new()).await
    }

    /// A fresh database on a server. No jobs follow from facts.
    pub async fn postgres() -> Self {
        Self::postgres_with(|_| Vec::new()).await
    }

    /// A fresh file, with the jobs that follow from facts.
    pub async fn sqlite_with(route: Route) -> Self {
        Self::open(TestDatabase::sqlite().await, route).await
    }

    /// A fresh database on a server, with the jobs that follow from facts.
    pub async fn postgres_with(route: Route) -> Self {
        Self::open(TestDatabase::postgres().await, route).await
    }

    async fn open(database: TestDatabase, route: Route) -> Self {
        let clock = TestClock::new();
        let facts = Facts::default();
        let seen = facts.clone();
        let hooks = Hooks {
            route,
            committed: Arc::new(move |committed| {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                for (workspace, facts) in &committed.events {
                    seen.extend(facts.iter().map(|fact| (*workspace, fact.clone())));
                }
            }),
        };
        let options =
            Options { readers: 4, run_commands_twice: true, ..Options::new(database.engine.clone()) };
        let store =
            Store::open(options, Arc::new(clock.clone()), hooks).await.expect("a fresh database opens");
        Self { store, clock, facts, _database: database }
    }

    /// The clock of the store: it stands until the test moves it.
    #[must_use]
    pub const fn clock(&self) -> &TestClock {
        &self.clock
    }

    /// Every fact committed so far, over all workspaces, as the rest of the program is told.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.recorded().into_iter().map(|(_, fact)| fact.event).collect()
    }

    /// Every fact committed so far with its workspace and circumstances.
    #[must_use]
    pub fn recorded(&self) -> Vec<(WorkspaceId, Recorded)> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets the facts so far and gives them: for tests that look at one step after another.
    pub fn take_events(&self) -> Vec<Event> {
        let facts = std::mem::take(&mut *self.facts.lock().unwrap_or_else(PoisonError::into_inner));
        facts.into_iter().map(|(_, fact)| fact.event).collect()
    }

    /// Calls store functions inside a command, as the product itself:
    /// `store.write(scope, label, |label, ctx, tx| Box::pin(labels::insert(&ctx.scope, tx, label)))`.
    ///
    /// # Errors
    /// What `change` returns.
    pub async fn write<S, T, F>(&self, scope: Scope, state: S, change: F) -> Result<T>
    where
        S: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a> Fn(&'a S, &'a Ctx, &'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
    {
        let origin = Origin { scope, ..Origin::system(scope.workspace, self.store.new_id()) };
        self.store.execute(origin, Write { state, change }).await
    }

    /// Commits facts in which nothing changed: for tests of what follows from them.
    ///
    /// # Errors
    /// See [`centrala_store::Error`].
    pub async fn emit(&self, workspace: WorkspaceId, events: Vec<Event>) -> Result<()> {
        self.store.execute(Origin::system(workspace, self.store.new_id()), Emit(events)).await
    }
}

impl Deref for TestStore {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

/// A command that calls store functions.
struct Write<S, F> {
    state: S,
    change: F,
}

impl<S, T, F> Command for Write<S, F>
where
    S: Send + Sync + 'static,
    T: Send + 'static,
    F: for<'a> Fn(&'a S, &'a Ctx, &'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
{
    type Out = T;
    type Error = centrala_store::Error;

    async fn run(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Done<T>> {
        (self.change)(&self.state, ctx, tx).await.map(Done::unchanged)
    }
}

/// A command that only states facts.
struct Emit(Vec<Event>);

impl Command for Emit {
    type Out = ();
    type Error = centrala_store::Error;

    async fn run(&self, _: &Ctx, _: &mut Tx) -> Result<Done<()>> {
        Ok(Done::new((), self.0.clone()))
    }
}

/// The bytes of a migrated file.
async fn sqlite_template() -> &'static [u8] {
    static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let directory = temporary_directory();
            let file = directory.path().join("template.db");
            migrate_once(Engine::Sqlite { file: file.clone() }).await;
            std::fs::read(file).expect("the migrated file is there")
        })
        .await
}

/// The URL of a migrated database that nobody is connected to.
async fn postgres_template() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let url = cluster().fresh_database();
            migrate_once(Engine::Postgres { url: url.clone() }).await;
            url
        })
        .await
}

async fn migrate_once(engine: Engine) {
    let store = Store::open(Options::new(engine), Arc::new(TestClock::new()), Hooks::none())
        .await
        .expect("an empty database opens");
    migrate::run(&store).await.expect("an empty database takes every migration");
    // Closing also folds SQLite's log into the file.
    store.close().await;
}

fn temporary_directory() -> TempDir {
    tempfile::Builder::new().prefix("centrala-store-").tempdir().expect("a temporary directory can be made")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn stores_are_migrated_and_do_not_see_each_other() {
        on_both_engines(async |store| {
            assert_eq!(migrate::current(&store).await.unwrap(), migrate::newest());
            store.workspace().await;
            let other = match store.engine() {
                Engine::Sqlite { .. } => TestStore::sqlite().await,
                Engine::Postgres { .. } => TestStore::postgres().await,
            };
            let mut reader = other.read().await.unwrap();
            assert!(!centrala_store::workspaces::is_set_up(&mut reader).await.unwrap());
        })
        .await;
    }

    #[tokio::test]
    async fn committed_facts_are_seen_once_although_commands_run_twice() {
        on_both_engines(async |store| {
            let shop = store.workspace().await;
            store.emit(shop.id(), vec![Event::WorkspaceChanged]).await.unwrap();
            assert_eq!(store.events(), [Event::WorkspaceChanged]);
            assert_eq!(store.recorded()[0].1.seq, 1);
            assert_eq!(store.take_events().len(), 1);
            assert!(store.events().is_empty());
        })
        .await;
    }
}
