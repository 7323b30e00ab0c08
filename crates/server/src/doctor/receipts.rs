//! Deliveries that wait to be applied, and those of which something could not be.

use std::time::Duration;

use centrala_store::receipts;

use super::{Patient, Said};

const LATE: Duration = Duration::from_secs(30);

pub(super) async fn check(patient: &Patient) -> centrala_store::Result<Vec<Said>> {
    let mut reader = patient.store.read().await?;
    let mut said = Vec::new();
    let (mut waiting, mut rejected) = (0, 0);
    for scope in patient.scopes() {
        let counts = receipts::counts(&scope, &mut reader).await?;
        waiting += counts.received;
        rejected += counts.rejected;
        let age = counts.oldest_received.map(|at| patient.now().since(at)).unwrap_or_default();
        if age > LATE {
            said.push(Said::ReceiptsLate { count: counts.received, seconds: age.as_secs() });
        }
    }
    if rejected > 0 {
        said.push(Said::ReceiptsRejected { count: rejected });
    }
    if said.is_empty() {
        said.push(Said::ReceiptsFine { waiting });
    }
    Ok(said)
}
