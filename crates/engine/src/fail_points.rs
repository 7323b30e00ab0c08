//! Named points where the kill suite may end the process. They compile to nothing without the `fail-points`
//! feature.
//!
//! A name says what has just happened. The list is the suite's table: a point that is not in it is not tested.

/// Every point, in the order in which a message passes them.
pub const ALL: &[&str] = &[
    "webhook_before_keep",
    "webhook_after_keep",
    "writer_before_commit",
    "writer_after_commit",
    "projector_receipts_read",
    "projector_before_apply",
    "projector_after_apply",
    "worker_jobs_claimed",
    "upload_before_call",
    "upload_after_call",
    "upload_after_record",
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

/// Makes a point call `then` when it is passed for the `nth` time.
///
/// # Errors
/// When there is no such point.
#[cfg(feature = "fail-points")]
pub fn arm(point: &str, nth: u64, then: impl Fn() + Send + Sync + 'static) -> Result<(), String> {
    use std::sync::atomic::{AtomicU64, Ordering};

    if !ALL.contains(&point) {
        return Err(format!("there is no fail point called {point}"));
    }
    let passed = AtomicU64::new(0);
    fail::cfg_callback(point, move || {
        if passed.fetch_add(1, Ordering::SeqCst) + 1 == nth {
            then();
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Collects the names of the points in the sources of a folder.
    fn collect(folder: &Path, names: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, names);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with(file!())
            {
                let text = fs::read_to_string(&path).unwrap();
                let calls = text.split("fail_point!(\"").skip(1);
                names.extend(calls.filter_map(|call| call.split_once('"')).map(|(name, _)| name.to_owned()));
            }
        }
    }

    #[test]
    fn every_point_of_the_sources_stands_in_the_list_once_and_no_other() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut placed = Vec::new();
        for of in ["store", "engine", "server"] {
            collect(&crates.join(of).join("src"), &mut placed);
        }
        placed.retain(|name| !name.contains('\\'));
        placed.sort();
        let distinct: BTreeSet<&str> = placed.iter().map(String::as_str).collect();
        assert_eq!(distinct.len(), placed.len(), "a name stands for one place: {placed:?}");
        assert_eq!(distinct, ALL.iter().copied().collect());
    }
}
