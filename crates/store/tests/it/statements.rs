//! Every fixed statement, on both engines.

use std::collections::BTreeSet;
use std::path::Path;

use centrala_store::{Engine, statements};
use centrala_testkit::on_both_engines;

/// Types that the waist reads. PostgreSQL gives NUMERIC or INT4 for computed numbers that were not cast.
const TYPES: [&str; 7] = ["BOOL", "INT8", "FLOAT8", "TEXT", "BYTEA", "UUID", "JSONB"];

#[tokio::test]
async fn every_statement_prepares_on_both_engines() {
    on_both_engines(async |store| {
        let mut wrong = Vec::new();
        for statement in statements() {
            // A failed statement ends PostgreSQL's transaction, so each gets its own.
            let mut reader = store.read().await.unwrap();
            match reader.prepare(statement).await {
                Err(error) => wrong.push(format!("{}: {error}", statement.name)),
                Ok(columns) if matches!(store.engine(), Engine::Postgres { .. }) => {
                    let is_lock = statement.name.ends_with("::LOCK_LANE");
                    let foreign = columns
                        .iter()
                        .filter(|(_, kind)| !(TYPES.contains(&kind.as_str()) || is_lock && kind == "VOID"));
                    wrong.extend(
                        foreign.map(|(column, kind)| format!("{}: {column} is {kind}", statement.name)),
                    );
                }
                Ok(_) => {}
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    })
    .await;
}

#[test]
fn every_module_with_statements_is_registered_once() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let with_statements: BTreeSet<String> = std::fs::read_dir(source)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| std::fs::read_to_string(path).unwrap().lines().any(|line| line == "statements! {"))
        .map(|path| format!("centrala_store::{}", path.file_stem().unwrap().to_str().unwrap()))
        .collect();
    let registered: BTreeSet<String> =
        statements().iter().map(|statement| statement.name.rsplit_once("::").unwrap().0.to_owned()).collect();
    assert_eq!(with_statements, registered);
    let names: BTreeSet<&str> = statements().iter().map(|statement| statement.name).collect();
    assert_eq!(names.len(), statements().len());
}
