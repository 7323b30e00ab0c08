//! Work that was given up.

use centrala_store::jobs;

use super::{Patient, Said};

/// Counted at most.
const COUNTED: usize = 100;

pub(super) async fn check(patient: &Patient) -> centrala_store::Result<Vec<Said>> {
    let mut reader = patient.store.read().await?;
    let mut said = Vec::new();
    for scope in patient.scopes() {
        // One more than is counted tells whether there is more.
        let wanted = i64::try_from(COUNTED + 1).unwrap_or(i64::MAX);
        let dead = jobs::dead(&scope, &mut reader, wanted).await?;
        if let Some(newest) = dead.first() {
            said.push(Said::DeadJobs {
                count: dead.len().min(COUNTED) as u64,
                is_more: dead.len() > COUNTED,
                kind: newest.kind.clone(),
                why: newest.last_error.clone(),
            });
        }
    }
    if said.is_empty() {
        said.push(Said::NoDeadJobs);
    }
    Ok(said)
}
