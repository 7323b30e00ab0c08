//! Background work as the trace and operators see it. Not here: how it runs (`engine::worker`).

pub mod dead;

use centrala_domain::permission::Permission::Operate;
use centrala_domain::{JobId, Timestamp, TraceId};
use centrala_store::jobs::JobRecord;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::table::Route;

/// The routes of this area.
pub(super) fn routes() -> Vec<Route> {
    vec![Route::needs(Operate, routes!(dead::list_dead_jobs))]
}

/// A piece of background work, without what it needs to know.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JobOut {
    /// Id.
    #[schema(value_type = String, example = "job_0000000000000000000000000e")]
    id: JobId,
    /// Name of the kind.
    #[schema(example = "send_message")]
    kind: String,
    /// `ready`, `claimed`, `done`, `dead`.
    #[schema(example = "done")]
    state: String,
    /// When it is or was due.
    #[schema(value_type = String, format = DateTime)]
    run_at: Timestamp,
    /// How many times it was begun.
    attempts: i64,
    /// What went wrong last.
    last_error: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
    /// What set it in motion.
    #[schema(value_type = String, example = "trc_0000000000000000000000000e")]
    trace: TraceId,
}

impl From<JobRecord> for JobOut {
    fn from(job: JobRecord) -> Self {
        let JobRecord {
            id,
            kind,
            state,
            run_at,
            attempt,
            last_error,
            cause: _,
            trace,
            created_at,
            finished_at,
        } = job;
        Self { id, kind, state, run_at, attempts: attempt, last_error, created_at, finished_at, trace }
    }
}
