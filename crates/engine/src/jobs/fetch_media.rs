//! Fetches the file of a customer's message. Apart from the message, with its own tries and a visible state.

use std::time::Duration;

use centrala_domain::MediaId;
use centrala_domain::media::MediaState;
use centrala_domain::permission::Scope;
use centrala_domain::ports::{CallError, FetchedFile};
use centrala_store::blobs::Blobs;
use centrala_store::jobs::ClaimedJob;
use centrala_store::{inboxes, media};
use fail::fail_point;
use serde::Deserialize;
use uuid::Uuid;

use super::{JobError, origin, payload};
use crate::commands::media::record_fetch::{FetchEnd, RecordFetch};
use crate::{Engine, backoff};

/// Name of the kind.
pub(crate) const KIND: &str = "fetch_media";

/// With the ladder of [`backoff`] this is more than a day of trying; the channel keeps a file for seven.
const TRIES: u32 = 300;

#[derive(Deserialize)]
struct FetchMediaJob {
    media: MediaId,
}

pub(crate) async fn run(engine: &Engine, job: &ClaimedJob) -> Result<(), JobError> {
    let FetchMediaJob { media: id } = payload(job)?;
    let end = match fetch(engine, job, id).await? {
        None => return Ok(engine.store.finish_job(job.claim).await?),
        Some(Ok(file)) => FetchEnd::Stored(file),
        Some(Err(error)) if error.is_gone => FetchEnd::Expired(error.detail),
        Some(Err(error)) if error.class.is_passing() && job.attempt < TRIES => {
            let after = backoff::after(job.attempt, error.retry_after);
            return Err(JobError::Retry { after, why: error.detail });
        }
        Some(Err(error)) => FetchEnd::Failed(error.detail),
    };
    engine.store.execute(origin(job), RecordFetch { media: id, end }).await?;
    fail_point!("media_after_record");
    Ok(())
}

/// None when there is nothing to fetch any more.
async fn fetch(
    engine: &Engine,
    job: &ClaimedJob,
    id: MediaId,
) -> Result<Option<Result<FetchedFile, CallError>>, JobError> {
    let scope = Scope::system(job.workspace);
    let mut reader = engine.store.read().await?;
    let Some(found) = media::find(&scope, &mut reader, id).await? else { return Ok(None) };
    let (MediaState::Pending, Some(inbox), Some(upstream_id)) = (found.state, found.inbox, found.upstream_id)
    else {
        return Ok(None);
    };
    let connection = inboxes::connection(&scope, &mut reader, inbox, &engine.vault).await?;
    drop(reader);
    let connection = connection.ok_or_else(|| JobError::GiveUp("the inbox is gone".into()))?;
    let channel = engine.channels.of(connection.inbox.channel()).ok_or_else(|| JobError::Retry {
        after: Duration::from_secs(60),
        why: "the channel is not plugged in".into(),
    })?;
    fail_point!("media_before_fetch");
    let incoming = engine.blobs.incoming(engine.store.new_id::<Uuid>());
    let fetched = match channel.fetch(&connection, &upstream_id, incoming.clone()).await {
        Ok(fetched) => fetched,
        Err(error) => return Ok(Some(Err(error))),
    };
    fail_point!("media_after_fetch");
    // The channel says what it received; what lies on our disk is what counts.
    let (sha256, size_bytes) = Blobs::measure(&incoming).await?;
    engine.blobs.keep(&incoming, &sha256).await?;
    fail_point!("media_after_keep");
    Ok(Some(Ok(FetchedFile { sha256, size_bytes, ..fetched })))
}
