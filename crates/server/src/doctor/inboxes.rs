//! Health of every inbox, from the evidence that is kept.

use std::time::Duration;

use centrala_domain::Timestamp;
use centrala_domain::inbox::Inbox;
use centrala_store::inboxes;

use super::{Patient, Said};

const RECENT: Duration = Duration::from_secs(24 * 3600);

pub(super) async fn check(patient: &Patient) -> centrala_store::Result<Vec<Said>> {
    let mut reader = patient.store.read().await?;
    let mut said = Vec::new();
    for scope in patient.scopes() {
        let inboxes = inboxes::list(&scope, &mut reader).await?;
        said.extend(inboxes.iter().map(|inbox| judge(inbox, patient.now())));
    }
    if said.is_empty() {
        said.push(Said::NoInbox);
    }
    Ok(said)
}

fn judge(inbox: &Inbox, now: Timestamp) -> Said {
    let (id, name, health) = (inbox.id, inbox.name.clone(), &inbox.health);
    if let Some(problem) = &health.credential_problem {
        return Said::InboxRefused { inbox: id, name, error_code: problem.code, why: problem.detail.clone() };
    }
    if let Some(problem) = &health.last_problem
        && now.since(problem.at) < RECENT
    {
        return Said::InboxFailed {
            inbox: id,
            name,
            at: problem.at,
            error_code: problem.code,
            why: problem.detail.clone(),
        };
    }
    match health.last_inbound_at {
        Some(at) => Said::InboxFine { inbox: id, name, at },
        None if health.forged_webhooks > 0 => {
            Said::InboxForged { inbox: id, name, count: health.forged_webhooks }
        }
        None => Said::InboxSilent { inbox: id, name },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centrala_domain::inbox::{ChannelConfig, Health, HealthProblem, WhatsappCloudConfig};

    #[test]
    fn inbox_is_called_by_its_name_and_the_worst_comes_first() {
        let now = Timestamp::from_unix_seconds(1_000_000);
        let problem = |at| HealthProblem { at, code: Some(190), detail: "expired".into() };
        let judged = |health| {
            let config = ChannelConfig::WhatsappCloud(WhatsappCloudConfig {
                base_url: String::new(),
                api_version: String::new(),
                app_id: String::new(),
                waba_id: String::new(),
                phone_number_id: String::new(),
                display_phone_number: None,
            });
            let id = centrala_domain::InboxId(uuid::Uuid::nil());
            let (name, endpoint) = ("Magazin".to_owned(), String::new());
            judge(&Inbox { id, name, config, endpoint, health, created_at: now }, now)
        };
        let heard = Some(now);
        let long_ago = Some(problem(now.minus(RECENT)));
        for (health, code) in [
            (Health::default(), "inbox_silent"),
            (Health { forged_webhooks: 2, ..Health::default() }, "inbox_forged"),
            (Health { forged_webhooks: 2, last_inbound_at: heard, ..Health::default() }, "inbox_fine"),
            (Health { last_problem: long_ago, last_inbound_at: heard, ..Health::default() }, "inbox_fine"),
            (
                Health { last_problem: Some(problem(now)), last_inbound_at: heard, ..Health::default() },
                "inbox_failed",
            ),
            (
                Health {
                    credential_problem: Some(problem(now)),
                    last_problem: Some(problem(now)),
                    ..Health::default()
                },
                "inbox_refused",
            ),
        ] {
            let said = judged(health);
            let value = serde_json::to_value(&said).unwrap();
            assert_eq!((&value["code"], &value["params"]["name"]), (&code.into(), &"Magazin".into()));
            assert!(said.seen().starts_with("Magazin: "), "{}", said.seen());
        }
    }
}
