//! The time for proof is over: a message whose outcome is still unknown asks an agent for a decision. It is
//! never sent again by itself.

use centrala_domain::MessageId;
use centrala_store::jobs::ClaimedJob;
use serde::Deserialize;

use super::{JobError, origin, payload};
use crate::Engine;
use crate::commands::messages::ask_for_decision::AskForDecision;

/// Name of the kind.
pub(crate) const KIND: &str = "reconcile_message";

#[derive(Deserialize)]
struct ReconcileMessageJob {
    message: MessageId,
    attempt: u32,
}

pub(crate) async fn run(engine: &Engine, job: &ClaimedJob) -> Result<(), JobError> {
    let ReconcileMessageJob { message, attempt } = payload(job)?;
    engine.store.execute(origin(job), AskForDecision { message, attempt }).await?;
    Ok(())
}
