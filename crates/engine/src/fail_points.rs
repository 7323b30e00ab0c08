//! Named points where the kill suite may end the process. They compile to nothing without the `fail-points`
//! feature.
//!
//! A name says what has just happened. The list is the suite's table: a point that is not in it is not tested.

/// Every point, in the order in which a message passes them.
pub const ALL: &[&str] = &[
    "writer_before_commit",
    "writer_after_commit",
    "projector_receipts_read",
    "projector_before_apply",
    "projector_after_apply",
    "worker_jobs_claimed",
    "send_before_begin",
    "send_after_begin",
    "send_after_call",
    "send_after_record",
    "media_before_fetch",
    "media_after_fetch",
    "media_after_keep",
    "media_after_record",
    "job_before_postpone",
];
