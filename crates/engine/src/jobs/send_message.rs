//! Sends a message of ours, once.
//!
//! The attempt is written and committed *before* the call; whoever finds a begun attempt without an end knows
//! that a process died during the call, and calls its outcome uncertain. Files are handed over before the
//! attempt begins, because that is safe to repeat.

use centrala_domain::MessageId;
use centrala_domain::permission::Scope;
use centrala_domain::ports::{CallError, Channel, OutgoingFile, SendOutcome};
use centrala_domain::{ChannelKind, inbox::Connection};
use centrala_store::jobs::ClaimedJob;
use centrala_store::{inboxes, media, messages};
use fail::fail_point;
use serde::Deserialize;

use super::{JobError, origin, payload};
use crate::commands::media::record_upload::RecordUpload;
use crate::commands::messages::begin_attempt::{BeginAttempt, Begun};
use crate::commands::messages::give_up::GiveUpMessage;
use crate::commands::messages::record_attempt::{RecordAttempt, Tried};
use crate::{Engine, backoff};

/// Name of the kind.
pub(crate) const KIND: &str = "send_message";

/// Tries to hand a file over before the message is called failed.
const UPLOAD_TRIES: u32 = 8;

#[derive(Deserialize)]
struct SendMessageJob {
    message: MessageId,
}

pub(crate) async fn run(engine: &Engine, job: &ClaimedJob) -> Result<(), JobError> {
    let SendMessageJob { message } = payload(job)?;
    let scope = Scope::system(job.workspace);
    let mut reader = engine.store.read().await?;
    let Some(found) = messages::find(&scope, &mut reader, message).await? else {
        return Ok(engine.store.finish_job(job.claim).await?);
    };
    let connection = inboxes::connection(&scope, &mut reader, found.inbox, &engine.vault)
        .await?
        .ok_or_else(|| JobError::GiveUp("the inbox is gone".into()))?;
    drop(reader);
    let channel = plugged_in(engine, connection.inbox.channel())?;
    if let Some(file) = found.content.media()
        && let Err(error) = hand_over(engine, job, channel.as_ref(), &connection, file).await?
    {
        if error.class.is_passing() && job.attempt < UPLOAD_TRIES {
            let after = backoff::after(job.attempt, error.retry_after);
            return Err(JobError::Retry { after, why: error.detail });
        }
        let outcome = Tried::NotBegun { code: error.code, detail: error.detail, class: error.class };
        return record(engine, job, message, outcome).await;
    }
    fail_point!("send_before_begin");
    // The window was open when the agent wrote. A clock that was set since does not know whether it closed: the channel
    // does.
    let is_steady = engine.store.clock().is_steady();
    let window_hours = if is_steady { channel.limits().window_hours } else { u32::MAX };
    let begun = engine.store.execute(origin(job), BeginAttempt { message, window_hours }).await?;
    let Begun::Go { outgoing, attempt } = begun else { return Ok(()) };
    fail_point!("send_after_begin");
    let outcome = channel.send(&connection, &outgoing).await;
    fail_point!("send_after_call");
    if let SendOutcome::Unknown { detail } = &outcome {
        tracing::warn!(message.id = %message, attempt, detail, "the outcome of a message is unknown");
    }
    record(engine, job, message, Tried::Called { attempt, outcome }).await?;
    fail_point!("send_after_record");
    Ok(())
}

/// The message ends, as failed or uncertain. A worker that does not hold the job any more has no say.
pub(crate) async fn given_up(engine: &Engine, job: &ClaimedJob, why: &str) -> Result<(), JobError> {
    let SendMessageJob { message } = payload(job)?;
    Ok(engine.store.execute(origin(job), GiveUpMessage { message, why: why.to_owned() }).await?)
}

async fn record(engine: &Engine, job: &ClaimedJob, message: MessageId, tried: Tried) -> Result<(), JobError> {
    let wait = match &tried {
        Tried::Called { attempt, outcome: SendOutcome::Refused { retry_after, .. } } => {
            backoff::after(*attempt, *retry_after)
        }
        Tried::Called { attempt, .. } => backoff::after(*attempt, None),
        Tried::NotBegun { .. } => std::time::Duration::ZERO,
    };
    engine.store.execute(origin(job), RecordAttempt { message, tried, wait }).await?;
    Ok(())
}

fn plugged_in(engine: &Engine, kind: ChannelKind) -> Result<&std::sync::Arc<dyn Channel>, JobError> {
    engine.channels.of(kind).ok_or_else(|| JobError::Retry {
        after: std::time::Duration::from_secs(60),
        why: "the channel is not plugged in".into(),
    })
}

/// Makes sure that the channel has the file.
async fn hand_over(
    engine: &Engine,
    job: &ClaimedJob,
    channel: &dyn Channel,
    connection: &Connection,
    id: centrala_domain::MediaId,
) -> Result<Result<(), CallError>, JobError> {
    let scope = Scope::system(job.workspace);
    let now = engine.store.clock().now();
    let mut reader = engine.store.read().await?;
    if media::find_upload(&scope, &mut reader, id, connection.inbox.id, now).await?.is_some() {
        return Ok(Ok(()));
    }
    let gone = || JobError::GiveUp("the file of the message is gone".into());
    let found = media::find(&scope, &mut reader, id).await?.ok_or_else(gone)?;
    drop(reader);
    let path = found.sha256.as_deref().and_then(|sha256| engine.blobs.path(sha256)).ok_or_else(gone)?;
    let size_bytes = u64::try_from(found.size_bytes.unwrap_or(0)).unwrap_or(0);
    let file = OutgoingFile { path, mime_type: found.mime_type, filename: found.filename, size_bytes };
    fail_point!("upload_before_call");
    let uploaded = match channel.upload(connection, &file).await {
        Ok(uploaded) => uploaded,
        Err(error) => return Ok(Err(error)),
    };
    fail_point!("upload_after_call");
    let command = RecordUpload {
        media: id,
        inbox: connection.inbox.id,
        upstream_id: uploaded.upstream_id,
        // A day of slack: better hand it over once more than send an id that expires under way.
        lives: std::time::Duration::from_secs(uploaded.lives_seconds.saturating_sub(86_400)),
    };
    engine.store.execute(origin(job), command).await?;
    fail_point!("upload_after_record");
    Ok(Ok(()))
}
