//! Tells the customer that his messages were read.

use std::time::Duration;

use centrala_domain::ConversationId;
use centrala_domain::permission::Scope;
use centrala_store::jobs::ClaimedJob;
use centrala_store::{conversations, inboxes, messages};
use serde::Deserialize;

use super::{JobError, payload};
use crate::{Engine, backoff};

/// Name of the kind.
pub(crate) const KIND: &str = "mark_read";

/// A tick that comes this late helps nobody.
const TRIES: u32 = 5;

#[derive(Deserialize)]
struct MarkReadJob {
    conversation: ConversationId,
}

pub(crate) async fn run(engine: &Engine, job: &ClaimedJob) -> Result<(), JobError> {
    let MarkReadJob { conversation } = payload(job)?;
    let scope = Scope::system(job.workspace);
    let mut reader = engine.store.read().await?;
    let found = conversations::find(&scope, &mut reader, conversation).await?;
    let newest = messages::last_inbound_upstream_id(&scope, &mut reader, conversation).await?;
    if let Some((found, newest)) = found.zip(newest) {
        let connection = inboxes::connection(&scope, &mut reader, found.inbox, &engine.vault).await?;
        drop(reader);
        if let Some(connection) = connection
            && let Some(channel) = engine.channels.of(connection.inbox.channel())
            && let Err(error) = channel.mark_read(&connection, &newest).await
        {
            if error.class.is_passing() && job.attempt < TRIES {
                let after = backoff::after(job.attempt, error.retry_after);
                return Err(JobError::Retry { after, why: error.detail });
            }
            return Err(JobError::GiveUp(error.detail));
        }
    }
    engine.store.finish_job(job.claim).await.map_err(|error| match JobError::from(error) {
        JobError::GiveUp(why) => JobError::Retry { after: Duration::from_secs(1), why },
        retry @ JobError::Retry { .. } => retry,
    })
}
