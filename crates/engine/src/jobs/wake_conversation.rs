//! Brings a snoozed conversation back at its time.

use centrala_domain::ConversationId;
use centrala_store::jobs::ClaimedJob;
use serde::Deserialize;

use super::{JobError, origin, payload};
use crate::Engine;
use crate::commands::conversations::wake::WakeConversation;

/// Name of the kind.
pub(crate) const KIND: &str = "wake_conversation";

#[derive(Deserialize)]
struct WakeConversationJob {
    conversation: ConversationId,
}

pub(crate) async fn run(engine: &Engine, job: &ClaimedJob) -> Result<(), JobError> {
    let WakeConversationJob { conversation } = payload(job)?;
    engine.store.execute(origin(job), WakeConversation { conversation }).await?;
    Ok(())
}
