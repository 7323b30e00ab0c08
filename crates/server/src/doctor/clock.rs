//! Whether the clock is plausible: two looks at it and at the file system's must agree.

use std::time::{Duration, Instant};

use centrala_domain::Timestamp;

use super::{Finding, Patient};

const NAME: &str = "clock";
const PAUSE: Duration = Duration::from_millis(50);
/// More than this is no delay of a busy machine.
const DRIFT_MAX: Duration = Duration::from_secs(2);
const REMEDY: &str = "Keep the clock with NTP: times of messages and the 24-hour window depend on it.";

pub(super) async fn check(patient: &Patient) -> centrala_store::Result<Vec<Finding>> {
    let (before, began) = (patient.now(), Instant::now());
    tokio::time::sleep(PAUSE).await;
    let (after, passed) = (patient.now(), began.elapsed());
    let mut findings = Vec::new();
    if after < before || after.since(before) > passed + DRIFT_MAX {
        findings.push(Finding::warning(NAME, "the clock jumps", REMEDY));
    }
    if let Some(of_disk) = file_time(patient).await {
        let drift = of_disk.since(after).max(after.since(of_disk));
        if drift > passed + DRIFT_MAX {
            let seen = format!("the clock and the file system differ by {} s", drift.as_secs());
            findings.push(Finding::warning(NAME, seen, REMEDY));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::fine(NAME, after.to_string()));
    }
    Ok(findings)
}

/// What time the file system gives a file that is written now.
async fn file_time(patient: &Patient) -> Option<Timestamp> {
    let path = patient.data_dir.join(".clock");
    tokio::fs::write(&path, b"").await.ok()?;
    let modified = tokio::fs::metadata(&path).await.ok()?.modified().ok()?;
    drop(tokio::fs::remove_file(&path).await);
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp(0).plus(since))
}
