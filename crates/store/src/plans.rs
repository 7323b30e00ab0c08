//! Proof that no statement walks through a table that grows: what SQLite plans for each of them.

use std::fmt::Write as _;
use std::sync::Arc;

use centrala_domain::Timestamp;
use centrala_domain::ports::Clock;

use crate::waist::Value;
use crate::write::Hooks;
use crate::{Engine, Options, Sql, Store, migrate};

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }
}

/// Tables of which a workspace soon has more rows than one statement should touch.
const GROWING: [&str; 13] = [
    "addresses",
    "attempts",
    "contacts",
    "conversations",
    "drafts",
    "events",
    "identities",
    "jobs",
    "media",
    "messages",
    "notes",
    "receipts",
    "statuses",
];

/// Statements that look at everything on purpose, and why that is cheap enough.
const ON_PURPOSE: [(&str, &str); 1] = [("jobs::UNFINISHED", "asked for by the doctor alone")];

/// How many arguments a statement takes.
fn arity(text: &str) -> usize {
    let numbers = text.split('$').skip(1).map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    });
    numbers.max().unwrap_or(0)
}

/// The table and the key columns of one step, such as `SEARCH events USING INDEX x (workspace=? AND seq>?)`.
fn step(detail: &str) -> Option<(&str, &str)> {
    let mut words = detail.split(' ');
    let verb = words.next()?;
    let table = words.next()?;
    let key = detail.rsplit_once('(').map_or("", |(_, key)| key.trim_end_matches(')'));
    match verb {
        "SCAN" => Some((table, "")),
        "SEARCH" => Some((table, key)),
        _ => None,
    }
}

/// The table behind an alias (or behind its own name).
fn table_of<'a>(sql: &'a str, alias: &'a str) -> &'a str {
    let words: Vec<&str> =
        sql.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
    let named = words.windows(2).find(|pair| pair[1] == alias && GROWING.contains(&pair[0]));
    named.map_or(alias, |pair| pair[0])
}

/// A key that says no more than whose rows they are.
fn is_too_wide(key: &str) -> bool {
    key.split(" AND ")
        .all(|part| matches!(part.trim_end_matches("=?"), "" | "workspace" | "family" | "state"))
}

/// Whether a partial index, or a small number of rows asked for in the index's order, keeps it short.
fn is_bounded(sql: &str, detail: &str) -> bool {
    let small = ["receipts_waiting", "receipts_rejected", "jobs_dead", "jobs_leased"];
    sql.contains("LIMIT") && !detail.contains("TEMP B-TREE")
        || small.iter().any(|index| detail.contains(index))
}

async fn plan(store: &Store, sql: Sql) -> Vec<String> {
    let mut reader = store.read().await.unwrap();
    let text = format!("EXPLAIN QUERY PLAN {}", sql.sqlite);
    let args = vec![Value::Text(None); arity(sql.sqlite)];
    let rows = reader.all_built(text, args).await.unwrap();
    rows.iter().map(|row| row.get("detail").unwrap()).collect()
}

#[tokio::test]
async fn no_statement_walks_through_a_table_that_grows() {
    let directory = tempfile::tempdir().unwrap();
    let engine = Engine::Sqlite { file: directory.path().join("centrala.db") };
    let store = Store::open(Options::new(engine), Arc::new(StoppedClock), Hooks::none()).await.unwrap();
    migrate::run(&store).await.unwrap();
    let mut walks = String::new();
    let mut steps = 0;
    for sql in crate::statements() {
        if ON_PURPOSE.iter().any(|(name, _)| sql.name.ends_with(name)) || sql.sqlite.starts_with("SELECT $1")
        {
            continue;
        }
        for detail in plan(&store, sql).await {
            let Some((alias, key)) = step(&detail) else { continue };
            steps += 1;
            let is_growing = GROWING.contains(&table_of(sql.sqlite, alias));
            if is_growing && is_too_wide(key) && !is_bounded(sql.sqlite, &detail) {
                writeln!(walks, "{}: {detail}", sql.name).unwrap();
            }
        }
    }
    assert!(steps > 50, "{steps} steps were looked at");
    assert_eq!(walks, "");
}

#[tokio::test]
async fn rows_are_found_by_their_ids_and_not_by_whose_they_are() {
    let directory = tempfile::tempdir().unwrap();
    let engine = Engine::Sqlite { file: directory.path().join("centrala.db") };
    let store = Store::open(Options::new(engine), Arc::new(StoppedClock), Hooks::none()).await.unwrap();
    migrate::run(&store).await.unwrap();
    let mut reader = store.read().await.unwrap();
    for table in ["contacts", "conversations", "messages", "media", "notes", "receipts"] {
        let marks = vec!["?"; 128].join(", ");
        let text =
            format!("EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE workspace = ? AND id IN ({marks})");
        let rows = reader.all_built(text, vec![Value::Text(None); 129]).await.unwrap();
        let details: Vec<String> = rows.iter().map(|row| row.get("detail").unwrap()).collect();
        let key = details.iter().find_map(|detail| step(detail)).map(|(_, key)| key);
        assert_eq!(key, Some("id=?"), "{table}: {details:?}");
    }
}
