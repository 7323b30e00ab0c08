//! Work that was given up.

use centrala_store::jobs;

use super::{Finding, Patient};

const NAME: &str = "dead_jobs";
const LOOK_AT: i64 = 100;

pub(super) async fn check(patient: &Patient) -> centrala_store::Result<Vec<Finding>> {
    let mut reader = patient.store.read().await?;
    let mut findings = Vec::new();
    for scope in patient.scopes() {
        let dead = jobs::dead(&scope, &mut reader, LOOK_AT).await?;
        if let Some(newest) = dead.first() {
            let why = newest.last_error.as_deref().unwrap_or("no reason was kept");
            findings.push(Finding::warning(
                NAME,
                format!("{} jobs were given up; the newest ({}): {why}", dead.len(), newest.kind),
                "Look at the messages they belong to; an agent can try again there.",
            ));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::fine(NAME, "none"));
    }
    Ok(findings)
}
