//! Whether the database is whole and keeps what it is given.

use centrala_store::{Engine, soundness};

use super::{Depth, Finding, Patient};

const NAME: &str = "database";

pub(super) async fn check(patient: &Patient, depth: Depth) -> centrala_store::Result<Vec<Finding>> {
    let mut reader = patient.store.read().await?;
    let mut findings = Vec::new();
    if let Some(seen) = soundness::weakness(&mut reader).await? {
        let remedy = match patient.store.engine() {
            Engine::Sqlite { .. } => {
                "Move the data folder to a local disk: this file system does not keep what it is given."
            }
            Engine::Postgres { .. } => "Set synchronous_commit to on in PostgreSQL.",
        };
        findings.push(Finding::broken(
            NAME,
            format!("a power cut loses acknowledged messages: {seen}"),
            remedy,
        ));
    }
    if depth == Depth::Deep {
        for seen in soundness::damage(&mut reader).await? {
            findings.push(Finding::broken(NAME, seen, "Stop the server and restore the last backup."));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::fine(NAME, "answers, and keeps what it is given"));
    }
    Ok(findings)
}
