//! The schema and its steps.

use std::sync::Arc;

use centrala_domain::permission::Scope;
use centrala_store::write::Hooks;
use centrala_store::{Engine, Error, Options, Sql, Store, Value, migrate, soundness};
use centrala_testkit::postgres::cluster;
use centrala_testkit::{TestClock, TestStore, on_both_engines};

const fn same(name: &'static str, text: &'static str) -> Sql {
    Sql { name, sqlite: text, postgres: text }
}

async fn change(store: &TestStore, sql: Sql, args: Vec<Value>) {
    store
        .write(Scope::system(store.new_id()), args, move |args, _, tx| {
            Box::pin(async move { tx.run(sql, args.clone()).await.map(drop) })
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn empty_database_is_migrated_once() {
    let directory = tempfile::tempdir().unwrap();
    let sqlite = Engine::Sqlite { file: directory.path().join("centrala.db") };
    let postgres = Engine::Postgres { url: cluster().fresh_database() };
    for engine in [sqlite, postgres] {
        let store =
            Store::open(Options::new(engine), Arc::new(TestClock::new()), Hooks::none()).await.unwrap();
        assert_eq!(migrate::current(&store).await.unwrap(), 0);
        assert!(migrate::run(&store).await.unwrap() > 0);
        assert_eq!(migrate::current(&store).await.unwrap(), migrate::newest());
        assert_eq!(migrate::run(&store).await.unwrap(), 0);
        store.close().await;
    }
}

#[tokio::test]
async fn database_of_a_newer_program_is_refused() {
    on_both_engines(async |store| {
        let newer = same(
            "newer",
            "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, 'newer', $2, 0)",
        );
        change(&store, newer, vec![Value::from(migrate::newest() + 1), Value::from(vec![0u8])]).await;
        let refused = migrate::run(&store).await;
        assert!(matches!(&refused, Err(Error::Corrupt(why)) if why.contains("newer program")), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn step_that_was_edited_after_it_ran_is_refused() {
    on_both_engines(async |store| {
        let edited = same("edited", "UPDATE schema_migrations SET checksum = $1 WHERE version = 1");
        change(&store, edited, vec![Value::from(vec![0u8])]).await;
        let refused = migrate::run(&store).await;
        assert!(matches!(&refused, Err(Error::Corrupt(why)) if why.contains("edited")), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn file_survives_a_power_cut_and_is_whole() {
    let store = TestStore::sqlite().await;
    let mut reader = store.read().await.unwrap();
    assert_eq!(soundness::weakness(&mut reader).await.unwrap(), None);
    assert_eq!(soundness::damage(&mut reader).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn server_that_forgets_commits_is_called_weak() {
    let store = TestStore::postgres().await;
    let Engine::Postgres { url } = store.engine().clone() else { unreachable!("it was asked for") };
    let name = url.split('?').next().unwrap().rsplit('/').next().unwrap();
    for (setting, weakness) in [("off", Some("synchronous_commit is off".to_owned())), ("on", None)] {
        cluster().run_sql(&url, &format!("ALTER DATABASE {name} SET synchronous_commit = {setting}"));
        let opened = Options::new(Engine::Postgres { url: url.clone() });
        let fresh = Store::open(opened, Arc::new(TestClock::new()), Hooks::none()).await.unwrap();
        let mut reader = fresh.read().await.unwrap();
        assert_eq!(soundness::weakness(&mut reader).await.unwrap(), weakness);
        drop(reader);
        fresh.close().await;
    }
}
