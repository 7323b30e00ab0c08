//! Health of every inbox, from the evidence that is kept.

use std::time::Duration;

use centrala_domain::inbox::Inbox;
use centrala_store::inboxes;

use super::{Finding, Patient};

const NAME: &str = "inboxes";
const RECENT: Duration = Duration::from_secs(24 * 3600);

pub(super) async fn check(patient: &Patient) -> centrala_store::Result<Vec<Finding>> {
    let mut reader = patient.store.read().await?;
    let mut findings = Vec::new();
    for scope in patient.scopes() {
        for inbox in inboxes::list(&scope, &mut reader).await? {
            findings.push(of_inbox(patient, &inbox));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::warning(NAME, "no inbox is connected", "Connect one in the settings."));
    }
    Ok(findings)
}

fn of_inbox(patient: &Patient, inbox: &Inbox) -> Finding {
    let name = format!("inbox {}", inbox.id);
    if let Some(problem) = &inbox.health.credential_problem {
        return Finding::broken(
            NAME,
            format!("{name}: the channel refuses its credential: {}", problem.detail),
            "Give it a new access token.",
        );
    }
    if let Some(problem) = &inbox.health.last_problem
        && patient.now().since(problem.at) < RECENT
    {
        return Finding::warning(
            NAME,
            format!("{name}: {}", problem.detail),
            "If it comes again, verify the inbox in the settings.",
        );
    }
    if inbox.health.forged_webhooks > 0 && inbox.health.last_inbound_at.is_none() {
        return Finding::broken(
            NAME,
            format!(
                "{name}: {} deliveries had a wrong signature and none a right one",
                inbox.health.forged_webhooks
            ),
            "Check its app secret.",
        );
    }
    match inbox.health.last_inbound_at {
        Some(at) => Finding::fine(NAME, format!("{name}: last heard of at {at}")),
        None => Finding::warning(
            NAME,
            format!("{name}: nothing has arrived yet"),
            "Subscribe it, then send a message to it.",
        ),
    }
}
