//! Whether the database is whole and keeps what it is given.
//!
//! The questions here are the engines' own (pragmas, settings); no table of ours is named.

use centrala_store::waist::Sql;
use centrala_store::{Engine, Reader};

use super::{Depth, Finding, Patient};

const NAME: &str = "database";

const fn ask(name: &'static str, text: &'static str) -> Sql {
    Sql { name, sqlite: text, postgres: text }
}

const JOURNAL: Sql = ask("doctor::JOURNAL", "SELECT journal_mode AS seen FROM pragma_journal_mode");
const SYNCHRONOUS: Sql = ask("doctor::SYNCHRONOUS", "SELECT synchronous AS seen FROM pragma_synchronous");
const QUICK_CHECK: Sql = ask("doctor::QUICK_CHECK", "SELECT quick_check AS seen FROM pragma_quick_check");
const COMMIT: Sql = ask("doctor::COMMIT", "SELECT current_setting('synchronous_commit') AS seen");

/// `synchronous = FULL` as SQLite counts.
const FULL: i64 = 2;

pub(super) async fn check(patient: &Patient, depth: Depth) -> centrala_store::Result<Vec<Finding>> {
    let mut reader = patient.store.read().await?;
    let mut findings = match patient.store.engine() {
        Engine::Sqlite { .. } => sqlite(&mut reader, depth).await?,
        Engine::Postgres { .. } => postgres(&mut reader).await?,
    };
    if findings.is_empty() {
        findings.push(Finding::fine(NAME, "answers, and keeps what it is given"));
    }
    Ok(findings)
}

async fn sqlite(reader: &mut Reader, depth: Depth) -> centrala_store::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let journal: Option<String> =
        reader.opt(JOURNAL, vec![]).await?.map(|row| row.get("seen")).transpose()?;
    let synchronous: Option<i64> =
        reader.opt(SYNCHRONOUS, vec![]).await?.map(|row| row.get("seen")).transpose()?;
    if journal.as_deref() != Some("wal") || synchronous != Some(FULL) {
        findings.push(Finding::broken(
            NAME,
            format!("journal mode {journal:?}, synchronous {synchronous:?}"),
            "Move the data folder to a local disk: this file system does not keep what it is given.",
        ));
    }
    if depth == Depth::Deep {
        for row in reader.all(QUICK_CHECK, vec![]).await? {
            let seen: String = row.get("seen")?;
            if seen != "ok" {
                findings.push(Finding::broken(NAME, seen, "Stop the server and restore the last backup."));
            }
        }
    }
    Ok(findings)
}

async fn postgres(reader: &mut Reader) -> centrala_store::Result<Vec<Finding>> {
    let commit: Option<String> = reader.opt(COMMIT, vec![]).await?.map(|row| row.get("seen")).transpose()?;
    if commit.as_deref() == Some("off") {
        return Ok(vec![Finding::broken(
            NAME,
            "synchronous_commit is off: a power cut loses acknowledged messages",
            "Set synchronous_commit to on in PostgreSQL.",
        )]);
    }
    Ok(vec![])
}
