//! Deliveries that wait to be applied, and those of which something could not be.

use std::time::Duration;

use centrala_store::receipts;

use super::{Finding, Patient};

const NAME: &str = "receipts";
const LATE: Duration = Duration::from_secs(30);

pub(super) async fn check(patient: &Patient) -> centrala_store::Result<Vec<Finding>> {
    let mut reader = patient.store.read().await?;
    let mut findings = Vec::new();
    let (mut waiting, mut rejected) = (0, 0);
    for scope in patient.scopes() {
        let counts = receipts::counts(&scope, &mut reader).await?;
        waiting += counts.received;
        rejected += counts.rejected;
        let age = counts.oldest_received.map(|at| patient.now().since(at)).unwrap_or_default();
        if age > LATE {
            findings.push(Finding::broken(
                NAME,
                format!("{} deliveries wait, the oldest for {} s", counts.received, age.as_secs()),
                "Nothing is lost. Check that a server or a worker runs on this database, and its log.",
            ));
        }
    }
    if rejected > 0 {
        findings.push(Finding::warning(
            NAME,
            format!("of {rejected} deliveries something could not be understood"),
            "They are kept: look at them under receipts, and replay them after an update.",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::fine(NAME, format!("{waiting} wait, none rejected")));
    }
    Ok(findings)
}
