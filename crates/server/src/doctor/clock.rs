//! Whether the clock is plausible: two looks at it and at the file system's must agree.

use std::time::{Duration, Instant};

use centrala_domain::Timestamp;

use super::{Patient, Said};

const PAUSE: Duration = Duration::from_millis(50);
/// More than this is no delay of a busy machine.
const DRIFT_MAX: Duration = Duration::from_secs(2);

pub(super) async fn check(patient: &Patient) -> centrala_store::Result<Vec<Said>> {
    let (before, began) = (patient.now(), Instant::now());
    tokio::time::sleep(PAUSE).await;
    let (after, passed) = (patient.now(), began.elapsed());
    let of_disk = file_time(patient).await;
    Ok(judge(before, after, of_disk, passed))
}

fn judge(before: Timestamp, after: Timestamp, of_disk: Option<Timestamp>, passed: Duration) -> Vec<Said> {
    let mut said = Vec::new();
    if after < before || after.since(before) > passed + DRIFT_MAX {
        said.push(Said::ClockJumps);
    }
    if let Some(of_disk) = of_disk {
        let drift = of_disk.since(after).max(after.since(of_disk));
        if drift > passed + DRIFT_MAX {
            said.push(Said::ClockDiffers { seconds: drift.as_secs() });
        }
    }
    if said.is_empty() {
        said.push(Said::ClockFine { at: after });
    }
    said
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_is_fine_when_it_goes_on_as_time_does() {
        let at = Timestamp::from_unix_seconds;
        let passed = Duration::from_millis(50);
        let fine = |at| vec![Said::ClockFine { at }];
        assert_eq!(judge(at(100), at(100), Some(at(101)), passed), fine(at(100)));
        assert_eq!(judge(at(100), at(102), None, passed), fine(at(102)));
        assert_eq!(judge(at(100), at(99), None, passed), [Said::ClockJumps]);
        assert_eq!(judge(at(100), at(103), None, passed), [Said::ClockJumps]);
        assert_eq!(judge(at(100), at(100), Some(at(90)), passed), [Said::ClockDiffers { seconds: 10 }]);
        assert_eq!(judge(at(100), at(100), Some(at(109)), passed), [Said::ClockDiffers { seconds: 9 }]);
    }
}
