//! Work that should have been done by now.

use std::time::Duration;

use centrala_store::jobs;

use super::{Finding, Patient};

const NAME: &str = "queue_age";
const SLOW: Duration = Duration::from_secs(60);
const STUCK: Duration = Duration::from_secs(15 * 60);

pub(super) async fn check(patient: &Patient) -> centrala_store::Result<Vec<Finding>> {
    let mut reader = patient.store.read().await?;
    let now = patient.now();
    let mut findings = Vec::new();
    for backlog in jobs::backlog(&mut reader).await? {
        let late = now.since(backlog.oldest);
        let seen =
            format!("{} {} jobs, the oldest late by {} s", backlog.count, backlog.kind, late.as_secs());
        if late > STUCK {
            let remedy = "Check that a server or a worker runs, its log, and the health of the inboxes.";
            findings.push(Finding::broken(NAME, seen, remedy));
        } else if late > SLOW {
            let remedy = "If it stays so, raise the number of workers of that kind.";
            findings.push(Finding::warning(NAME, seen, remedy));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::fine(NAME, "nothing is late"));
    }
    Ok(findings)
}
