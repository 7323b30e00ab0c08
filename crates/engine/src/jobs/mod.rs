//! Background work: slow or fallible things. A job never writes state itself; it ends by executing a command,
//! and it may run more than once with the same result.

pub mod fetch_media;
pub mod mark_read;
pub mod reconcile_message;
pub mod send_message;
pub mod wake_conversation;

use std::time::Duration;

use centrala_domain::agent::Actor;
use centrala_domain::permission::Scope;
use centrala_store::jobs::ClaimedJob;
use centrala_store::{Error, Origin};
use serde::de::DeserializeOwned;

use crate::Engine;
use crate::commands::conversations::ConversationError;

/// Why a job did not end by a command of its own.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It may work later.
    #[error("{why}")]
    Retry {
        /// After how long.
        after: Duration,
        /// Why.
        why: String,
    },
    /// It never will: it becomes a dead letter.
    #[error("{0}")]
    GiveUp(String),
}

impl From<Error> for JobError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable(_) | Error::Retry(_) => {
                Self::Retry { after: Duration::from_secs(1), why: error.to_string() }
            }
            Error::Conflict(_) | Error::Corrupt(_) => Self::GiveUp(error.to_string()),
        }
    }
}

impl From<ConversationError> for JobError {
    fn from(error: ConversationError) -> Self {
        match error {
            ConversationError::Store(error) => error.into(),
            ConversationError::NotFound
            | ConversationError::NotAnOwner
            | ConversationError::Refused(_)
            | ConversationError::AnotherIsOpen => Self::GiveUp(error.to_string()),
        }
    }
}

/// Runs a job by its kind. The line of a new kind goes here.
pub(crate) async fn run(engine: &Engine, job: &ClaimedJob) -> Result<(), JobError> {
    match job.kind.as_str() {
        send_message::KIND => send_message::run(engine, job).await,
        fetch_media::KIND => fetch_media::run(engine, job).await,
        mark_read::KIND => mark_read::run(engine, job).await,
        reconcile_message::KIND => reconcile_message::run(engine, job).await,
        wake_conversation::KIND => wake_conversation::run(engine, job).await,
        unknown => Err(JobError::GiveUp(format!("this program knows no job called {unknown}"))),
    }
}

/// What must be said when a job is given up, before it becomes a dead letter. Most kinds have nothing to say:
/// what they are about shows its own state.
pub(crate) async fn given_up(engine: &Engine, job: &ClaimedJob, why: &str) -> Result<(), JobError> {
    match job.kind.as_str() {
        send_message::KIND => send_message::given_up(engine, job, why).await,
        // However deep the reaction: an agent must know.
        reconcile_message::KIND => reconcile_message::run(engine, job).await,
        _ => Ok(()),
    }
}

/// On whose behalf a job's commands run: the product itself, one reaction deeper than the fact behind it.
pub(crate) fn origin(job: &ClaimedJob) -> Origin {
    Origin {
        scope: Scope::system(job.workspace),
        actor: Actor::System,
        trace: job.trace,
        cause: job.cause,
        depth: job.depth,
        job: Some(job.claim),
    }
}

/// Reads what the job needs to know.
pub(crate) fn payload<T: DeserializeOwned>(job: &ClaimedJob) -> Result<T, JobError> {
    serde_json::from_value(job.payload.clone())
        .map_err(|e| JobError::GiveUp(format!("unreadable payload: {e}")))
}
